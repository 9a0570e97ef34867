"""A day as people write it."""

import re
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_WRITTEN = tuple(
    map(
        re.compile,
        (
            rf"{_DAY}\.?\s+(?:of\s+)?{_MONTH}{_YEAR}",
            rf"{_MONTH}\s+{_DAY}{_YEAR}",
            r"(?P<year>\d{4})-(?P<number>\d{1,2})-(?P<day>\d{1,2})",
            r"(?P<day>\d{1,2})\.\s*(?P<number>\d{1,2})(?:\.(?:\s*(?P<year>\d{4}))?)?",
        ),
    )
)
# A leap day comes again after eight years at the latest.
_YEARS_AHEAD = 9
_JUST_OVER = timedelta(weeks=8)


def read_day(text: str, today: date) -> date | None:
    """`30 Nov`, `Nov 30th 2026`, `2026-11-30`, `30.11.`, `today`, `yesterday`, `Friday`: without a
    year the next such day, today included, unless it was in the last eight weeks: then that one
    is meant, by a slip. None for anything else, and for days that are not.
    """
    plain = " ".join(text.lower().split())
    return _spoken(plain, today) or _written(plain, today)


def names_no_day(text: str) -> bool:
    """Written like a day, and the calendar has none: `31 Feb`."""
    plain = " ".join(text.lower().split())
    written = any(pattern.fullmatch(plain) for pattern in _WRITTEN)
    # Of a leap year, so that 29 Feb is one without a year.
    return written and _written(plain, date(2024, 1, 1)) is None


def _spoken(plain: str, today: date) -> date | None:
    day = timedelta(days=1)
    named = {"yesterday": today - day, "today": today, "now": today, "tomorrow": today + day}
    if plain in named:
        return named[plain]
    weekday = re.fullmatch(r"(?:this\s+)?(mon|tue|wed|thu|fri|sat|sun)[a-z]*", plain)
    if weekday is None:
        return None
    return today + timedelta(days=(_WEEKDAYS.index(weekday[1]) - today.weekday()) % 7)


def _written(plain: str, today: date) -> date | None:
    for pattern in _WRITTEN:
        found = pattern.fullmatch(plain)
        if found:
            return _day(found.groupdict(), today)
    return None


def _day(parts: dict[str, str | None], today: date) -> date | None:
    name, number = parts.get("month"), parts.get("number")
    month = _MONTHS.index(name) + 1 if name else int(number or 0)
    year, day = parts.get("year"), int(parts["day"] or 0)
    if year:
        return _date(int(year), month, day)
    near = (_date(today.year + more, month, day) for more in range(-1, _YEARS_AHEAD))
    return next((found for found in near if found and found >= today - _JUST_OVER), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
