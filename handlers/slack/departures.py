"""Somebody left: Slack says so, and who is asked names the next owner."""

from collections.abc import Mapping

from bot.cards import departures as cards
from bot.cards.kit import section
from handlers.desk import Desk
from handlers.flows.name_owner import begin_naming, name_owner
from handlers.slack.acquaintance import read_person
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Event,
    Form,
    Happened,
    Opens,
    Pressed,
    Submitted,
)
from handlers.slack.forms import modal, person_input
from handlers.steps.note_account import note_account


async def account_changed(call: Happened, desk: Desk) -> Answer:
    """`user_change`: Slack's own word of an account; most are of people the bot has never met."""
    told = call.event.get("user")
    if not isinstance(told, Mapping) or not told.get("id"):
        return None
    person = read_person(told, str(told.get("team_id") or ""), desk.now())
    async with desk.database.ledger() as ledger:
        if person.deleted or await ledger.people.find(person.id) is not None:
            await note_account(person, ledger)
    return None


async def opens_naming(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        question, workflow = await begin_naming(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
    blocks = [
        section(cards.for_channel(question, workflow).text),
        person_input(
            "owner",
            "Owner",
            question.stand_in,
            hint="They answer for its bill from now on, and are told.",
        ),
    ]
    private = {"question": question.id, "channel": call.channel}
    return Opens(modal("owner.save", "Name an owner", blocks, submit="Name", private=private))


async def names(call: Submitted, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        card = await name_owner(
            call.private["question"],
            str(call.values.get("owner") or "") or None,
            by=call.user,
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
        )
    return Closes(card, call.private.get("channel"))


async def confirms(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        return await name_owner(
            call.value,
            None,
            by=call.user,
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
        )


ACTIONS: dict[str, Action] = {"owner.name": opens_naming, "owner.confirm": confirms}
VIEWS: dict[str, Form] = {"owner.save": names}
EVENTS: dict[str, Event] = {"user_change": account_changed}
