"""Booking on SQLite: one hop into the driver's thread, few statements of many rows."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from storage.rulers import Rulers
from storage.usage_booking import (
    ADD_FED,
    ADD_HOURS,
    ADD_SOURCE_HOURS,
    ADD_SOURCES,
    ADD_TOTALS,
    MARK,
    REPRICED,
    VERSION,
    Booked,
    Booking,
    Replaced,
    Shape,
    TooMuch,
    TotalNow,
    columns,
    replaced,
)
from storage.usage_page import Fed, Identity, Marked, Page, SourceHour, SourceSeen
from storage.usage_rebuild import (
    ALL,
    EMPTY,
    NUMBERED,
    OF_ONE,
    OF_WORKFLOW,
    REPLACED,
    Numbered,
    Rebuild,
)
from storage.usage_sums import HourSum, Row, TotalSum

# The driver lets other threads run only while a statement runs, so a statement takes many rows.
# A few fixed sizes keep the statements in the driver's cache; 22 columns × 512 < 32,766 parameters.
_SIZES = (512, 64, 8, 1)

_KNOWN = f"""SELECT {", ".join(f'usage."{name}"' for name in Row._fields)}
FROM json_each(?) AS wanted CROSS JOIN usage
ON usage.source = wanted.value ->> 0 AND usage.id = wanted.value ->> 1"""  # noqa: S608 - names of columns

_CHANGE = f"""UPDATE usage SET {", ".join(f'"{name}" = ?' for name in Row._fields[2:])}
WHERE source = ? AND id = ?"""  # noqa: S608 - names of columns


def book(connection: sqlite3.Connection, booking: Booking) -> Booked:
    """Undone, all of it, when what was believed turns out not to stand. Raises TooMuch."""
    connection.execute("SAVEPOINT booking")
    try:
        booked = _booked(connection, _entered(connection, booking))
        stands = booking.stands(booked)
    except (OverflowError, TooMuch) as error:
        connection.execute("ROLLBACK TO booking")
        raise TooMuch from error
    if not stands:
        connection.execute("ROLLBACK TO booking")
    connection.execute("RELEASE booking")
    return booked


def listed(connection: sqlite3.Connection, stretch: Numbered) -> list[Row]:
    """The records of a stretch of numbers."""
    return list(map(Row._make, connection.execute(_sql(NUMBERED), stretch)))


def move(connection: sqlite3.Connection, page: Page) -> Booked:
    """Write what the page has moved."""
    _enter(connection, page)
    connection.executemany(_sql(REPRICED), page.repriced())
    return _booked(connection, page)


def _entered(connection: sqlite3.Connection, booking: Booking) -> Page:
    """First as if nothing was known; nearly always that is so, and nothing had to be looked up."""
    page = booking.page({} if booking.held is None else _known(connection, booking.identities()))
    try:
        _enter(connection, page)
    except sqlite3.IntegrityError:
        connection.execute("ROLLBACK TO booking")
    else:
        return page
    page = booking.page(_known(connection, booking.identities()))
    _enter(connection, page)
    return page


def _enter(connection: sqlite3.Connection, page: Page) -> None:
    _insert(connection, "usage", Row, list(page.added.values()))
    _insert(connection, "corrected_usage", Replaced, replaced(page))
    changed = [(*row[2:], row.source, row.id) for row in page.changed.values()]
    connection.executemany(_CHANGE, changed)


def _booked(connection: sqlite3.Connection, page: Page) -> Booked:
    totals = _add(connection, page.hours(), page.totals())
    owners = _insert(connection, "sources", SourceSeen, page.sources(), ADD_SOURCES)
    _insert(connection, "source_hours", SourceHour, page.source_hours(), ADD_SOURCE_HOURS)
    _insert(connection, "source_workflows", Fed, page.fed(), ADD_FED)
    _insert(connection, "unreconciled_days", Marked, page.marked(), MARK)
    (version,) = connection.execute(VERSION).fetchone() or (0,)
    return Booked(page, tuple(map(TotalNow._make, totals)), dict(owners), version)


def _add(
    connection: sqlite3.Connection,
    hours: Sequence[tuple[Any, ...]],
    totals: Sequence[tuple[Any, ...]],
) -> list[Any]:
    _insert(connection, "usage_hours", HourSum, hours, ADD_HOURS)
    return _insert(connection, "period_totals", TotalSum, totals, ADD_TOTALS)


def rebuild(connection: sqlite3.Connection, rulers: Rulers, only: str | None) -> None:
    """The sums of one workflow or of all, from the records."""
    of = () if only is None else (only,)
    replaced = (Row(**msgspec.json.decode(was)) for (was,) in connection.execute(REPLACED))
    rebuilt = Rebuild(rulers, only, replaced)
    rebuilt.count(map(Row._make, connection.execute(_sql(OF_ONE if of else ALL), of)))
    for statement in EMPTY:
        connection.execute(statement + _sql(OF_WORKFLOW if of else ""), of)
    _add(connection, rebuilt.hours(), rebuilt.totals())


def _sql(statement: str) -> str:
    return statement.replace("%s", "?")


def _known(connection: sqlite3.Connection, identities: Sequence[Identity]) -> dict[Identity, Row]:
    found = connection.execute(_KNOWN, (msgspec.json.encode(identities).decode(),))
    return {(row[0], row[1]): Row._make(row) for row in found}


def _insert(
    connection: sqlite3.Connection,
    table: str,
    shape: Shape | type[Replaced],
    rows: Sequence[tuple[object, ...]],
    then: str = "",
) -> list[Any]:
    """What the statements return, where they do."""
    given: list[Any] = []
    one = "(" + ", ".join("?" * len(shape._fields)) + ")"
    for part in _parts(rows):
        many = ", ".join([one] * len(part))
        sql = f"INSERT INTO {table} ({columns(shape)}) VALUES {many} {then}"  # noqa: S608
        given += connection.execute(sql, list(chain.from_iterable(part))).fetchall()
    return given


def _parts(rows: Sequence[tuple[object, ...]]) -> Iterator[Sequence[tuple[object, ...]]]:
    at = 0
    for size in _SIZES:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size
