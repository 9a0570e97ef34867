from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.attribution import UNATTRIBUTED, UNMETERED
from bot.periods import BEGINNING, Calendar
from bot.policy import Organisation
from bot.reconciliation import Day, Entry, Line, Metered, Settlement, settle, stretches
from bot.sources import RECONCILED, Kind
from bot.usage import Grain, Usage
from bot.workflows import Workflow
from handlers.steps.announce_spend import announce_spend
from handlers.steps.read_billing import Billing, read_billing
from storage.ledger import Ledger
from storage.reconciled import DayOfAccount
from storage.sources import OURS

# Lines, hours and records, of which each day is worth some: what keeps SQLite's one writer from
# others for a tenth of a second or two.
_MOST = 500
_LEAST = 50


@dataclass(frozen=True)
class _Registry:
    billing: Billing
    workflows: Mapping[str, Workflow]
    calendars: tuple[Calendar, ...]

    def of(self, key: str) -> Workflow:
        known = self.workflows.get(key) or Workflow(key, "", "")
        return replace(known, calendars=known.calendars or self.calendars)


async def reconcile_bills(ledger: Ledger, organisation: Organisation, now: datetime) -> bool:
    """Settle the next days whose bill or realtime records have changed, and book what that comes
    to. Whether more may wait.
    """
    day = await ledger.reconciliations.take(now)
    if day is None:
        return False
    registry = await _registry(ledger, organisation)
    batch: list[Usage] = []
    looked_at = 0
    while day is not None:
        found, size = await _settled(ledger, registry, day, now)
        batch += found
        looked_at += max(size, _LEAST)
        day = await ledger.reconciliations.take(now) if looked_at < _MOST else None
    if batch:
        recorded = await ledger.usage.record(batch, now)
        await announce_spend(ledger, organisation, recorded.workflows | recorded.corrected, now)
    return True


async def _registry(ledger: Ledger, organisation: Organisation) -> _Registry:
    policy = organisation.policy
    workflows = {one.key: one for one in await ledger.workflows.all()}
    return _Registry(
        await read_billing(ledger, organisation, workflows),
        workflows,
        (Calendar(BEGINNING, policy.timezone, policy.week_start),),
    )


async def _settled(
    ledger: Ledger, registry: _Registry, day: DayOfAccount, now: datetime
) -> tuple[list[Usage], int]:
    """What is to be booked for it, beside what is booked already; and how much was looked at."""
    lines = await _lines(ledger, registry, day)
    metered = await ledger.reconciliations.metered(day.account, day.day)
    booked = await ledger.reconciliations.booked(day.account, day.day)
    came_to = settle(_day(registry, lines, metered, day.day, now))
    if lines:
        await ledger.reconciliations.save(day.account, day.day, came_to, now)
    else:
        await ledger.reconciliations.forget(day.account, day.day)
    news = [_usage(day.account, entry) for entry in _news(came_to, booked)]
    return news, len(lines) + len(metered) + len(booked)


async def _lines(ledger: Ledger, registry: _Registry, day: DayOfAccount) -> list[Line]:
    charges = await ledger.charges.of_day(day.account, day.day)
    return [
        Line(charge, registry.billing.whose(charge.trace(source)))
        for source, charge in charges
        if (source, day.account) in registry.billing.sources
    ]


def _day(
    registry: _Registry,
    lines: Sequence[Line],
    metered: Sequence[Metered],
    start: datetime,
    now: datetime,
) -> Day:
    keys = {UNATTRIBUTED, UNMETERED, *(line.workflow for line in lines)}
    keys |= {hour.workflow for hour in metered}
    calendars = {key: stretches(registry.of(key), start, now) for key in keys}
    return Day(start, lines, metered, calendars)


def _news(came_to: Settlement, booked: Mapping[str, Entry]) -> Iterable[Entry]:
    """What is new or another; what does not count any more becomes nothing."""
    wanted = {entry.id: entry for entry in came_to.entries}
    yield from (entry for key, entry in wanted.items() if booked.get(key) != entry)
    yield from (
        replace(entry, nanos=0)
        for key, entry in booked.items()
        if key not in wanted and entry.nanos
    )


def _usage(account: str, entry: Entry) -> Usage:
    return Usage(
        f"{RECONCILED}{account}",
        entry.id,
        entry.workflow,
        entry.at,
        account,
        entry.model,
        None,
        None,
        None,
        None,
        entry.nanos,
        entry.basis,
        entry.person,
        "",
        (),
        OURS,
        clues=entry.clues,
        grain=Grain.BUCKET,
        kind=Kind.BILL,
        assigned=True,
    )
