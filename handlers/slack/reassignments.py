"""Asking somebody else to own a workflow: a form, a typed reply in a review, and the answer."""

from typing import Any

from bot.cards import reassignments as cards
from bot.cards.kit import section
from bot.cards.terms import titled
from bot.names import tidy
from bot.notices import Card
from bot.reassign_replies import sounds_meant
from bot.reassignments import EXPIRES_DAYS, NOTE_LENGTH, Reassignment
from bot.refusal import Refusal
from bot.reviews import place_of
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.answer_reassignment import (
    accept_workflow,
    check_decline,
    decline_workflow,
    take_offer_back,
)
from handlers.flows.begin_offer import begin_offer
from handlers.flows.hear_reassign import hear_reassign
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Form,
    Heard,
    Listener,
    Opens,
    Pressed,
    Submitted,
    Typed,
    View,
)
from handlers.slack.forms import modal, person_input, text_input
from handlers.steps.offer_workflow import Offer, offer_workflow
from handlers.steps.take_reply import Words


async def typed(call: Typed, desk: Desk) -> Answer:
    """`/budget reassign KEY`"""
    return await _opens(call.words, call.user, {"channel": call.channel}, desk)


async def pressed(call: Pressed, desk: Desk) -> Answer:
    """From a review's reply, whose notice names the review and the workflow, or from a contract,
    which names only the workflow.
    """
    under, key = place_of(call.value)
    return await _opens(key, call.user, {"channel": call.channel, "under": under}, desk)


async def _opens(words: str, by: str, private: dict[str, Any], desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        workflow = await begin_offer(
            words, by=by, ledger=ledger, organisation=organisation, now=desk.now()
        )
    return Opens(offer_form(workflow, {**private, "key": workflow.key}))


def offer_form(workflow: Workflow, private: dict[str, Any]) -> View:
    about = (
        f"{titled(workflow)}\nThe person is asked by direct message. Until they accept, its owner "
        f"stays; without an answer it expires after {EXPIRES_DAYS} days."
    )
    blocks = (
        section(about),
        person_input("to", "Who should own it?"),
        text_input("note", "Note", hint="They see it.", optional=True, limit=NOTE_LENGTH),
    )
    return modal("reassignment.form", "Reassign", blocks, submit="Ask them", private=private)


async def offers(call: Submitted, desk: Desk) -> Answer:
    private, to = call.private, call.values.get("to")
    if not to:
        raise Refusal("Choose who should own it.", field="to")
    note = call.values.get("note") or ""
    wanted = Offer(private["key"], call.user, to, note, private.get("under"))
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        done = await offer_workflow(wanted, ledger, organisation, desk.now())
    card = cards.confirmed(done.offer, done.workflow, done.zone)
    return Closes(card, private.get("channel"))


async def accepts(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        return await accept_workflow(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )


async def declining(call: Pressed, desk: Desk) -> Answer:
    """The form that asks why."""
    async with desk.database.reading() as ledger:
        offer, workflow = await check_decline(call.value, by=call.user, ledger=ledger)
    return Opens(decline_form(offer, workflow, call.channel))


def decline_form(offer: Reassignment, workflow: Workflow, channel: str | None) -> View:
    blocks = (
        section(f"{titled(workflow)} stays as it is."),
        text_input("reason", "Why not", hint="Whoever asked is told.", limit=NOTE_LENGTH),
    )
    private = {"offer": offer.id, "channel": channel}
    return modal("reassignment.decline", "Decline", blocks, submit="Decline", private=private)


async def declines(call: Submitted, desk: Desk) -> Answer:
    private = call.private
    try:
        async with desk.database.ledger() as ledger:
            await decline_workflow(
                private["offer"],
                call.values.get("reason"),
                by=call.user,
                ledger=ledger,
                organisation=await desk.organisation(ledger),
                now=desk.now(),
            )
    except Refusal as refusal:
        if refusal.field == "reason":
            raise
        # Nothing that is written in the form would help.
        return Closes(Card(str(refusal)), private.get("channel"))
    return None


async def takes_back(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await take_offer_back(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
    return None


async def hears(call: Heard, desk: Desk) -> None:
    """`reassign @mia` in a review's thread."""
    if call.thread_ts is None or not sounds_meant(tidy(call.text)):
        return
    async with desk.database.reading() as ledger:
        notice = await ledger.notices.key_of(call.channel, call.thread_ts)
        if notice is None or await ledger.reviews.find(notice) is None:
            return
    words = Words(call.user, call.channel, call.ts, call.text)
    async with desk.database.ledger() as ledger:
        # A message is heard by more than one listener, and Slack may repeat it.
        if await ledger.jobs.first_time(f"reassign:{call.channel}:{call.ts}", desk.now()):
            organisation = await desk.organisation(ledger)
            await hear_reassign(notice, words, ledger, organisation, desk.now())


COMMANDS: dict[str, Command] = {"reassign": typed}
ACTIONS: dict[str, Action] = {
    "reassignment.open": pressed,
    "workflow.reassign": pressed,
    "reassignment.accept": accepts,
    "reassignment.decline": declining,
    "reassignment.withdraw": takes_back,
}
VIEWS: dict[str, Form] = {
    "reassignment.form": offers,
    "reassignment.decline": declines,
}
LISTENERS: list[Listener] = [hears]
