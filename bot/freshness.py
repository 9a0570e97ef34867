"""How far each source has told, and whether it is well: what stands beside every figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.pulls import Pull
from bot.silence import HOUR, silent_from
from bot.sources import BY_HAND, Kind, Lane, is_reconciled

# Whose spend is from a source, as far as a silence of it matters.
FED_LATELY = timedelta(days=14)
# A vendor's bill of a day is there two days later.
_BILL_LAG = timedelta(days=3)
_PULL_LAG = timedelta(days=1)
# One that fails now and then mends itself.
_FAILURES = 3
_FAILING_FOR = timedelta(hours=1)


class Ailment(StrEnum):
    FAILING = "failing"
    LATE = "late"
    SILENT = "silent"


@dataclass(frozen=True)
class Feed:
    """A source as it stands beside the figure of a workflow. `account`: of a bill, whose."""

    source: str
    lane: Lane
    through: datetime | None
    trouble: Ailment | None = None
    account: str = ""


@dataclass(frozen=True)
class Source:
    """All that is known of one. `through`: the instant of its newest record, or the end of what a
    bill tells of. `outranked`: (account, the source that counts for it). `told`: since when its
    trouble has been said. `unpriced` of its `records`.
    """

    name: str
    kind: Kind
    lane: Lane
    accounts: tuple[str, ...] = ()
    through: datetime | None = None
    received: datetime | None = None
    records: int = 0
    unpriced: int = 0
    pull: Pull | None = None
    outranked: tuple[tuple[str, str], ...] = ()
    told: datetime | None = None

    @property
    def counts(self) -> bool:
        """Somewhere."""
        # One that was never heard has no account yet.
        return any(map(self.counts_for, self.accounts or ("",)))

    def counts_for(self, account: str) -> bool:
        silenced = (other == account for other, _ in self.outranked)
        return self.lane is not Lane.INFORMATION and not any(silenced)

    @property
    def succeeded(self) -> datetime | None:
        """When it was last heard."""
        known = [self.received, self.pull.succeeded_at if self.pull else None]
        return max((one for one in known if one is not None), default=None)

    @property
    def tells(self) -> bool:
        """How far it has told says something of a figure."""
        return self.is_listed and self.kind is not Kind.MANUAL

    @property
    def is_listed(self) -> bool:
        return not is_reconciled(self.name)


@dataclass(frozen=True)
class Ailing:
    """What is wrong with a source, and since when."""

    source: Source
    trouble: Ailment
    since: datetime


def is_watched(source: Source) -> bool:
    """Whether anybody has to know when it is not well."""
    return source.is_listed and source.kind not in BY_HAND and source.counts


def pull_trouble(source: Source, now: datetime) -> Ailing | None:
    """Of a source that is asked."""
    pull = source.pull
    if pull is None:
        return None
    if pull.failures >= _FAILURES:
        since = pull.succeeded_at or pull.failed_at or now
        if pull.succeeded_at is None or now - since >= _FAILING_FOR:
            return Ailing(source, Ailment.FAILING, since)
    # The first pull goes through what is past, day by day.
    asked = pull.succeeded_at is not None and not pull.failures
    if asked and pull.through is not None and _lags(source, pull.through, now):
        return Ailing(source, Ailment.LATE, pull.through)
    return None


def _lags(source: Source, through: datetime, now: datetime) -> bool:
    return now - through > (_BILL_LAG if source.lane is Lane.BILLED else _PULL_LAG)


def mark(source: Source, now: datetime) -> Ailment | None:
    """What a figure says of it, without looking at its habit: what has been said of it counts."""
    found = pull_trouble(source, now)
    if found is not None:
        return found.trouble
    return Ailment.SILENT if source.told is not None and source.told == source.received else None


def silence(
    source: Source, arrivals: Iterable[datetime], listening: datetime, now: datetime
) -> Ailing | None:
    """Silent longer than its own habit. Nobody hears while the bot is down: `listening` is since
    when it was up.
    """
    heard = source.received
    if heard is None or source.kind is Kind.BILL or now - heard < HOUR:
        return None
    begins = silent_from([*arrivals, heard], source.kind)
    if begins is None:
        return None
    known = (begins, heard + HOUR) if source.told else (begins, heard + HOUR, listening + HOUR)
    return Ailing(source, Ailment.SILENT, heard) if now >= max(known) else None


def feed_of(source: Source, now: datetime, account: str = "") -> Feed:
    through = source.pull.through if source.pull and source.pull.through else source.through
    return Feed(source.name, source.lane, through, mark(source, now), account)


def feeds_of_all(
    sources: Iterable[Source], since: datetime, now: datetime, account: str | None = None
) -> tuple[Feed, ...]:
    """Beside a figure of no workflow, or of one account: any source may tell of it that counts,
    and was heard since FED_LATELY before it began or is asked.
    """
    return together(
        feed_of(source, now, of)
        for source in sources
        if source.tells and _is_of(source, since - FED_LATELY)
        for of in _told_of(source, account)
    )


def _is_of(source: Source, since: datetime) -> bool:
    heard = source.succeeded
    return source.pull is not None or (heard is not None and heard >= since)


def _told_of(source: Source, account: str | None) -> list[str]:
    """The accounts it counts for; a source that is no bill stands once for all of them."""
    accounts = source.accounts or ("",)
    mine = [one for one in accounts if account in {None, one} and source.counts_for(one)]
    return mine if source.lane is Lane.BILLED else [""][: len(mine)]


def together(feeds: Iterable[Feed]) -> tuple[Feed, ...]:
    """Each once: realtime before billed, those in trouble first, then the newest first."""
    return tuple(sorted(set(feeds), key=_order))


def _order(feed: Feed) -> tuple[bool, bool, float, str, str]:
    age = -feed.through.timestamp() if feed.through else 0.0
    return feed.lane is Lane.BILLED, feed.trouble is None, age, feed.source, feed.account
