from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.adjustments import (
    NOBODYS_WORDS,
    Adjustment,
    Entry,
    Weighed,
    check_may_adjust,
    read_entry,
    usage_of,
)
from bot.attribution import UNATTRIBUTED
from bot.calendars import nobodys
from bot.caps import running_period
from bot.cards import adjustments as cards
from bot.falls import Fall
from bot.freshness import Feed
from bot.notices import Card
from bot.periods import CapKind, Period, local_day, period_of, zone_now
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.book_adjustment import book_adjustment, note_adjustment
from handlers.steps.feeds_of import feeds_of
from handlers.steps.find_workflow import find_workflow
from handlers.steps.read_feeds import read_all_feeds
from storage.ledger import Ledger

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Adjustable:
    """What a form offers: whose spend, and up to which day. `picked`, or `is_nobodys`: what was
    named already.
    """

    workflows: Sequence[Workflow]
    today: date
    picked: Workflow | None = None
    is_nobodys: bool = False


async def begin_adjustment(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Adjustable:
    """`words`: the workflow that was named, if any. Raises Refusal before anything is typed."""
    check_may_adjust(by, organisation, now)
    is_nobodys = words.lower() in NOBODYS_WORDS
    named = words and not is_nobodys
    picked = await find_workflow(ledger, words, by=by, verb="adjust") if named else None
    zone = zone_now(picked.calendars, now) if picked else organisation.policy.timezone
    workflows = await ledger.workflows.all()
    return Adjustable(workflows, local_day(now, zone), picked, is_nobodys)


async def doubt_adjustment(
    entry: Entry, ledger: Ledger, organisation: Organisation, now: datetime
) -> str:
    """What is odd about it, to be looked at once; mostly nothing. Raises Refusal, Wrong."""
    check_may_adjust(entry.by, organisation, now)
    workflow, zone = await _whose(entry, ledger, organisation, now)
    adjustment = read_entry(entry, zone, now)
    calendars = (workflow or nobodys(organisation.policy)).calendars
    this_month = period_of(CapKind.MONTHLY, now, calendars)
    month = period_of(CapKind.MONTHLY, adjustment.at, calendars)
    weighed = Weighed(
        adjustment,
        month,
        await ledger.spend.of(entry.workflow or UNATTRIBUTED, month),
        period_of(CapKind.MONTHLY, this_month.start - _TICK, calendars).start,
        await _feeds(ledger, workflow, month, now),
    )
    return cards.doubt(weighed, workflow, zone) if weighed.is_odd else ""


async def _feeds(
    ledger: Ledger, workflow: Workflow | None, month: Period, now: datetime
) -> tuple[Feed, ...]:
    if workflow is None:
        return await read_all_feeds(ledger, month.start, now)
    return await feeds_of(ledger, workflow, now)


async def adjust_spend(
    entry: Entry, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Booked once under its id, however often it is sent. Raises Refusal, Wrong."""
    who = check_may_adjust(entry.by, organisation, now)
    workflow, zone = await _whose(entry, ledger, organisation, now)
    adjustment = read_entry(entry, zone, now)
    if await ledger.adjustments.add(adjustment):
        await book_adjustment(ledger, organisation, usage_of(adjustment), Fall.ADJUSTED, now)
        await note_adjustment(ledger, adjustment, "booked an adjustment of", who, now)
    return cards.booked(
        await ledger.adjustments.get(adjustment.id),
        workflow,
        zone,
        late=_is_late(adjustment, workflow, now),
    )


async def _whose(
    entry: Entry, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Workflow | None, str]:
    """And where its days begin."""
    if not entry.workflow:
        return None, organisation.policy.timezone
    workflow = await ledger.workflows.get(entry.workflow)
    return workflow, zone_now(workflow.calendars, now)


def _is_late(adjustment: Adjustment, workflow: Workflow | None, now: datetime) -> bool:
    """The week it belongs to is closed."""
    if workflow is None:
        return False
    return adjustment.at < running_period(workflow, CapKind.WEEKLY, now).start
