from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from bot.attribution import UNATTRIBUTED, UNMETERED
from bot.calendars import counting
from bot.charges import DAY, Stretch
from bot.falls import Fall, of_bill, of_recount
from bot.policy import Organisation, Policy
from bot.reconciliation import Day, Entry, Line, Metered, Settlement, settle, stretches
from bot.sources import RECONCILED, Kind
from bot.usage import Grain, Usage
from bot.workflows import Workflow
from handlers.steps.announce_spend import announce_spend
from handlers.steps.read_billing import Billing, read_billing
from storage.ledger import Ledger
from storage.reconciled import DayOfAccount, WorkedOut
from storage.sources import OURS

# Lines, hours and records, of which each day is worth some.
_MOST = 500
_LEAST = 50
# Of one transaction: what keeps SQLite's one writer from others for a tenth of a second or two.
_BOOKED_AT_ONCE = 300


@dataclass(frozen=True)
class _Registry:
    billing: Billing
    workflows: Mapping[str, Workflow]
    policy: Policy

    def of(self, key: str) -> Workflow:
        return counting(self.workflows.get(key) or Workflow(key, "", ""), self.policy)


async def reconcile_bills(ledger: Ledger, organisation: Organisation, now: datetime) -> bool:
    """Settle the next days whose bill or realtime records have changed, and book what that comes
    to. Whether more may wait.

    What days come to is worked out before anything is written, so that a rehearsal has done it:
    whoever writes then finds it, unless the day was marked or the registry changed since.
    """
    days = await _worked_out(ledger, organisation, now)
    batch: list[Usage] = []
    why: dict[str, Fall] = {}
    for day, known in days.items():
        due = await _due(ledger, day, known, _BOOKED_AT_ONCE - len(batch))
        if due.fallen:
            why |= dict.fromkeys(due.fallen, await _why(ledger, day, known))
        if due.is_whole:
            await _close(ledger, day, known, now)
        batch += [_usage(day.account, entry) for entry in due.entries]
        if len(batch) >= _BOOKED_AT_ONCE:
            break
    if batch:
        recorded = await ledger.usage.record(batch, now)
        changed = recorded.workflows | recorded.corrected
        await announce_spend(ledger, organisation, changed, now, why)
    return bool(days)


async def _worked_out(
    ledger: Ledger, organisation: Organisation, now: datetime
) -> dict[DayOfAccount, WorkedOut]:
    """As many of the days that are due as one transaction looks at."""
    due = await ledger.reconciliations.due(now, _MOST // _LEAST)
    version = await ledger.organisation.version() if due else 0
    known = ledger.reconciliations.worked_out
    found: dict[DayOfAccount, WorkedOut] = {}
    registry: _Registry | None = None
    looked_at = 0
    for day in due:
        one = known.get((day, version))
        if one is None:
            registry = registry or await _registry(ledger, organisation)
            one = await _work_out(ledger, registry, day, now)
        found[day] = one
        looked_at += max(one.size, _LEAST)
        if looked_at >= _MOST:
            break
    known.clear()
    known.update({(day, version): one for day, one in found.items()})
    return found


async def _registry(ledger: Ledger, organisation: Organisation) -> _Registry:
    workflows = {one.key: one for one in await ledger.workflows.all()}
    return _Registry(
        await read_billing(ledger, organisation, workflows), workflows, organisation.policy
    )


async def _work_out(
    ledger: Ledger, registry: _Registry, day: DayOfAccount, now: datetime
) -> WorkedOut:
    lines = await _lines(ledger, registry, day)
    metered = await ledger.reconciliations.metered(day.account, day.day)
    came_to = settle(_day(registry, lines, metered, day.day, now))
    size = len(lines) + len(metered) + len(came_to.entries)
    return WorkedOut(came_to, bool(lines), size)


@dataclass(frozen=True)
class _Due:
    """What is to be booked of a day now, and the workflows of which something costs less by it."""

    entries: Sequence[Entry]
    fallen: frozenset[str]
    is_whole: bool


async def _due(ledger: Ledger, day: DayOfAccount, known: WorkedOut, most: int) -> _Due:
    """What is to be booked for it, beside what is booked already: workflow by workflow, each of
    them whole. Where that is more than `most` the day stays marked, and the rest follows.
    """
    booked = await ledger.reconciliations.booked(day.account, day.day)
    news = sorted(_news(known.came_to, booked), key=attrgetter("workflow", "id"))
    due = _whole_workflows(news, most)
    was = {key: entry.nanos for key, entry in booked.items()}
    fallen = frozenset(one.workflow for one in due if one.nanos < was.get(one.id, 0))
    return _Due(due, fallen, len(due) == len(news))


async def _why(ledger: Ledger, day: DayOfAccount, known: WorkedOut) -> Fall:
    """The bill, unless it is only read otherwise since records are counted anew."""
    recount = await ledger.recounts.last()
    if recount and recount.wanted_by != OURS and recount.has_marked(day.marked_at):
        return of_recount(recount.wanted_by)
    was_billed = await ledger.reconciliations.between(day.day, day.day + DAY, day.account)
    return of_bill(was_billed=bool(was_billed), is_billed=known.is_billed)


async def _close(ledger: Ledger, day: DayOfAccount, known: WorkedOut, now: datetime) -> None:
    await ledger.reconciliations.unmark(day)
    if known.is_billed:
        await ledger.reconciliations.save(day.account, day.day, known.came_to, now)
    else:
        await ledger.reconciliations.forget(day.account, day.day)


def _whole_workflows(news: Sequence[Entry], most: int) -> Sequence[Entry]:
    """The first of them, and all of the last one's workflow."""
    end = min(max(most, 1), len(news))
    while 0 < end < len(news) and news[end].workflow == news[end - 1].workflow:
        end += 1
    return news[:end]


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
    alike: dict[tuple[Any, ...], tuple[Stretch, ...]] = {}
    calendars = {}
    for key in keys:
        workflow = registry.of(key)
        # Most workflows have the same periods.
        same = workflow.calendars, workflow.activated_at
        if same not in alike:
            alike[same] = stretches(workflow, start, now)
        calendars[key] = alike[same]
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
