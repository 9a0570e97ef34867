from datetime import datetime

from bot.cards import reassignments as cards
from bot.cards.changed import said
from bot.cards.terms import titled
from bot.notices import Card
from bot.policy import Organisation
from bot.reassignments import (
    Reassignment,
    State,
    check_may_reassign,
    check_named,
    ended,
    handed_over,
    overtaken,
    read_note,
)
from bot.refusal import TooLate
from bot.workflows import Workflow
from handlers.steps.end_reassignment import close_reassignment, end_reassignment
from handlers.steps.save_workflow import save_workflow
from handlers.steps.show_new_owner import show_new_owner
from storage.ledger import Ledger

_WHY = "Say why: whoever asked is told."


async def accept_workflow(
    offer_id: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """The person who was named becomes the owner. Raises Refusal: who may, who was first, or what
    has happened meanwhile.
    """
    offer = await ledger.reassignments.get(offer_id)
    check_named(by, offer)
    before = await _open_one(ledger, offer)
    if overtaken(offer, before) or offer.expires_at <= now:
        # Said on its message and to those it concerns; the refusal would undo that.
        await close_reassignment(ledger, organisation, before, now)
        return said(f"That comes too late: {_why_late(offer, before)}")
    after, accepted = handed_over(before, offer), ended(offer, State.ACCEPTED, by, now)
    if not await end_reassignment(ledger, organisation, accepted, after, now):
        raise await _too_late(ledger, offer)
    saved = await save_workflow(
        ledger, before, after, by=by, what="took it over", reason=offer.note, now=now
    )
    await show_new_owner(ledger, organisation, saved, now)
    return said(f"You own {titled(saved)} now, and answer for its bill.")


async def check_decline(offer_id: str, *, by: str, ledger: Ledger) -> tuple[Reassignment, Workflow]:
    """What would be declined. Raises Refusal, before a form is filled for nothing."""
    offer = await ledger.reassignments.get(offer_id)
    check_named(by, offer)
    return offer, await _open_one(ledger, offer)


async def decline_workflow(
    offer_id: str,
    reason: str | None,
    *,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> None:
    """It stays where it is, and whoever asked is told why. Raises Refusal."""
    offer = await ledger.reassignments.get(offer_id)
    check_named(by, offer)
    why = read_note(reason, field="reason", needed=_WHY)
    workflow = await _open_one(ledger, offer)
    declined = ended(offer, State.DECLINED, by, now, answer=why)
    if not await end_reassignment(ledger, organisation, declined, workflow, now):
        raise await _too_late(ledger, offer)


async def take_offer_back(
    offer_id: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> None:
    """By whoever asked, or anybody who might have. Raises Refusal."""
    offer = await ledger.reassignments.get(offer_id)
    workflow = await ledger.workflows.get(offer.workflow)
    if by != offer.asked_by:
        team = await ledger.teams.get(workflow.team)
        check_may_reassign(by, workflow, team, organisation, now)
    gone = ended(offer, State.WITHDRAWN, by, now)
    if not await end_reassignment(ledger, organisation, gone, workflow, now):
        raise await _too_late(ledger, offer)


async def _open_one(ledger: Ledger, offer: Reassignment) -> Workflow:
    """Raises TooLate."""
    if offer.state is not State.WAITING:
        raise await _too_late(ledger, offer)
    return await ledger.workflows.get(offer.workflow)


def _why_late(offer: Reassignment, workflow: Workflow) -> str:
    why = overtaken(offer, workflow)
    return f"{why}." if why else "it has expired. Whoever asked may ask again."


async def _too_late(ledger: Ledger, offer: Reassignment) -> TooLate:
    """How it had ended."""
    now_is = await ledger.reassignments.get(offer.id)
    workflow = await ledger.workflows.get(offer.workflow)
    return TooLate(cards.settled(now_is, workflow).text)
