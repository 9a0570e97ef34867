"""What a person did in Slack, and what the bot answers at once. Past this page nobody knows
how Slack nests its payloads.
"""

import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from bot.notices import Card
from handlers.desk import Desk
from handlers.slack.forms import entered

View = dict[str, Any]
Payload = Mapping[str, Any]

_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Typed:
    """`/budget VERB words`. `words` is what follows the verb, as typed, with Slack's escapes."""

    user: str
    channel: str
    words: str
    trigger: str


@dataclass(frozen=True)
class Pressed:
    """A button or a choice: on a message (`channel`, `ts`), in a form (`view`), or, with neither,
    in the App Home.

    `value` is the button's value, or the chosen option's. `values` is what the form holds.
    """

    user: str
    action: str
    value: str
    trigger: str
    channel: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    view: View | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def private(self) -> dict[str, Any]:
        """What the form was opened with."""
        return _private(self.view)


@dataclass(frozen=True)
class Submitted:
    """A form. `values` by block id: text (stripped), option value, ISO date, id, or a list of them;
    None where nothing was entered.
    """

    user: str
    callback: str
    view: View
    values: dict[str, Any]

    @property
    def private(self) -> dict[str, Any]:
        """What the form was opened with."""
        return _private(self.view)


@dataclass(frozen=True)
class Heard:
    """A person's message in a channel, thread or DM. `event` is the same when Slack repeats it."""

    user: str
    channel: str
    ts: str
    thread_ts: str | None
    text: str
    event: str


@dataclass(frozen=True)
class Happened:
    """An event of Slack's that is no message. `event` is Slack's own inner payload, `id` is the
    same when Slack repeats it.
    """

    id: str
    type: str
    user: str
    event: Payload


@dataclass(frozen=True)
class Opens:
    """A new form."""

    view: View


@dataclass(frozen=True)
class Shows:
    """The form that is open shows this instead."""

    view: View


@dataclass(frozen=True)
class Errors:
    """The form stays, with a word beside each block id."""

    beside: dict[str, str]


@dataclass(frozen=True)
class Closes:
    """The form closes; `card` is a private word in `channel` (a DM where there is none)."""

    card: Card
    channel: str | None = None


@dataclass(frozen=True)
class Publishes:
    """The App Home of whoever acted."""

    view: View


Answer = Card | Opens | Shows | Errors | Closes | Publishes | None


@dataclass(frozen=True)
class Slow:
    """An answer for which Slack may not wait. `meanwhile` is said until it is there; where the
    process ends before, nothing was done. `in_place`: what was sent shows it, not another form.
    """

    work: Callable[[], Coroutine[Any, Any, Answer]]
    meanwhile: str
    in_place: bool = False


Command = Callable[[Typed, Desk], Awaitable[Answer | Slow]]
Action = Callable[[Pressed, Desk], Awaitable[Answer | Slow]]
Form = Callable[[Submitted, Desk], Awaitable[Answer | Slow]]
Listener = Callable[[Heard, Desk], Awaitable[None]]
Event = Callable[[Happened, Desk], Awaitable[Answer]]


def read_command(body: Payload) -> tuple[str, Typed]:
    """The verb in lower case ('' for a bare `/budget`) and the rest."""
    verb, _, words = _visible(str(body.get("text") or "")).strip().partition(" ")
    return verb.lower(), Typed(
        body["user_id"], body["channel_id"], words.strip(), body.get("trigger_id", "")
    )


def _visible(text: str) -> str:
    """As it was typed: Slack escapes `&`, `<` and `>`, a copied message carries joiners."""
    return unescape(text).replace("\u2060", "").replace("\u200b", "")


def read_press(body: Payload, action: Payload) -> Pressed:
    container = body.get("container") or {}
    view = _form(body.get("view"))
    return Pressed(
        user=body["user"]["id"],
        action=action["action_id"],
        value=_chosen(action),
        trigger=body.get("trigger_id", ""),
        channel=(body.get("channel") or {}).get("id") or container.get("channel_id"),
        ts=container.get("message_ts"),
        thread_ts=container.get("thread_ts") or (body.get("message") or {}).get("thread_ts"),
        view=view,
        values=entered(view) if view else {},
    )


def read_submission(body: Payload) -> Submitted:
    view = body["view"]
    return Submitted(body["user"]["id"], view["callback_id"], view, entered(view))


def read_message(body: Payload) -> Heard | None:
    """None for what no person said: the bot's own words, edits, joins."""
    event = body["event"]
    if event.get("subtype") not in {None, "thread_broadcast"} or event.get("bot_id"):
        return None
    if not event.get("user"):
        return None
    return Heard(
        event["user"],
        event["channel"],
        event["ts"],
        event.get("thread_ts"),
        str(event.get("text") or ""),
        body["event_id"],
    )


def page_of(value: str) -> int:
    """Where a list goes on, as its button says."""
    return number_of(value) or 0


def number_of(value: str) -> int | None:
    """Of a button; None for what is none, or too long for any row."""
    return int(value) if _NUMBER.fullmatch(value) else None


def _form(view: View | None) -> View | None:
    """The App Home is a view too, and nobody fills it in."""
    return view if view and view.get("type") == "modal" else None


def read_event(body: Payload) -> Happened:
    event = body["event"]
    user = event.get("user")
    return Happened(
        body["event_id"],
        event["type"],
        str(user.get("id", "") if isinstance(user, Mapping) else user or ""),
        event,
    )


def _chosen(action: Payload) -> str:
    option = action.get("selected_option") or {}
    return str(action.get("value") or option.get("value") or "")


def _private(view: View | None) -> dict[str, Any]:
    kept = (view or {}).get("private_metadata")
    found = json.loads(kept) if kept else {}
    return found if isinstance(found, dict) else {}
