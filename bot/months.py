"""A month as people write it."""

import re
from datetime import date, timedelta

from bot.names import quoted, tidy
from bot.refusal import Refusal

_NUMBERED = re.compile(r"(?<!\S)(\d{4})-(\d{1,2})(?!\S)")
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMED = re.compile(
    rf"(?<!\S)(?P<name>{'|'.join((*_NAMES, *(name[:3] for name in _NAMES)))})"
    r"(?:\s+(?P<year>\d{4}))?(?!\S)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"(?<!\S)(?P<which>this|last)\s+month(?!\S)", re.IGNORECASE)
_YEARS = range(2000, 9999)


def read_month(words: str, today: date) -> tuple[date | None, str]:
    """The first day of the month that is named: `2026-11`, `nov`, `November 2026`, `last month`; a
    name without a year is of the year past. And what else is said. Raises Refusal.
    """
    for pattern, reads in _READ.items():
        found = pattern.search(words)
        if found:
            return reads(found, today), tidy(words.replace(found[0], "", 1))
    return None, tidy(words)


def _numbered(found: re.Match[str], _today: date) -> date:
    return _first(int(found[1]), int(found[2]), found[0])


def _spoken(found: re.Match[str], today: date) -> date:
    this = today.replace(day=1)
    if found["which"].lower() == "this":
        return this
    return (this - timedelta(days=1)).replace(day=1)


def _named(found: re.Match[str], today: date) -> date:
    number = [name[:3] for name in _NAMES].index(found["name"][:3].lower()) + 1
    year = int(found["year"]) if found["year"] else today.year - (number > today.month)
    return _first(year, number, found[0])


def _first(year: int, month: int, said: str) -> date:
    if year not in _YEARS or not 1 <= month <= len(_NAMES):
        raise Refusal(f"{quoted(said)} is no month. Write it like 2026-11.")
    return date(year, month, 1)


_READ = {_NUMBERED: _numbered, _SPOKEN: _spoken, _NAMED: _named}
