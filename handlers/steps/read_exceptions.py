from datetime import datetime

from bot.cards.exception_notes import Exceptional, exception_notes
from bot.periods import zone_now
from bot.workflows import Workflow
from storage.ledger import Ledger


async def read_exceptions(ledger: Ledger, workflow: Workflow, now: datetime) -> tuple[str, ...]:
    """What stands on the contract card of overrides, of what came of them, and of shorter ways."""
    overrides = await ledger.overrides.of(workflow.key)
    requests = {one.id: one for one in await ledger.requests.granted(workflow.key)}
    outcomes = {one.request: one for one in await ledger.outcomes.of(workflow.key)}
    broken = {one.request: one for one in await ledger.break_glass.of(workflow.key)}
    known = [
        Exceptional(
            one, requests.get(one.request), outcomes.get(one.request), broken.get(one.request)
        )
        for one in reversed(overrides)
    ]
    zone = zone_now(workflow.calendars, now) if workflow.calendars else "UTC"
    return exception_notes(await ledger.proven.of(workflow.key), known, zone, now)
