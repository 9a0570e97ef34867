"""The keys of a retired workflow: said to be revoked, or given to somebody else to do."""

from datetime import date

from bot.cards import revocations as cards
from bot.cards.changed import said
from bot.cards.kit import section
from bot.cards.terms import day_said
from bot.notices import Card
from bot.refusal import Refusal
from bot.revocations import Revocation
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.settle_revocation import assign_revocation, check_settle, confirm_revoked
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Form,
    Opens,
    Pressed,
    Submitted,
    View,
)
from handlers.slack.forms import date_input, modal, person_input


async def confirms(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await confirm_revoked(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
    return None


async def assigning(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        one, workflow = await check_settle(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
    return Opens(assign_form(one, workflow, call.channel))


def assign_form(one: Revocation, workflow: Workflow, channel: str | None) -> View:
    blocks = (
        section(cards.before_assigning(one, workflow)),
        person_input("person", "Who revokes its keys?", one.person),
        date_input("due_on", "By when", one.due_on),
    )
    private = {"key": workflow.key, "channel": channel}
    return modal("revocation.assign", "Revoke its keys", blocks, submit="Assign", private=private)


async def assigns(call: Submitted, desk: Desk) -> Answer:
    private, person = call.private, call.values.get("person")
    if not person:
        raise Refusal("Choose who revokes them.", field="person")
    due_on = _day(call.values.get("due_on"))
    try:
        async with desk.database.ledger() as ledger:
            one = await assign_revocation(
                private["key"],
                person,
                due_on,
                by=call.user,
                ledger=ledger,
                organisation=await desk.organisation(ledger),
                now=desk.now(),
            )
    except Refusal as refusal:
        if refusal.field:
            raise
        # Nothing that is written in the form would help.
        return Closes(Card(str(refusal)), private.get("channel"))
    word = f"<@{one.person}> revokes the keys of `{one.workflow}` by {day_said(one.due_on)}."
    return Closes(said(word), private.get("channel"))


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise Refusal("Choose a day.", field="due_on") from None


ACTIONS: dict[str, Action] = {"revocation.done": confirms, "revocation.assign": assigning}
VIEWS: dict[str, Form] = {"revocation.assign": assigns}
