"""Booking by hand what no source tells of, and taking it back."""

import re
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

from bot.adjustments import NOBODY, REASON_LENGTH, Entry, read_amount
from bot.cards import adjustments as cards
from bot.cards.kit import section
from bot.edits import Wrong
from bot.money import ZERO, NotMoney
from bot.names import nearest, splits, tidy
from bot.refusal import Refusal, Unknown
from handlers.desk import Desk
from handlers.flows.adjust_spend import (
    Adjustable,
    adjust_spend,
    begin_adjustment,
    doubt_adjustment,
)
from handlers.flows.show_adjustments import show_adjustments
from handlers.flows.undo_adjustment import undo_adjustment
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Errors,
    Form,
    Opens,
    Pressed,
    Submitted,
    Typed,
    View,
    page_of,
)
from handlers.slack.forms import beside, choice_input, date_input, modal, text_input

_LIST = {"list", "show", "all"}
# One place of a hundred is for nobody.
_OFFERED = 99
_AMOUNT = re.compile(
    r"(?<!\S)([-+−–]?\s?(?:us\$|\$)?\s?[-+−–]?\d[\d,]*(?:\.\d+)?)(?!\S)", re.IGNORECASE
)
_MISSING = {
    "workflow": "Choose a workflow, or nobody.",
    "amount": "Say how much: 120 is spend, -120 is a credit.",
    "day": "Choose the day it belongs to.",
    "reason": "Say why: whoever looks at the figures later reads it.",
}


async def typed(call: Typed, desk: Desk) -> Answer:
    """`/budget adjust [KEY] [AMOUNT]`, `/budget adjust list`"""
    if call.words.lower() in _LIST:
        return await _listed(0, call.user, desk)
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        begin = partial(
            begin_adjustment,
            by=call.user,
            ledger=ledger,
            organisation=organisation,
            now=desk.now(),
        )
        seen, amount = await _meant(tidy(call.words), begin)
    private = {"id": uuid4().hex[:10], "channel": call.channel}
    return Opens(_form(seen, amount, private))


async def _meant(
    words: str, begin: Callable[[str], Awaitable[Adjustable]]
) -> tuple[Adjustable, str]:
    """A workflow may be called by a number, too: all that was typed comes first."""
    try:
        return await begin(words), ""
    except Unknown:
        key, amount = _split(words)
    try:
        seen = await begin(key)
    except Unknown as unknown:
        found = await _beside_a_name(words, begin)
        if found is None:
            raise _hinted(unknown, words) from unknown
        return found
    if amount and read_amount(amount) == ZERO:
        raise NotMoney("An adjustment of $0.00 changes nothing.")
    return seen, amount


def _hinted(unknown: Unknown, words: str) -> Unknown:
    """What may mean the list is told where that is."""
    if nearest(words.lower(), (*_LIST, "undo")) is None:
        return unknown
    return Unknown(f"{unknown} `/budget adjust list` shows what was booked, with *Undo*.")


async def _beside_a_name(
    words: str, begin: Callable[[str], Awaitable[Adjustable]]
) -> tuple[Adjustable, str] | None:
    """Where a workflow is named: the rest is the amount. Raises NotMoney where it is none."""
    for name, amount in splits(words):
        try:
            seen = await begin(name)
        except Unknown:
            continue
        read_amount(amount)
        return seen, amount
    return None


def _split(words: str) -> tuple[str, str]:
    """The rest, and the amount that stands somewhere in it."""
    found = list(_AMOUNT.finditer(words))
    if not found:
        return words, ""
    last = found[-1]
    rest = f"{words[: last.start()]} {words[last.end() :]}"
    return tidy(rest), last[1]


def _form(seen: Adjustable, amount: str, private: dict[str, Any]) -> View:
    first = [seen.picked] if seen.picked else []
    chosen = seen.picked.key if seen.picked else NOBODY if seen.is_nobodys else None
    offered = {one.key: f"{one.name} ({one.key})" for one in (*first, *seen.workflows)}
    choices = [(NOBODY, "Nobody (unattributed)"), *list(offered.items())[:_OFFERED]]
    blocks = [
        section(cards.HELP),
        choice_input("workflow", "Whose", choices, chosen),
        text_input(
            "amount",
            "Amount in USD",
            amount,
            placeholder="120, or -120 for a credit",
            limit=40,
        ),
        date_input(
            "day", "Day", seen.today, hint="A day where the workflow's team is, until today."
        ),
        text_input("reason", "Why", long=True, limit=REASON_LENGTH),
    ]
    return modal("adjustment.form", "Adjustment", blocks, submit="Book it", private=private)


async def books(call: Submitted, desk: Desk) -> Answer:
    wrong = _unread(call.values)
    if wrong:
        return Errors(wrong)
    values = {name: call.values[name] for name in _MISSING}
    entry = _entry(values, call)
    try:
        async with desk.database.reading() as ledger:
            organisation = await desk.organisation(ledger)
            doubt = await doubt_adjustment(entry, ledger, organisation, desk.now())
        return Opens(_sure_form(doubt, values, call)) if doubt else await _booked(entry, call, desk)
    except Wrong as refused:
        return Errors(beside(call.view, refused))


async def books_all_the_same(call: Submitted, desk: Desk) -> Answer:
    return await _booked(_entry(call.private["entered"], call), call, desk)


async def _booked(entry: Entry, call: Submitted, desk: Desk) -> Closes:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        card = await adjust_spend(entry, ledger, organisation, desk.now())
    return Closes(card, call.private.get("channel"))


def _sure_form(doubt: str, values: dict[str, Any], call: Submitted) -> View:
    """On top of the form, which stays as it was filled in."""
    private = {**call.private, "entered": values}
    blocks = [section(doubt)]
    return modal(
        "adjustment.sure", "Adjustment", blocks, submit="Book it", close="Back", private=private
    )


def _unread(values: dict[str, Any]) -> dict[str, str]:
    """What is missing or cannot be read, by field."""
    wrong = {name: said for name, said in _MISSING.items() if not tidy(values.get(name) or "")}
    if "amount" not in wrong:
        try:
            read_amount(values["amount"])
        except Refusal as refusal:
            wrong["amount"] = str(refusal)
    if "day" not in wrong and _day(values["day"]) is None:
        wrong["day"] = _MISSING["day"]
    return wrong


def _entry(values: dict[str, Any], call: Submitted) -> Entry:
    return Entry(
        call.private["id"],
        "" if values["workflow"] == NOBODY else values["workflow"],
        read_amount(values["amount"]),
        date.fromisoformat(values["day"]),
        values["reason"],
        call.user,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def undoes(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        return await undo_adjustment(call.value, call.user, ledger, organisation, desk.now())


async def lists_older(call: Pressed, desk: Desk) -> Answer:
    return await _listed(page_of(call.value), call.user, desk)


async def _listed(start: int, by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_adjustments(
            by=by, start=start, ledger=ledger, organisation=organisation, now=desk.now()
        )


COMMANDS: dict[str, Command] = {"adjust": typed}
ACTIONS: dict[str, Action] = {"adjustment.undo": undoes, "adjustment.list": lists_older}
VIEWS: dict[str, Form] = {
    "adjustment.form": books,
    "adjustment.sure": books_all_the_same,
}
