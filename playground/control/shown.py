"""What the control API says: the workspace as one person sees it."""

from playground import rendered
from playground.link.delivery import Answer
from playground.shapes import Json, Message, View
from playground.slack import Slack


def view(slack: Slack, shown: View | None) -> Json | None:
    if shown is None:
        return None
    return rendered.view(shown, slack.workspace) | {"errors": shown.errors}


def views(slack: Slack, user: str) -> list[Json | None]:
    return [view(slack, v) for v in slack.workspace.stack(user).views]


def message(slack: Slack, said: Message) -> Json:
    about = {"channel": said.channel, "only_for": said.only_for, "thread_ts": said.thread_ts}
    return about | rendered.message(said, slack.workspace)


def ephemerals(slack: Slack, user: str, channel: str | None = None) -> list[Json]:
    found = [m for m in slack.workspace.ephemerals if m.only_for == user]
    return [message(slack, m) for m in found if channel in {None, m.channel}]


def answer(given: Answer | None) -> Json:
    """`status` is null where the bot was not told or did not answer; `failure` is Slack's word."""
    if given is None:
        return {"status": None, "answer": None, "failure": ""}
    status, body = given.status or None, given.body or None
    return {"status": status, "answer": body, "failure": given.failure}


def seen_by(slack: Slack, user: str, since: str = "") -> Json:
    """The person's ephemeral messages since that ts, and their open modals."""
    new = [m for m in ephemerals(slack, user) if m["ts"] > since]
    return {"ephemerals": new, "views": views(slack, user)}
