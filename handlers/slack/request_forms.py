"""The forms of a request: what stands in them, and what was entered."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from bot.askable import LENGTHS
from bot.cards import requests as cards
from bot.cards.requests import Asking
from bot.money import as_typed, read_usd, say
from bot.names import tidy
from bot.notices import Block
from bot.periods import CapKind
from bot.refusal import Refusal
from bot.requests import RequestDraft, Until
from bot.workflows import Workflow
from handlers.slack.calls import View
from handlers.slack.forms import choice_input, modal, text_input

UNTIL = (
    (Until.PERIOD.value, "The end of that cap's period"),
    (Until.WEEK.value, "The end of this week"),
    (Until.MONTH.value, "The end of this month"),
    (Until.DAYS.value, "A number of days from approval"),
    (Until.PERMANENT.value, "For good: raise the base cap"),
)
_CHOICES = {"cap": frozenset(map(str, CapKind)), "until": frozenset(map(str, Until))}
_REQUIRED = {
    "workflow": "Choose a workflow.",
    "cap": "Choose a cap.",
    "amount": "Say how much more you need.",
    "until": "Choose until when.",
    "reason": "Say why: the approver decides by it.",
    "outcome": "Name what will show that it was worth it.",
    "target": "Say how much of it, and by when.",
}


_USD = r"((?:us\$|\$|usd\s?)?\d[\d,]*(?:\.\d+)?(?:\s?(?:usd|\$|dollars?))?)"
_AMOUNT_FIRST = re.compile(rf"{_USD}(?:\s+(?:for\s+)?(.+))?", re.IGNORECASE)
_AMOUNT_LAST = re.compile(rf"(.+?)\s+{_USD}", re.IGNORECASE)


def split_amount(words: str) -> tuple[str, str]:
    """The rest, and the amount that stands before or behind it; '' where none does."""
    text = tidy(words)
    if first := _AMOUNT_FIRST.fullmatch(text):
        return first[2] or "", first[1][:40]
    last = _AMOUNT_LAST.fullmatch(text)
    return (last[1], last[2][:40]) if last else (text, "")


def request_form(
    offered: Sequence[Workflow],
    chosen: Workflow | None,
    values: dict[str, Any],
    private: dict[str, Any],
) -> View:
    """`values`: what stands in it already, by field. `private`: the request's `id`, under which it
    is asked once, however often it is sent, and the `channel` it was typed in.
    """
    return modal(
        "request.form",
        "Ask for more",
        (*_how_much(offered, chosen, values), *what_for(values)),
        submit="Send request",
        private=private,
    )


def _how_much(
    offered: Sequence[Workflow], chosen: Workflow | None, values: dict[str, Any]
) -> tuple[Block, ...]:
    workflows = [(one.key, f"{one.name} ({one.key})") for one in offered]
    return (
        choice_input("workflow", "Workflow", workflows, chosen.key if chosen else None, live=True),
        choice_input("cap", "Which cap", _caps(chosen), _cap(chosen, values)),
        *how_long(values),
    )


def how_long(values: dict[str, Any]) -> tuple[Block, ...]:
    """The amount, and until when."""
    return (
        text_input(
            "amount", "How much more, in USD", values.get("amount"), placeholder="100", limit=40
        ),
        choice_input("until", "Until", UNTIL, values.get("until") or Until.PERIOD.value),
        text_input(
            "days",
            "Days",
            str(values.get("days") or ""),
            hint="Only with “A number of days”, as many as its class may have at a time.",
            optional=True,
            limit=10,
        ),
    )


def what_for(values: dict[str, Any]) -> tuple[Block, ...]:
    return (
        _words("reason", "Why", values, long=True),
        _words("outcome", "Measurable outcome", values, hint="What will show it was worth it?"),
        _words("target", "Target", values, hint="How much of it, and by when?"),
        _words("if_refused", "What happens if this is refused?", values, optional=True),
    )


def _words(
    name: str,
    label: str,
    values: dict[str, Any],
    *,
    hint: str | None = None,
    optional: bool = False,
    long: bool = False,
) -> Block:
    return text_input(
        name,
        label,
        values.get(name),
        hint=hint,
        optional=optional,
        long=long,
        limit=LENGTHS[name],
    )


def _caps(chosen: Workflow | None) -> list[tuple[str, str]]:
    if chosen is None:
        return [(kind.value, f"{kind.value.capitalize()} cap") for kind in CapKind]
    return [
        (kind.value, f"{kind.value.capitalize()} cap, {say(cap)}")
        for kind, cap in chosen.caps.present()
    ]


def _cap(chosen: Workflow | None, values: dict[str, Any]) -> str | None:
    offered = _caps(chosen)
    wanted: str | None = values.get("cap")
    return offered[0][0] if len(offered) == 1 else wanted


def wrong_entries(values: dict[str, Any]) -> dict[str, str]:
    """What cannot be read at all, by field."""
    return dict(_wrong(values))


def _wrong(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, problem in _REQUIRED.items():
        entered = tidy(values.get(name) or "")
        if not entered or entered not in _CHOICES.get(name, {entered}):
            yield name, problem
        elif name == "amount":
            yield from _not_money(entered)
    yield from _wrong_days(values)


def _not_money(text: str) -> Iterator[tuple[str, str]]:
    try:
        read_usd(text)
    except Refusal as refusal:
        yield "amount", str(refusal)


def _wrong_days(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    days, counted = values.get("days"), values.get("until") == Until.DAYS.value
    if days and not counted:
        yield "days", "Choose “A number of days” above, or leave this empty."
    if counted and read_days(values) is None:
        yield "days", "Write a whole number of days, like 7."


def read_days(values: dict[str, Any]) -> int | None:
    text = tidy(values.get("days") or "")
    return int(text) if text.isascii() and text.isdigit() else None


def readable(values: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any] | None:
    """The entries with the wrong ones replaced by what breaks no rule; None without a cap."""
    if {"workflow", "cap"} & wrong.keys():
        return None
    return {**values, **{name: _HARMLESS[name] for name in wrong if name in _HARMLESS}}


_HARMLESS = {"amount": "1", "until": Until.WEEK.value, "days": "1"}


def read_form(values: dict[str, Any], by: str) -> RequestDraft:
    """Only what has no `wrong_entries`, or is `readable` all the same."""
    return RequestDraft(
        workflow=values["workflow"],
        cap=CapKind(values["cap"]),
        amount=read_usd(tidy(values["amount"]), field="amount"),
        until=Until(values["until"]),
        days=read_days(values) if values["until"] == Until.DAYS.value else None,
        asked_by=by,
        **{name: tidy(values.get(name) or "") for name in LENGTHS},
    )


def preview_form(asking: Asking, private: dict[str, Any]) -> View:
    """What will be asked, where it is more than meets the eye."""
    return modal(
        "request.preview",
        "Ask for more",
        cards.preview(asking),
        submit="Send request",
        close="Back",
        private={**private, **kept(asking.draft)},
    )


def kept(draft: RequestDraft) -> dict[str, Any]:
    """A draft as a form keeps it; nothing of who asks, which Slack says again."""
    plain = {
        **vars(draft),
        "cap": draft.cap.value,
        "until": draft.until.value,
        "amount": as_typed(draft.amount),
    }
    return {name: value for name, value in plain.items() if value and name != "asked_by"}


def unkept(private: dict[str, Any], by: str) -> RequestDraft:
    words = {name: value for name, value in private.items() if name not in {"id", "channel"}}
    return RequestDraft(
        **words
        | {
            "cap": CapKind(private["cap"]),
            "until": Until(private["until"]),
            "amount": Decimal(private["amount"]),
            "asked_by": by,
            "reason": private.get("reason", ""),
        }
    )
