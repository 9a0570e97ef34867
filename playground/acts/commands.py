from playground.acts import answers, typed, who
from playground.link.delivery import Answer, Delivery
from playground.shapes import Channel, Json, Person
from playground.slack import Slack


async def command(slack: Slack, user: str, channel: str, text: str) -> Answer:
    """A slash command, as typed: "/budget help"."""
    person, place = who.person(slack, user), who.channel(slack, channel)
    name, _, rest = text.strip().partition(" ")
    if not _exists(slack, name):
        answers.whisper(slack, user, place.id, f"{name} is not a valid command.")
        return Answer(failure="unknown_command")
    path = answers.response_url(slack, user, place.id)
    payload = _payload(slack, person, place, path) | {
        "command": name,
        "text": _text(slack, name, rest.strip()),
    }
    answer = await slack.link.send(Delivery(kind="slash_commands", payload=payload))
    _show(slack, name, path, answer)
    return answer


def commands(slack: Slack) -> list[Json]:
    """The manifest's slash commands."""
    found: list[Json] = slack.manifest.get("features", {}).get("slash_commands", [])
    return found


def _exists(slack: Slack, name: str) -> bool:
    return slack.config.manifest is None or name in {c["command"] for c in commands(slack)}


def _text(slack: Slack, name: str, text: str) -> str:
    """With `should_escape`, Slack sends names as ids and `&`, `<`, `>` as entities."""
    escaping = {c["command"] for c in commands(slack) if c.get("should_escape")}
    if slack.config.manifest is None or name in escaping:
        return typed.escaped(slack.workspace, text)
    return text


def _payload(slack: Slack, person: Person, place: Channel, path: str) -> Json:
    space = slack.workspace
    return {
        "token": "playground",
        "team_id": space.team.id,
        "team_domain": space.team.domain,
        "channel_id": place.id,
        "channel_name": who.place_name(place),
        "user_id": person.id,
        "user_name": person.name,
        "api_app_id": space.bot.app_id,
        "is_enterprise_install": "false",
        "response_url": slack.address.of(path),
        "trigger_id": slack.triggers.make(person.id),
    }


def _show(slack: Slack, name: str, path: str, answer: Answer) -> None:
    """A body in the bot's acknowledgement is a message; no acknowledgement is an error."""
    to = slack.workspace.response_urls[path.rsplit("/", 1)[1]]
    if not answer.ok:
        text = f"{name} failed with the error “{answers.failure(answer)}”"
        answers.whisper(slack, to.user, to.channel, text)
        return
    if answers.has_something_to_say(answer.body):
        answers.checked(slack, to, answer.body)
