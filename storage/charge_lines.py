"""Lines of bills as the database keeps them, written many at a time."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import NO_CLUES
from bot.charges import Category, Charge
from bot.money import from_nanos, to_nanos
from storage.columns import from_micros, to_micros
from storage.reading import clues_in, tags_in


class ChargeLine(NamedTuple):
    """Instants in microseconds, money in nano-dollars, clues and tags as JSON."""

    source: str
    id: str
    account: str
    start: int
    end: int
    cost: int
    list_cost: int | None
    final: bool
    category: str
    provider: str
    model: str
    item: str
    person: str
    clues: str
    tags: str
    input_tokens: int | None
    output_tokens: int | None
    requests: int | None

    @property
    def charge(self) -> Charge:
        return Charge(
            self.id,
            self.account,
            from_micros(self.start),
            from_micros(self.end),
            from_nanos(self.cost),
            bool(self.final),
            self.provider,
            self.model,
            self.item,
            self.person,
            clues_in(self.clues),
            tags_in(self.tags),
            Category(self.category),
            None if self.list_cost is None else from_nanos(self.list_cost),
            self.input_tokens,
            self.output_tokens,
            self.requests,
        )


NAMES = ", ".join(f'"{name}"' for name in ChargeLine._fields)
_CHARGE = f'INSERT INTO charges ({NAMES}, "received_at") VALUES ({", ".join("?" * 19)})'  # noqa: S608 - names of columns
_WAS = "INSERT INTO corrected_charges (source, id, was, corrected_at) VALUES (?, ?, ?, ?)"
_COPY_CHARGE = f'COPY charges ({NAMES}, "received_at") FROM STDIN'
_COPY_WAS = "COPY corrected_charges (source, id, was, corrected_at) FROM STDIN"


def line_of(source: str, charge: Charge) -> ChargeLine:
    return ChargeLine(
        source,
        charge.id,
        charge.account,
        to_micros(charge.start),
        to_micros(charge.end),
        to_nanos(charge.cost),
        None if charge.list_cost is None else to_nanos(charge.list_cost),
        charge.final,
        charge.category.value,
        charge.provider,
        charge.model,
        charge.item,
        charge.person,
        "" if charge.clues == NO_CLUES else msgspec.json.encode(charge.clues).decode(),
        msgspec.json.encode(charge.tags).decode() if charge.tags else "",
        charge.input_tokens,
        charge.output_tokens,
        charge.requests,
    )


class ChargeLines:
    """Past the ORM, which takes ten times as long: a month of a cloud is tens of thousands."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def enter(self, lines: Sequence[ChargeLine], now: int) -> None:
        await self._write(_CHARGE, _COPY_CHARGE, [(*line, now) for line in lines])

    async def keep(self, lines: Sequence[ChargeLine], now: int) -> None:
        """What they said, among the corrected."""
        kept = [
            (line.source, line.id, msgspec.json.encode(_was(line)).decode(), now) for line in lines
        ]
        await self._write(_WAS, _COPY_WAS, kept)

    async def remove(self, numbers: list[int]) -> None:
        if not numbers:
            return
        driver = await self._driver()
        if self._is_sqlite:
            await driver.executemany("DELETE FROM charges WHERE seq = ?", [(n,) for n in numbers])
            return
        await driver.execute("DELETE FROM charges WHERE seq = ANY(%s)", (numbers,))

    async def _write(self, insert: str, copy: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        driver = await self._driver()
        if self._is_sqlite:
            await driver.executemany(insert, rows)
            return
        async with driver.cursor() as cursor, cursor.copy(copy) as stream:
            for row in rows:
                await stream.write_row(row)

    @property
    def _is_sqlite(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    async def _driver(self) -> Any:  # noqa: ANN401 - aiosqlite's connection or psycopg's
        await self._session.flush()
        return (await (await self._session.connection()).get_raw_connection()).driver_connection


def _was(line: ChargeLine) -> dict[str, Any]:
    return {
        **line._asdict(),
        "cost": str(from_nanos(line.cost)),
        "list_cost": None if line.list_cost is None else str(from_nanos(line.list_cost)),
    }
