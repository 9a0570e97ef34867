from datetime import datetime

from bot.notices import Card
from bot.workflows import Workflow
from handlers.steps.tell_cap_change import CapChange
from storage.ledger import Ledger


async def tell_owner_reached(
    ledger: Ledger, workflow: Workflow, change: CapChange, notice: str, card: Card, now: datetime
) -> None:
    """Where a changed cap has reached a threshold, the notice is its alert, for the owner too."""
    if workflow.owner and any(watch.reached for watch in change.caps):
        await ledger.notices.post(f"{notice}:dm", workflow.owner, card, now)
