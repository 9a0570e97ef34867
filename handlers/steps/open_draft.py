from datetime import datetime

from bot.cards.drafts import ended_already
from bot.drafts import Draft, DraftState, NotOpen, check_addressed
from bot.periods import zone_now
from bot.policy import Organisation
from bot.workflows import Workflow
from storage.ledger import Ledger


async def open_draft(
    ledger: Ledger, organisation: Organisation, draft: str, by: str, now: datetime
) -> tuple[Draft, Workflow]:
    """The draft whose button was pressed. Raises Refusal: unknown, not theirs, or settled."""
    found = await ledger.drafts.get(draft)
    workflow = await ledger.workflows.get(found.workflow)
    check_addressed(by, found, workflow, organisation, now)
    if found.state is not DraftState.OPEN:
        raise await settled_before(ledger, found, workflow, now)
    if found.period.end <= now:
        raise NotOpen(f"That {found.period.kind.noun} is over, so this draft has lapsed.")
    return found, workflow


async def settled_before(
    ledger: Ledger, draft: Draft, workflow: Workflow, now: datetime
) -> NotOpen:
    """Who was first, and when."""
    ended = await ledger.drafts.get(draft.id)
    return NotOpen(ended_already(ended, zone_now(workflow.calendars, now)))
