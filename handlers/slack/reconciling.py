"""Bills beside what was seen: a month, an account, a day."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from bot.account_months import month_of
from bot.days import names_no_day, read_day
from bot.months import read_month
from bot.names import quoted, tidy
from bot.notices import Card
from bot.refusal import Refusal, Unknown
from handlers.desk import Desk
from handlers.flows.show_reconciliation import Reconciliation
from handlers.slack.calls import Action, Answer, Command, Pressed, Typed, page_of

_NUMBER = re.compile(r"[0-9]{1,2}\.?")
_LONGEST_DAY = 3


class _BillPage(NamedTuple):
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
        if asked.account:
            return await _account(asked, seen)
        return await seen.accounts(asked.month)

    return await _shown(show, call.user, desk)


async def _account(asked: _BillPage, seen: Reconciliation) -> Card:
    """Raises Refusal: of the account, or of what stands beside one that there is."""
    try:
        if asked.day is not None:
            return await seen.day(asked.account, asked.day)
        return await seen.account(asked.account, asked.month)
    except Unknown:
        parts = asked.account.split()
        for part in (parts[0], parts[-1]) if len(parts) > 1 else ():
            if await _is_known(part, asked.month, seen):
                rest = asked.account.removeprefix(part).removesuffix(part)
                raise Refusal(_too_much(tidy(rest), asked.day)) from None
        raise


def _too_much(rest: str, day: datetime | None) -> str:
    if day is not None:
        return f"{quoted(rest)} is too much beside {day:%-d %b}: one day is shown."
    return f"{quoted(rest)} is no month and no day. Write it like 2026-11 or 14 nov."


async def _is_known(account: str, month: datetime, seen: Reconciliation) -> bool:
    try:
        await seen.account(account, month)
    except Unknown:
        return False
    return True


async def _shown(show: Callable[[Reconciliation], Awaitable[Card]], by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show(Reconciliation(by, ledger, organisation, desk.now()))


def _read(words: str, now: datetime) -> _BillPage:
    """A day before a month: `14 Nov` holds one. What is left names the account."""
    parts = words.split()
    for length in range(min(_LONGEST_DAY, len(parts)), 0, -1):
        for at in range(len(parts) - length + 1):
            day = _day(" ".join(parts[at : at + length]), now)
            if day is not None:
                rest = " ".join(parts[:at] + parts[at + length :])
                return _BillPage(rest, month_of(day)[0], day)
    month, rest = _month(words, now)
    for part in rest.split():
        if _NUMBER.fullmatch(part):
            raise Refusal(f"{quoted(part)} is no date. Write the day with its month: 14 nov.")
    return _BillPage(tidy(rest), month)


def _day(text: str, now: datetime) -> datetime | None:
    if not any(sign.isdigit() for sign in text) and text.lower() not in {"today", "yesterday"}:
        return None
    if names_no_day(text):
        raise Refusal(f"{quoted(text)} is no day. Write it like 14 nov or 2026-11-14.")
    today = now.astimezone(UTC).date()
    found = read_day(text, today)
    if found is None:
        return None
    if found > today and str(found.year) not in text:
        found = _last(found, text, today)
    return datetime.combine(found, time(), UTC)


def _last(found: date, text: str, today: date) -> date:
    """Bills are of days that were: without a year this year's is meant."""
    was = read_day(f"{today:%Y}-{found:%m-%d}", today)
    if was is None or was > today:
        raise Refusal(
            f"{found:%-d %b %Y} is ahead. Of an earlier year: {tidy(text)} {today.year - 1}."
        )
    return was


def _month(words: str, now: datetime) -> tuple[datetime, str]:
    """The running month where none is named; and what else is said."""
    first, rest = read_month(words, now.astimezone(UTC).date())
    return (month_of(now)[0] if first is None else datetime.combine(first, time(), UTC)), rest


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


def _held(value: str) -> _BillPage:
    """What a button knows: the month or day, the page, the account."""
    when, _, rest = value.partition(" ")
    start, _, account = rest.partition(" ")
    try:
        day = date.fromisoformat(when if when.count("-") > 1 else f"{when}-01")
    except ValueError:
        raise Refusal("This button belongs to an older message: `/budget reconcile`.") from None
    return _BillPage(account, datetime.combine(day, time(), UTC), None, page_of(start))


COMMANDS: dict[str, Command] = {"reconcile": typed}
ACTIONS: dict[str, Action] = {
    "reconcile.days": lists_days,
    "reconcile.lines": lists_lines,
    "reconcile.day": lists_day,
}
