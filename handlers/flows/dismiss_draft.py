from datetime import datetime

from bot.cards import drafts as cards
from bot.changes import Change
from bot.drafts import DraftState, settled
from bot.policy import Organisation
from handlers.steps.open_draft import open_draft, settled_before
from handlers.steps.settle_draft import settle_draft
from storage.ledger import Ledger


async def dismiss_draft(
    draft: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> None:
    """Nothing will be asked. Raises Refusal."""
    found, workflow = await open_draft(ledger, organisation, draft, by, now)
    dismissed = settled(found, DraftState.DISMISSED, by, now)
    if not await settle_draft(ledger, dismissed, workflow, now):
        raise await settled_before(ledger, found, workflow, now)
    state = f"draft:{draft}"
    was, is_now = {state: found.state.value}, {state: dismissed.state.value}
    await ledger.changes.add(
        Change(now, by, workflow.key, f"dismissed the draft for {cards.what(found)}", was, is_now)
    )
