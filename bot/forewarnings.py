"""What is said ahead of a cap: a forecast that two looks agree on, a burn rate, a spike."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.alerts import Alert
from bot.money import to_nanos
from bot.periods import CapKind, Period

# A forecast moves with every hour of work; a second look within the same morning confirms nothing.
CONFIRMED_AFTER = timedelta(hours=6)
# A spike that shows again within a day is the same one.
SAME_SPIKE = timedelta(hours=24)
# For so long after an alert, more about the same money only stands in its thread.
ALERTED = timedelta(hours=24)


class Sort(StrEnum):
    """`BREACH`: the forecast is above the cap."""

    BREACH = "breach"
    BURN = "burn"
    SPIKE = "spike"


Key = tuple[Sort, CapKind, datetime, int]


@dataclass(frozen=True)
class Forewarning:
    """What looks ahead have found, from `since` until `seen_at`, and when it was said. `amount`:
    the cap in force, USD; zero of a spike, whose `period` is the day it was first seen in.
    """

    workflow: str
    sort: Sort
    period: Period
    amount: Decimal
    since: datetime
    seen_at: datetime
    said_at: datetime | None = None

    @property
    def key(self) -> Key:
        return key_of(self.sort, self.period, self.amount)

    @property
    def notice(self) -> str:
        """The outbox key of the message that is led by it."""
        start, nanos = int(self.period.start.timestamp()), to_nanos(self.amount)
        return f"forewarning:{self.workflow}:{self.sort}:{self.period.kind}:{start}:{nanos}"


def key_of(sort: Sort, period: Period, amount: Decimal) -> Key:
    return sort, period.kind, period.start, to_nanos(amount)


def ripe(one: Forewarning, now: datetime) -> bool:
    """Whether it is to be said: a forecast only once two looks, hours apart, agree on it."""
    if one.said_at is not None:
        return False
    return one.sort is not Sort.BREACH or now - one.since >= CONFIRMED_AFTER


def only_in_thread(due: Iterable[Sort], alerts: Iterable[Alert], now: datetime) -> bool:
    """Whether an alert has told its people of the same money already. Only a forecast is news."""
    lately = any(now - one.at < ALERTED for one in alerts)
    return lately and Sort.BREACH not in due


def seen_again(found: Forewarning, known: Iterable[Forewarning]) -> Forewarning:
    """The known one, where this look found the same again."""
    for one in known:
        if one.key == found.key or _same_spike(one, found):
            return replace(one, seen_at=found.seen_at)
    return found


def _same_spike(one: Forewarning, other: Forewarning) -> bool:
    both = one.sort is other.sort is Sort.SPIKE
    return both and abs(other.seen_at - one.seen_at) < SAME_SPIKE


def spoken_for(one: Forewarning, known: Iterable[Forewarning]) -> bool:
    """Whether it was said of the same cap already that it burns too fast."""
    burnt = key_of(Sort.BURN, one.period, one.amount)
    return one.sort is Sort.BREACH and any(each.key == burnt for each in known)


def contradicted(
    known: Iterable[Forewarning], found: Collection[Key], now: datetime
) -> tuple[Forewarning, ...]:
    """Those not said yet that this look does not confirm: their count starts again."""
    return tuple(
        one
        for one in known
        if one.said_at is None and one.key not in found and now < one.period.end
    )
