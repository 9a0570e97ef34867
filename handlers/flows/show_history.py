from datetime import datetime

from bot.cards import history as cards
from bot.notices import Card
from bot.periods import zone_now
from handlers.steps.find_workflow import find_workflow
from storage.ledger import Ledger

_READ = 40


async def show_history(words: str, *, by: str, start: int, ledger: Ledger, now: datetime) -> Card:
    """The audit trail from the `start`-th newest entry on. Raises Refusal."""
    workflow = await find_workflow(ledger, words, by=by, verb="history")
    changes = await ledger.changes.of(workflow.key, limit=_READ + 1, skip=start)
    zone = zone_now(workflow.calendars, now)
    more = len(changes) > _READ
    return cards.history(workflow, changes[:_READ], zone, start=start, more=more)
