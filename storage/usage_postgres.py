"""Booking on PostgreSQL: the records by COPY, the sums by one statement a table, in key order."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg.errors import NumericValueOutOfRange, UniqueViolation

from storage.rulers import Rulers, Unmeasured
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

_TYPES = {str: "text", int: "int8", int | None: "int8"}
_SOME = 5_000

_COPY = f"COPY usage ({columns(Row)}) FROM STDIN (FORMAT BINARY)"

_KNOWN = f"""SELECT {", ".join(f'usage."{name}"' for name in Row._fields)}
FROM unnest(%s::text[], %s::text[]) AS wanted (source, id) JOIN usage USING (source, id)
ORDER BY source, id FOR UPDATE OF usage"""  # noqa: S608 - names of columns

_CHANGE = f"""UPDATE usage SET {", ".join(f'"{name}" = %s' for name in Row._fields[2:])}
WHERE source = %s AND id = %s"""  # noqa: S608 - names of columns

_REPLACED = "INSERT INTO corrected_usage (source, id, was, corrected_at) VALUES (%s, %s, %s, %s)"


def _types(shape: Shape) -> list[str]:
    return [_TYPES[kind] for kind in shape.__annotations__.values()]


def _summed(table: str, shape: Shape, then: str) -> str:
    lists = ", ".join(f"%s::{kind}[]" for kind in _types(shape))
    names = columns(shape)
    # Locks are taken in the order in which the rows come, Python's, whatever a database's language
    # has for one; no key has more than four columns.
    keys = zip(shape._fields, _types(shape), strict=True)
    order = ", ".join(f'"{name}"' + ' COLLATE "C"' * (kind == "text") for name, kind in [*keys][:4])
    return f"""INSERT INTO {table} ({names})
