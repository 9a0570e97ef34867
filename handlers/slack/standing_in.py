"""Who stands in for whom, and who is away."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

from bot.absences import EXAMPLES
from bot.cards import standing_in as cards
from bot.cards.kit import section
from bot.edits import Wrong
from bot.handovers import REASON_LENGTH, Handover
from bot.names import tidy
from bot.refusal import Refusal
from handlers.desk import Desk
from handlers.flows.be_away import be_away, be_back
from handlers.flows.stand_in import StandingIn, begin_delegation, delegate, end_delegation
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Errors,
    Form,
    Opens,
    Pressed,
    Shows,
    Submitted,
    Typed,
    View,
)
from handlers.slack.forms import beside, date_input, modal, not_used, person_input, text_input

_LISTED = 30
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_BACK = {"off", "back", "stop", "none", "cancel"}


async def opens_form(call: Typed, desk: Desk) -> Answer:
    """`/budget delegate [@PERSON]`"""
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        seen = await begin_delegation(call.user, ledger, organisation, desk.now())
    named = _MENTION.search(call.words)
    unused = tidy(_MENTION.sub(" ", call.words, count=1))
    private = {"id": uuid4().hex[:10], "channel": call.channel}
    return Opens(_form(seen, {"to": named and named[1]}, private, unused))


def _form(
    seen: StandingIn, values: dict[str, Any], private: dict[str, Any], unused: str = ""
) -> View:
    running = [cards.running(one, seen.zone) for one in seen.running[:_LISTED]]
    if not seen.roles:
        blocks = running or [section("Nobody stands in any more.")]
        return modal(
            "delegation.form", "Stand in", [*not_used(unused), *blocks], submit=None, close="Close"
        )
    first = date.fromisoformat(values["first"]) if values.get("first") else seen.today
    last = date.fromisoformat(values["last"]) if values.get("last") else None
    hint = f"Days of {seen.zone}, both included; at most a year."
    blocks = [
        *not_used(unused),
        section(
            "Somebody who may do what you may, beside you: answer requests and reviews, change "
            f"contracts ({', '.join(seen.roles)}). Never their own requests."
        ),
        *running,
        person_input("to", "Who stands in for you", values.get("to")),
        date_input("first", "From", first),
        date_input("last", "Through", last, hint=hint),
        text_input("reason", "Why", values.get("reason"), limit=REASON_LENGTH),
    ]
    return modal("delegation.form", "Stand in", blocks, submit="Name them", private=private)


async def names(call: Submitted, desk: Desk) -> Answer:
    values = call.values
    missing = {
        name: f"Choose {what}."
        for name, what in (("to", "a person"), ("first", "a day"), ("last", "a day"))
        if not values.get(name)
    }
    if missing:
        return Errors(missing)
    handover = Handover(
        call.private["id"],
        call.user,
        values["to"],
        date.fromisoformat(values["first"]),
        date.fromisoformat(values["last"]),
        values.get("reason") or "",
    )
    try:
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            named, zone = await delegate(handover, ledger, organisation, desk.now())
    except Wrong as wrong:
        return Errors(beside(call.view, wrong))
    return Closes(cards.named(named, zone), call.private.get("channel"))


async def ends(call: Pressed, desk: Desk) -> Answer:
    """In the form, which then shows what is left."""
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await end_delegation(call.value, call.user, ledger, organisation, desk.now())
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        try:
            seen = await begin_delegation(call.user, ledger, organisation, desk.now())
        except Refusal:
            # They have no say of their own, and nothing is left to see.
            blocks = [section("Nobody stands in any more.")]
            return Shows(modal("delegation.form", "Stand in", blocks, submit=None, close="Close"))
    return Shows(_form(seen, call.values, call.private))


async def is_away(call: Typed, desk: Desk) -> Answer:
    """`/budget away [from DATE] to DATE`, `/budget away off`"""
    if not call.words:
        raise Refusal(f"From when to when are you away? Write it like {EXAMPLES}.")
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        if call.words.strip().lower() in _BACK:
            return await be_back(call.user, ledger, organisation, desk.now())
        return await be_away(call.words, call.user, ledger, organisation, desk.now())


COMMANDS: dict[str, Command] = {"delegate": opens_form, "away": is_away}
ACTIONS: dict[str, Action] = {"delegation.end": ends}
VIEWS: dict[str, Form] = {"delegation.form": names}
