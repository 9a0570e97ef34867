"""Columns by which sums are apart: stretches of time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, case, type_coerce
from sqlmodel import col

from bot.charges import DAY
from storage.columns import EPOCH, to_micros

_DAY = to_micros(EPOCH + DAY)


def parts_since(since: datetime, edges: Iterable[datetime]) -> list[datetime]:
    """The beginnings of the stretches that edges make."""
    return sorted({since, *(edge for edge in edges if edge > since)})


def part_of(column: Any, parts: Sequence[datetime]) -> Any:  # noqa: ANN401
    """The number of the stretch that an instant lies in."""
    pairs = reversed(list(enumerate(parts)))
    return case(*((col(column) >= edge, at) for at, edge in pairs), else_=0)


def day_of(column: Any) -> Any:  # noqa: ANN401
    """The number of the UTC day of an instant."""
    return type_coerce(col(column), BigInteger) // _DAY


def number_at(micros: int) -> int:
    """Of the UTC day of an instant as it is stored."""
    return micros // _DAY


def number_of(day: datetime) -> int:
    return number_at(to_micros(day))


def instant_of(day: int) -> datetime:
    return EPOCH + day * DAY


def on_days(ids: Any, first: datetime, last: datetime) -> tuple[Any, Any]:  # noqa: ANN401
    """From the first UTC day through the last, of ids that begin with theirs: all that reconciling
    books do.
    """
    return col(ids) >= f"{first:%Y-%m-%d}|", col(ids) < f"{last:%Y-%m-%d}}}"
