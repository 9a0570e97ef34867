"""Being away, as people type it."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.days import read_day
from bot.names import quoted
from bot.refusal import Refusal

LONGEST_DAYS = 366
_TO = re.compile(r"\s+(?:to|until|till|through|thru|\u2013|\u2014|-)\s+")
_UNTIL = re.compile(r"^(?:to|until|till|through|thru)\s+")
_FROM = re.compile(r"^from\s+")
EXAMPLES = "`/budget away to 1 Dec`, `/budget away 24 Nov to 1 Dec`, `/budget away off`"


class NoSuchDays(Refusal):
    """No days that somebody could be away."""


@dataclass(frozen=True)
class Away:
    """Inclusive local days."""

    first: date
    last: date


def read_away(words: str, today: date) -> Away:
    """`to 1 Dec`, `24 Nov to 1 Dec`, `tomorrow until Friday`. Raises NoSuchDays."""
    plain = _FROM.sub("", " ".join(words.lower().split()))
    first, last = _edges(plain)
    began = today if first is None else _day(first, today)
    away = Away(max(began, today), _day(last, today))
    if away.last < max(began, today):
        raise NoSuchDays(
            f"{_said(away.last)} has passed, or comes before the first day. Write it like "
            f"{EXAMPLES}; a year may follow the day."
        )
    if away.last >= today + timedelta(days=LONGEST_DAYS):
        raise NoSuchDays("At most a year ahead.")
    return away


def _edges(plain: str) -> tuple[str | None, str]:
    if _UNTIL.match(plain):
        return None, _UNTIL.sub("", plain)
    parts = _TO.split(plain)
    if len(parts) == 2:  # noqa: PLR2004 - a first and a last day
        return parts[0], parts[1]
    raise NoSuchDays(
        f"From when to when are you away? Write it like {EXAMPLES}. Both days are included."
    )


def _day(text: str, today: date) -> date:
    day = read_day(text, today)
    if day is None:
        raise NoSuchDays(f"{quoted(text)} is no day I know. Write it like {EXAMPLES}.")
    return day


def _said(day: date) -> str:
    return f"{day:%-d %b %Y}"
