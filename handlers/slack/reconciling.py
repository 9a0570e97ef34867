"""Bills beside what was seen: a month, an account, a day."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from bot.account_months import month_of
from bot.days import read_day
from bot.names import quoted, tidy
from bot.notices import Card
from bot.refusal import Refusal
from handlers.desk import Desk
from handlers.flows.show_reconciliation import Reconciliation
from handlers.slack.calls import Action, Answer, Command, Pressed, Typed

_MONTH = re.compile(r"(?<!\S)(\d{4})-(\d{1,2})(?!\S)")
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMED = re.compile(
    rf"(?<!\S)(?P<name>{'|'.join((*_NAMES, *(name[:3] for name in _NAMES)))})"
    r"(?:\s+(?P<year>\d{4}))?(?!\S)",
    re.IGNORECASE,
)
_PAGE = re.compile(r"[0-9]{1,6}")
_LONGEST_DAY = 3
_YEARS = range(2000, 9999)


class _Asked(NamedTuple):
    account: str
    month: datetime
    day: datetime | None = None
    start: int = 0


async def typed(call: Typed, desk: Desk) -> Answer:
    """`/budget reconcile [MONTH] [ACCOUNT] [DAY]`"""
    asked = _read(tidy(call.words), desk.now())
    if asked.day is not None and not asked.account:
        raise Refusal(
            "Say whose bill: `/budget reconcile openai 2026-11-14`. `/budget reconcile` lists them."
        )

    async def show(seen: Reconciliation) -> Card:
        if asked.day is not None:
            return await seen.day(asked.account, asked.day)
        if asked.account:
            return await seen.account(asked.account, asked.month)
        return await seen.accounts(asked.month)

    return await _shown(show, call.user, desk)


async def _shown(show: Callable[[Reconciliation], Awaitable[Card]], by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show(Reconciliation(by, ledger, organisation, desk.now()))


def _read(words: str, now: datetime) -> _Asked:
    """A day before a month: `14 Nov` holds one. What is left names the account."""
    parts = words.split()
    for length in range(min(_LONGEST_DAY, len(parts)), 0, -1):
        for at in range(len(parts) - length + 1):
            day = _day(" ".join(parts[at : at + length]), now)
            if day is not None:
                rest = " ".join(parts[:at] + parts[at + length :])
                return _Asked(rest, month_of(day)[0], day)
    month, rest = _month(words, now)
    return _Asked(tidy(rest), month)


def _day(text: str, now: datetime) -> datetime | None:
    if not any(sign.isdigit() for sign in text) and text.lower() not in {"today", "yesterday"}:
        return None
    found = read_day(text, now.astimezone(UTC).date())
    if found is None:
        return None
    if found > now.date() and str(found.year) not in text:
        # Bills are of days that were: without a year the last such day is meant.
        found = _year_before(found)
    return datetime.combine(found, time(), UTC)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _month(words: str, now: datetime) -> tuple[datetime, str]:
    """The running month where none is named; and what else is said."""
    found = _MONTH.search(words)
    if found:
        return _first(int(found[1]), int(found[2]), found[0]), words.replace(found[0], "", 1)
    named = _NAMED.search(words)
    if named is None:
        return month_of(now)[0], words
    number = [name[:3] for name in _NAMES].index(named["name"][:3].lower()) + 1
    year = int(named["year"]) if named["year"] else now.year - (number > now.month)
    return _first(year, number, named[0]), words.replace(named[0], "", 1)


def _first(year: int, month: int, said: str) -> datetime:
    if year not in _YEARS or not 1 <= month <= len(_NAMES):
        raise Refusal(f"{quoted(said)} is no month. Write it like 2026-11.")
    return datetime(year, month, 1, tzinfo=UTC)


async def lists_days(call: Pressed, desk: Desk) -> Answer:
    asked = _held(call.value)
    return await _shown(
        lambda seen: seen.account(asked.account, asked.month, asked.start), call.user, desk
    )


async def lists_lines(call: Pressed, desk: Desk) -> Answer:
    asked = _held(call.value)
    return await _shown(
        lambda seen: seen.unmatched(asked.account, asked.month, asked.start), call.user, desk
    )


async def lists_day(call: Pressed, desk: Desk) -> Answer:
    asked = _held(call.value)
    return await _shown(
        lambda seen: seen.day(asked.account, asked.month, asked.start), call.user, desk
    )


def _held(value: str) -> _Asked:
    """What a button knows: the month or day, the page, the account."""
    when, _, rest = value.partition(" ")
    start, _, account = rest.partition(" ")
    try:
        day = date.fromisoformat(when if when.count("-") > 1 else f"{when}-01")
    except ValueError:
        raise Refusal("This button belongs to an older message: `/budget reconcile`.") from None
    page = int(start) if _PAGE.fullmatch(start) else 0
    return _Asked(account, datetime.combine(day, time(), UTC), None, page)


COMMANDS: dict[str, Command] = {"reconcile": typed}
ACTIONS: dict[str, Action] = {
    "reconcile.days": lists_days,
    "reconcile.lines": lists_lines,
    "reconcile.day": lists_day,
}
