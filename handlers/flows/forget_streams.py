from datetime import datetime, timedelta

from bot.charges import utc_day
from bot.policy import Organisation
from storage.ledger import Ledger

JOB = "forget streams"
# A counter is told every few seconds or minutes for as long as its program runs.
_SILENT = timedelta(days=35)


async def forget_streams(ledger: Ledger, _organisation: Organisation, now: datetime) -> None:
    """Once a day: cumulative counters of programs that have ended."""
    if await ledger.jobs.once_in(JOB, utc_day(now), now):
        await ledger.telemetry_streams.forget(now - _SILENT)
