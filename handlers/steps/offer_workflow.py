from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from bot.cards import reassignments as cards
from bot.cards.kit import said
from bot.changes import Change
from bot.delegations import Acting
from bot.periods import zone_now
from bot.policy import Organisation
from bot.reassignments import (
    OfferedAlready,
    Reassignment,
    check_may_reassign,
    check_offer,
    expiry,
    read_note,
)
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.end_reassignment import close_reassignment
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


@dataclass(frozen=True)
class Offer:
    """Who asks whom to take over which workflow; in the review of the notice `under`, or not."""

    workflow: str
    by: str
    to: str
    note: str = ""
    under: str | None = None


@dataclass(frozen=True)
class Offered:
    offer: Reassignment
    workflow: Workflow
    zone: str


async def offer_workflow(
    wanted: Offer, ledger: Ledger, organisation: Organisation, now: datetime
) -> Offered:
    """Ask another person to own it; nothing changes until they accept. Raises Refusal naming the
    field: who may, who cannot, that one is open already.
    """
    workflow = await ledger.workflows.get(wanted.workflow)
    team = await ledger.teams.get(workflow.team)
    acting = check_may_reassign(wanted.by, workflow, team, organisation, now)
    check_offer(workflow, wanted.to, await ledger.people.find(wanted.to))
    await close_reassignment(ledger, organisation, workflow, now)
    offer = await _offer(ledger, wanted, acting, workflow, now)
    if not await ledger.reassignments.add(offer):
        raise await _offered_already(ledger, workflow, now)
    await _tell(ledger, organisation, offer, workflow, now)
    return Offered(offer, workflow, zone_now(workflow.calendars, now))


async def _offer(
    ledger: Ledger, wanted: Offer, acting: Acting, workflow: Workflow, now: datetime
) -> Reassignment:
    review = await ledger.reviews.find(wanted.under) if wanted.under else None
    return Reassignment(
        id=uuid4().hex[:10],
        workflow=workflow.key,
        owner=workflow.owner,
        to=wanted.to,
        asked_by=wanted.by,
        instead_of=acting.instead_of,
        note=read_note(wanted.note, field="note"),
        asked_at=now,
        expires_at=expiry(workflow, now),
        channel=review.channel if review else await channel_of(ledger, workflow),
        under=review.notice if review else None,
    )


async def _offered_already(ledger: Ledger, workflow: Workflow, now: datetime) -> OfferedAlready:
    waiting = await ledger.reassignments.open(workflow.key)
    if waiting is None:
        return OfferedAlready("Somebody was asked just now. Look again.", field="to")
    at = said(waiting.expires_at, zone_now(workflow.calendars, now))
    return OfferedAlready(cards.waits_already(waiting, at), field="to")


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    offer: Reassignment,
    workflow: Workflow,
    now: datetime,
) -> None:
    zone = zone_now(workflow.calendars, now)
    about = {f"reassignment:{offer.id}": offer.state.value}
    what = "asked somebody to take it over"
    change = Change(now, offer.asked_by, workflow.key, what, {}, about, offer.note)
    await ledger.changes.add(change)
    card = cards.offered(offer, workflow, zone)
    await ledger.notices.post(offer.notice, offer.channel, card, now, under=offer.under)
    asked = Word(f"{offer.notice}:to", offer.to, cards.offered_to(offer, workflow, zone))
    await tell_person(ledger, organisation, asked, now)
