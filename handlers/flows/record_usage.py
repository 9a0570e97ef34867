from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerts import Quiet
from bot.usage import Usage
from handlers.desk import Desk
from handlers.steps.quiet_marks import QuietMarks
from handlers.steps.raise_alerts import raise_alerts
from storage.ledger import Ledger
from storage.usage import Recorded

# Workflows. A statement holds a limited number of parameters.
_AT_ONCE = 500


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
    disturbed = (marks or QuietMarks()).disturbed(recorded, now)
    if not disturbed:
        return UsageRecorded(recorded, {})
    organisation = await desk.organisation(ledger)
    quiet: dict[str, Quiet] = {}
    keys = sorted(disturbed)
    for at in range(0, len(keys), _AT_ONCE):
        quiet |= await raise_alerts(ledger, organisation, keys[at : at + _AT_ONCE], now)
    return UsageRecorded(recorded, quiet)
