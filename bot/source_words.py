"""A source in plain words: how it stands, and why it counts nowhere."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from bot.charges import utc_day
from bot.freshness import Source
from bot.sources import BY_HAND, REPORTS, Kind, Lane

LANES = {
    Lane.REALTIME: "realtime estimate",
    Lane.BILLED: "billed",
    Lane.INFORMATION: "information only",
}
KINDS = {
    Kind.API: "sent by HTTP",
    Kind.GATEWAY: "gateway",
    Kind.TELEMETRY: "telemetry",
    Kind.FILE: "file",
    Kind.BILL: "vendor's bill",
    Kind.EXPORT: "cost export",
    Kind.MANUAL: "by hand",
}
_FILES = {Kind.FILE, Kind.EXPORT}
_BILLS = {Kind.BILL, Kind.EXPORT}
_ERROR = 300
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def facts(source: Source, now: datetime) -> str:
    """For a terminal, on one line."""
    heard, accounts = source.succeeded, ", ".join(dict.fromkeys(filter(None, source.accounts)))
    last = f"{heard_word(source)} {heard:%Y-%m-%d %H:%M} UTC" if heard else "never heard"
    told = f"told {_through(source)}" if _is_told(source) else ""
    known = (KINDS[source.kind], lane_word(source), accounts, told, last, lag(source, now))
    return "; ".join(filter(None, (*known, counted(source), *why_not(source))))


def lane_word(source: Source) -> str:
    """What a person books is no estimate, nor a vendor's bill: that it is by hand says all."""
    at_hand = source.kind is Kind.MANUAL and source.lane is Lane.REALTIME
    return "" if at_hand else LANES[source.lane]


def _is_told(source: Source) -> bool:
    """Of others, how far they are behind says so."""
    return source.kind in _FILES and source.through is not None


def heard_word(source: Source) -> str:
    return "imported" if source.kind in _FILES else "last heard"


def _through(source: Source) -> str:
    end = source.through
    if end is None:
        return ""
    return through(end) if source.kind in _BILLS else f"through {end:%Y-%m-%d %H:%M} UTC"


def through(end: datetime) -> str:
    """For a terminal: how far a bill is told, `through 2026-11-20 (UTC)`."""
    day = last_whole_day(end)
    return f"through {day:%Y-%m-%d} (UTC)" if day else f"through {end:%Y-%m-%d %H:%M} UTC"


def last_whole_day(end: datetime) -> date | None:
    """Vendors bill by UTC days: the last one that is told of whole, which is the day before a
    midnight. None where it is told up to a moment of a day.
    """
    return (end.astimezone(UTC) - _DAY).date() if utc_day(end) == end else None


def whole_day(source: Source, end: datetime) -> str:
    """`20 Nov (UTC)`. Empty where it is told up to a moment of a day, and of what is no bill."""
    day = last_whole_day(end) if source.kind in _BILLS else None
    return f"{day:%-d %b} (UTC)" if day else ""


def counted(source: Source) -> str:
    """`1,204 records, 3 % without a known price`."""
    what = "line" if source.lane is Lane.BILLED else "record"
    what += "" if source.records == 1 else "s"
    if not source.records or not source.unpriced:
        return f"{source.records:,} {what}"
    share = 100 * source.unpriced / source.records
    said = "less than 1" if share < 1 else f"{share:.0f}"
    return f"{source.records:,} {what}, {said} % without a known price"


def lag(source: Source, now: datetime) -> str:
    """How old its newest record is: `3 hours behind`. Nobody waits for what is brought by hand."""
    told = source.pull.through if source.pull and source.pull.through else source.through
    if told is None:
        return "nothing yet"
    if source.kind in BY_HAND:
        return ""
    behind = now - told
    if behind < _HOUR:
        return "up to date"
    number, unit = (behind // _DAY, "days") if behind >= 2 * _DAY else (behind // _HOUR, "hours")
    return f"{number} {unit if number > 1 else unit[:-1]} behind"


def failure(source: Source) -> str:
    """Its last error, from the first one on: `failed 2026-11-23 09:00 UTC: …`."""
    pull = source.pull
    if pull is None or not pull.error:
        return ""
    at = f" {pull.failed_at:%Y-%m-%d %H:%M} UTC" if pull.failed_at else ""
    times = f", {pull.failures:,} times in a row" if pull.failures > 1 else ""
    return f"failed{at}{times}: {shortened(pull.error)}"


def shortened(error: str) -> str:
    """Cut between words: half an address leads nowhere."""
    if len(error) <= _ERROR:
        return error
    head = error[: _ERROR - 1]
    whole = head.rfind(" ")
    return f"{head[:whole] if whole > _ERROR // 2 else head}…"


def why_not(source: Source) -> Iterator[str]:
    """Why some or all of it is in no figure, and what to set."""
    if source.name in REPORTS and source.lane is Lane.INFORMATION:
        yield "information only: what it tells of is in the vendor's bill already"
    elif source.lane is Lane.INFORMATION:
        yield (
            "information only, as the contract file says; without that “lane” it counts "
            "(section “sources:”)"
        )
    else:
        yield from (_outranked(source, *pair) for pair in source.outranked)


def _outranked(source: Source, account: str, other: str) -> str:
    about = f"information only: {other or 'another source'} counts for {account or 'it'}"
    if source.lane is Lane.BILLED:
        return f"{about}; with “lane: information” for that one in the contract file, this counts"
    return (
        f"{about}, in front of it; where they see different calls, give this one an “account” of "
        "its own in the contract file (“sources:”)"
    )
