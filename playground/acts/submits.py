from dataclasses import dataclass, field, replace

from playground import rendered, windows
from playground.acts import filling, who
from playground.acts.impossible import Impossible
from playground.api.views import read_view
from playground.link.delivery import Answer, Delivery
from playground.refusals import Refused
from playground.shapes import Json, Person, View
from playground.slack import Slack

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a submitted form.

    `outcome` is closed, updated, pushed, cleared, errors (by block_id; `by` says whether the
    client or the bot found them) or error (no answer, or one that Slack refuses).
    """

    outcome: str
    errors: dict[str, str] = field(default_factory=dict)
    by: str = "bot"
    problem: str = ""


def top(slack: Slack, user: str, id_: str | None = None) -> View:
    """The visible modal, or the one with this id below it."""
    views = [v for v in slack.workspace.stack(user).views if id_ in {None, v.id}]
    if not views:
        raise Impossible(f"{user} has no such modal open")
    return views[-1]


async def submit(slack: Slack, user: str, given: Json, *, force: bool = False) -> Outcome:
    """Fill in the top modal and press its button; `force` skips what the client checks."""
    person = who.person(slack, user)
    view = fill(slack, user, given)
    wrong = {} if force else filling.refusals(view.body["blocks"], view.values)
    outcome = Outcome(outcome="errors", errors=wrong, by="client")
    if not wrong:
        outcome = _outcome(slack, person, view, await _send(slack, person, view))
    _show_errors(slack, person.id, view, outcome)
    return outcome


def fill(slack: Slack, user: str, given: Json) -> View:
    view = top(slack, user)
    values = filling.fill(slack.workspace, view.body["blocks"], view.values, given)
    view = replace(view, values=values)
    slack.workspace.keep_view(user, view)
    return view


async def _send(slack: Slack, person: Person, view: View) -> Answer:
    payload = {
        "type": "view_submission",
        **who.common(slack, person),
        "trigger_id": slack.triggers.make(person.id, view.id),
        "view": rendered.view(view, slack.workspace),
        "response_urls": [],
    }
    return await slack.link.send(Delivery(kind="interactive", payload=payload))


def _outcome(slack: Slack, person: Person, view: View, answer: Answer) -> Outcome:
    if not answer.ok:
        return Outcome(outcome="error", problem=f"{TROUBLE} ({answer.failure})")
    try:
        return _obeyed(slack, person.id, view, answer.body)
    except Refused as refused:
        return Outcome(outcome="error", problem=f"{refused.answer}")


def _obeyed(slack: Slack, user: str, view: View, body: Json) -> Outcome:
    """Slack's `response_action`."""
    action = body.get("response_action")
    if action == "errors":
        return _errors(view, body.get("errors"))
    if action == "update":
        _replace(slack, user, view, read_view(body.get("view"), "modal"))
        return Outcome(outcome="updated")
    if action == "push":
        windows.push(slack.workspace, user, read_view(body.get("view"), "modal"))
        return Outcome(outcome="pushed")
    windows.pop(slack.workspace, user, everything=action == "clear")
    return Outcome(outcome="cleared" if action == "clear" else "closed")


def _replace(slack: Slack, user: str, view: View, body: Json) -> None:
    slack.workspace.keep_view(user, windows.changed(view, body))


def _errors(view: View, errors: object) -> Outcome:
    inputs = {b["block_id"] for b in view.body["blocks"] if b["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        return Outcome(outcome="error", problem=f"errors for no input block of this form: {errors}")
    return Outcome(outcome="errors", errors=errors)


def _show_errors(slack: Slack, user: str, view: View, outcome: Outcome) -> None:
    if outcome.outcome == "errors":
        slack.workspace.keep_view(user, replace(view, errors=outcome.errors))


async def close(slack: Slack, user: str) -> Answer | None:
    """Close the top modal; the bot hears of it if the view asked for `notify_on_close`."""
    person, view = who.person(slack, user), top(slack, user)
    everything = bool(view.body.get("clear_on_close"))
    windows.pop(slack.workspace, user, everything=everything)
    if not view.body.get("notify_on_close"):
        return None
    payload = {
        "type": "view_closed",
        **who.common(slack, person),
        "view": rendered.view(view, slack.workspace),
        "is_cleared": everything,
    }
    return await slack.link.send(Delivery(kind="interactive", payload=payload))