SELECT * FROM unnest({lists}) AS given ({names}) ORDER BY {order} {then}"""  # noqa: S608 - names of ours


_HOURS = _summed("usage_hours", HourSum, ADD_HOURS)
_TOTALS = _summed("period_totals", TotalSum, ADD_TOTALS)
_SOURCE_HOURS = _summed("source_hours", SourceHour, ADD_SOURCE_HOURS)
_FED = _summed("source_workflows", Fed, ADD_FED)
_MARKS = _summed("unreconciled_days", Marked, MARK)
_SOURCES = _summed("sources", SourceSeen, ADD_SOURCES)

Connection = psycopg.AsyncConnection[Any]


async def book(connection: Connection, booking: Booking) -> Booked:
    """Undone, all of it, when what was believed turns out not to stand. Raises TooMuch."""
    await connection.execute("SAVEPOINT booking")
    try:
        booked = await _booked(connection, await _entered(connection, booking))
    except NumericValueOutOfRange as error:
        await connection.execute("ROLLBACK TO booking")
        raise TooMuch from error
    except Unmeasured:
        # With what is locked, or the next time locks were taken out of order.
        await connection.execute("ROLLBACK TO booking")
        raise
    if not booking.stands(booked):
        await connection.execute("ROLLBACK TO booking")
    return booked


async def listed(connection: Connection, stretch: Numbered) -> list[Row]:
    """The records of a stretch of numbers; nobody corrects them until this transaction ends."""
    found = await connection.execute(f"{NUMBERED} FOR UPDATE", stretch)
    return list(map(Row._make, await found.fetchall()))


async def move(connection: Connection, page: Page) -> Booked:
    """Write what the page has moved."""
    await _correct(connection, page)
    async with connection.cursor() as cursor:
        await cursor.executemany(REPRICED, page.repriced())
    return await _booked(connection, page)


async def _entered(connection: Connection, booking: Booking) -> Page:
    """First as if nothing was known; nearly always that is so, and nothing had to be looked up.

    Other writers may bring the same records at the same moment: look again then. As records are
    never deleted, each look finds at least one more than the look before.
    """
    identities = booking.identities()
    looked = booking.held is not None
    page = booking.page(await _known(connection, identities) if looked else {})
    for _ in identities:
        try:
            await _enter(connection, page)
        except UniqueViolation:
            await connection.execute("ROLLBACK TO booking")
            page = booking.page(await _known(connection, identities))
        else:
            return page
    await _enter(connection, page)
    return page


async def _enter(connection: Connection, page: Page) -> None:
    # In the order of the unique key: of two writers with the same records one waits, never both.
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_types(Row))
        for row in sorted(page.added.values()):
            await copy.write_row(row)
    if page.replaced:
        await _correct(connection, page)


async def _correct(connection: Connection, page: Page) -> None:
    changed = sorted((row.source, row.id, row) for row in page.changed.values())
    async with connection.cursor() as cursor:
        if was := replaced(page):
            await cursor.executemany(_REPLACED, was)
        await cursor.executemany(_CHANGE, [(*row[2:], *key) for *key, row in changed])


async def _known(connection: Connection, identities: Sequence[Identity]) -> dict[Identity, Row]:
    sources, ids = zip(*identities, strict=True)
    found = await connection.execute(_KNOWN, (list(sources), list(ids)))
    return {(row[0], row[1]): Row._make(row) async for row in found}


async def _booked(connection: Connection, page: Page) -> Booked:
    # One round trip: until the commit, other writers wait for these rows.
    async with connection.pipeline():
        # Before the sums: so does whoever settles a day.
        if marked := page.marked():
            await _sum(connection, _MARKS, Marked, marked)
        totals = await _add(connection, page.hours(), page.totals())
        owners = await _sum(connection, _SOURCES, SourceSeen, page.sources())
        await _sum(connection, _SOURCE_HOURS, SourceHour, page.source_hours())
        if fed := page.fed():
            await _sum(connection, _FED, Fed, fed)
        versions = await connection.execute(VERSION)
    (version,) = await versions.fetchone() or (0,)
    return Booked(
        page,
        tuple(map(TotalNow._make, await totals.fetchall())),
        dict(await owners.fetchall()),
        version,
    )


async def _add(
    connection: Connection, hours: Sequence[tuple[Any, ...]], totals: Sequence[tuple[Any, ...]]
) -> psycopg.AsyncCursor[Any]:
    await _sum(connection, _HOURS, HourSum, hours)
    return await _sum(connection, _TOTALS, TotalSum, totals)


async def rebuild(connection: Connection, rulers: Rulers, only: str | None) -> None:
    """The sums of one workflow or of all, from the records. Nobody books meanwhile."""
    await connection.execute("LOCK TABLE usage IN SHARE ROW EXCLUSIVE MODE")
    of = () if only is None else (only,)
    found = await connection.execute(REPLACED)
    rebuilt = Rebuild(rulers, only, [Row(**was) for (was,) in await found.fetchall()])
    async with connection.cursor("records") as records:
        await records.execute(OF_ONE if of else ALL, of)
        while some := await records.fetchmany(_SOME):
            rebuilt.count(map(Row._make, some))
    for statement in EMPTY:
        await connection.execute(statement + (OF_WORKFLOW if of else ""), of)
    await _add(connection, rebuilt.hours(), rebuilt.totals())


async def _sum(
    connection: Connection, statement: str, shape: Shape, rows: Sequence[tuple[object, ...]]
) -> psycopg.AsyncCursor[Any]:
    by_column = [_array(column) for column in zip(*rows, strict=True)]
    return await connection.execute(statement, by_column or ["{}"] * len(shape._fields))


def _array(values: Sequence[Any]) -> str:
    """As PostgreSQL writes arrays. The driver makes one value at a time, five times as slowly."""
    if isinstance(values[0], int):
        return "{" + ",".join(map(str, values)) + "}"
    return '{"' + '","'.join(_escaped(values)) + '"}'


def _escaped(texts: Sequence[str]) -> Iterable[str]:
    together = "".join(texts)
    if '"' not in together and "\\" not in together:
        return texts
    return (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
