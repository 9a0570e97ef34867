from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerts import Quiet
from bot.falls import Fall
from bot.usage import Usage
from handlers.desk import Desk
from handlers.steps.announce_spend import announce_spend
from handlers.steps.quiet_marks import QuietMarks
from handlers.steps.tell_outranked import tell_outranked
from storage.ledger import Ledger
from storage.usage import Recorded


@dataclass(frozen=True)
class UsageRecorded:
    """`quiet` is to be remembered when, and only when, the ledger has committed."""

    recorded: Recorded
    quiet: Mapping[str, Quiet]


async def record_usage(
    batch: Sequence[Usage],
    ledger: Ledger,
    desk: Desk,
    now: datetime,
    marks: QuietMarks | None = None,
) -> UsageRecorded:
    """Book the batch and raise what it makes due. `marks` spare the look at workflows that are
    known to stay quiet. Raises TooMuch.
    """
    recorded = await ledger.usage.record(batch, now)
    if recorded.outranked:
        told = await desk.organisation(ledger)
        await tell_outranked(ledger, told, recorded.outranked, now)
    disturbed = (marks or QuietMarks()).disturbed(recorded, now)
    if not disturbed:
        return UsageRecorded(recorded, {})
    organisation = await desk.organisation(ledger)
    quiet = await announce_spend(
        ledger, organisation, disturbed, now, dict.fromkeys(disturbed, Fall.RECORDS)
    )
    return UsageRecorded(recorded, quiet)
