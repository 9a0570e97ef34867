"""Series read as money: a CSV with a time and a value in its first two columns, and a header."""

import csv
import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path


def instants(path: Path, *, logarithms: bool = False) -> Iterator[tuple[datetime, Decimal]]:
    """What cannot be read is left out: real files have holes."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        for row in rows:
            try:
                at, value = datetime.fromisoformat(row[0]), Decimal(row[1])
            except (ValueError, InvalidOperation, IndexError):
                continue
            if value.is_finite():
                yield at.replace(tzinfo=UTC), _money(value, logarithms=logarithms)


def _money(value: Decimal, *, logarithms: bool) -> Decimal:
    return Decimal(repr(math.exp(value))) if logarithms else value


def daily(path: Path, *, logarithms: bool = False) -> dict[date, Decimal]:
    """Every day from the first to the last, also those on which nothing was spent."""
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for at, value in instants(path, logarithms=logarithms):
        sums[at.date()] += value
    if not sums:
        return {}
    first = min(sums)
    days = (first + timedelta(days=n) for n in range((max(sums) - first).days + 1))
    return {day: sums.get(day, Decimal(0)) for day in days}
