from playground import blockkit
from playground.api.arguments import Arguments
from playground.refusals import Refused, invalid
from playground.shapes import Json
from playground.slack import Slack


def auth_test(slack: Slack, args: Arguments) -> Json:
    space = slack.workspace
    return {
        "url": args.maybe("_base"),
        "team": space.team.name,
        "user": space.bot.name,
        "team_id": space.team.id,
        "user_id": space.bot.user_id,
        "bot_id": space.bot.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(slack: Slack, args: Arguments) -> Json:
    """`apps.connections.open`: a WebSocket URL that works once."""
    base = args.maybe("_base").replace("http", "ws", 1)
    return {"url": f"{base}socket?ticket={slack.sockets.ticket()}"}


def validate_blocks(slack: Slack, args: Arguments) -> Json:  # noqa: ARG001 - one shape for all
    problems = _problems(args)
    if problems:
        raise invalid("invalid_blocks", problems)
    return {}


def _problems(args: Arguments) -> list[str]:
    if "view" in args:
        view = args.json("view")
        return blockkit.problems(view, "home" if view.get("type") == "home" else "modal")
    if "message" in args:
        return blockkit.problems(args.json("message"), "message")
    if "blocks" not in args:
        raise Refused("invalid_arguments")
    return blockkit.problems({"blocks": args.json("blocks")}, "message")
