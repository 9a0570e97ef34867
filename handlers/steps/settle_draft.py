from datetime import datetime

from bot.cards import drafts as cards
from bot.drafts import Draft, DraftState, settled
from bot.periods import zone_now
from bot.requests import Request
from bot.workflows import Workflow
from storage.ledger import Ledger


async def settle_draft(ledger: Ledger, draft: Draft, workflow: Workflow, now: datetime) -> bool:
    """Save how it ended, and let its message say so; False when it had ended before."""
    if not await ledger.drafts.settle(draft):
        return False
    card = cards.settled(draft, workflow, zone_now(workflow.calendars, now))
    await ledger.notices.update(draft.notice, card, now)
    return True


async def settle_drafts_of(
    ledger: Ledger, request: Request, workflow: Workflow, now: datetime
) -> None:
    """More is asked for: what was drafted for the same cap is not needed any more."""
    for draft in await ledger.drafts.open_for(request.workflow, request.cap):
        sent = settled(draft, DraftState.SENT, request.asked_by, now)
        await settle_draft(ledger, sent, workflow, now)
