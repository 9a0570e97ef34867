"""Money that a person books: a seat, an invoice, a credit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from bot.attribution import UNATTRIBUTED
from bot.delegations import Acting, acting
from bot.edits import Wrong
from bot.freshness import Feed
from bot.money import ZERO, NotMoney, read_usd, to_nanos
from bot.names import tidy
from bot.periods import Period, local_day, midnight
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal, TooLate
from bot.sources import ADJUSTMENTS, Kind
from bot.spend import Spent
from bot.usage import OLDEST, CostBasis, Usage

REASON_LENGTH = 500
# In a form and in words: charged to nobody. No workflow's key holds a tilde.
NOBODY = "~nobody"
NOBODYS_WORDS = frozenset({"nobody", "none", "unattributed"})

_SIGN = re.compile(r"^(?P<before>[-+])?\s*(?P<usd>US?\$|\$|USD)?\s*(?P<after>[-+])?\s*(?=[\d.])")
_MINUS = str.maketrans({"−": "-", "–": "-"})


class AlreadyUndone(TooLate):
    """Two people press Undo; the first one counts."""


@dataclass(frozen=True)
class Adjustment:
    """In USD, negative for a credit; of no workflow: unattributed. `at`: the first instant of the
    local day it is booked on.
    """

    id: str
    workflow: str
    amount: Decimal
    at: datetime
    reason: str
    made_by: str
    made_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """What a person entered. `id` is given when the form is opened: sent twice, booked once."""

    id: str
    workflow: str
    amount: Decimal
    day: date
    reason: str
    by: str


@dataclass(frozen=True)
class Weighed:
    """An adjustment beside what the month of its day holds. `last_month`: when that began;
    `feeds`: where the month's spend is from.
    """

    adjustment: Adjustment
    month: Period
    holds: Spent
    last_month: datetime
    feeds: tuple[Feed, ...] = ()

    @property
    def is_more_than_spent(self) -> bool:
        """A credit after which the month holds less than nothing."""
        amount = self.adjustment.amount
        return amount < ZERO and self.holds.cost + amount < ZERO

    @property
    def is_long_closed(self) -> bool:
        return self.adjustment.at < self.last_month

    @property
    def is_odd(self) -> bool:
        """Whether to ask once if it is meant."""
        return self.is_more_than_spent or self.is_long_closed


def check_may_adjust(by: str, organisation: Organisation, now: datetime) -> Acting:
    """Finance, admins, and whoever stands in for one of them. Raises NotAllowed naming them."""
    group = (*organisation.finance, *organisation.admins)
    able = acting(group, organisation.delegations, now)
    found = next((one for one in able if one.person == by), None)
    if found is None:
        who = " or ".join(f"<@{one}>" for one in dict.fromkeys(group))
        raise NotAllowed(
            f"Only finance and admins book adjustments: {who or 'nobody is set; name finance'}."
        )
    return found


def read_amount(text: str, *, field: str | None = None) -> Decimal:
    """`1,200`, `-120`, `−$120.50`, `$-5 USD`: with a minus it is a credit. Raises NotMoney."""
    plain = tidy(text).translate(_MINUS)
    sign = _SIGN.match(plain)
    signs = [one for one in (sign["before"], sign["after"]) if one] if sign else []
    if len(signs) > 1:
        raise NotMoney("Write one sign: -120 is a credit, 120 is spend.", field=field)
    amount = read_usd(plain.replace(signs[0], "", 1) if signs else plain, field=field)
    return -amount if signs == ["-"] else amount


def read_entry(entry: Entry, zone: str, now: datetime) -> Adjustment:
    """`zone`: where the workflow's days begin. Raises Wrong with all that is wrong."""
    clean = replace(entry, reason=tidy(entry.reason))
    found = tuple(_wrong(clean, zone, now))
    if found:
        raise Wrong(found)
    at = midnight(clean.day, zone)
    return Adjustment(clean.id, clean.workflow, clean.amount, at, clean.reason, clean.by, now)


def _wrong(entry: Entry, zone: str, now: datetime) -> Iterator[Refusal]:
    if entry.amount == ZERO:
        yield NotMoney("An adjustment of $0.00 changes nothing.", field="amount")
    if entry.day > local_day(now, zone):
        yield Refusal(f"That day has not begun yet in {zone}.", field="day")
    if entry.day < OLDEST.date():
        yield Refusal(f"Spend is booked from {OLDEST:%Y} on.", field="day")
    if not entry.reason:
        yield Refusal("Say why: whoever looks at the figures later reads it.", field="reason")
    if len(entry.reason) > REASON_LENGTH:
        yield Refusal(f"The reason has at most {REASON_LENGTH} characters.", field="reason")


def usage_of(adjustment: Adjustment) -> Usage:
    """The record that is booked: the workflow's, whatever the rules of attribution say."""
    return Usage(
        source=ADJUSTMENTS,
        id=adjustment.id,
        workflow=adjustment.workflow or UNATTRIBUTED,
        at=adjustment.at,
        provider="",
        model="",
        input_tokens=None,
        output_tokens=None,
        cache_read_tokens=None,
        cache_write_tokens=None,
        nanos=to_nanos(adjustment.amount),
        basis=CostBasis.BILLED,
        user="",
        run="",
        tags=(),
        sender=ADJUSTMENTS,
        kind=Kind.MANUAL,
        assigned=True,
    )


def counter_to(adjustment: Adjustment) -> Usage:
    """Books it back on the same day; what was booked stays to be seen."""
    undone = replace(adjustment, id=f"{adjustment.id}:undone", amount=-adjustment.amount)
    return usage_of(undone)
