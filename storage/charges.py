"""Bills, line by line, as their sources say them now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import NO_CLUES, Clues
from bot.charges import DAY, Bill, Category, Charge, Stretch, utc_day
from bot.money import from_nanos, to_nanos
from storage.columns import to_micros
from storage.tables import ChargeRow, CorrectedChargeRow

_Row = ChargeRow
# Rows a statement.
_AT_ONCE = 1_000
_WITHOUT_MEANING = ("seq", "received_at")


@dataclass(frozen=True)
class Replaced:
    """How many lines; `days` are those of an account in which one is new, changed or gone."""

    added: int
    changed: int
    gone: int
    same: int
    days: frozenset[tuple[str, datetime]]


class Charges:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replace(self, bill: Bill, now: datetime) -> Replaced:
        """Put the bill's lines in the place of what its source said of the stretch before; that is
        kept among the corrected.
        """
        before = {row.id: row for row in await self._rows(bill)}
        given = {charge.id: _kept(bill.source, charge) for charge in bill.charges}
        gone = [row for key, row in before.items() if key not in given]
        news = {key: said for key, said in given.items() if _differs(said, before.get(key))}
        changed = [before[key] for key in news if key in before]
        await self._keep([*gone, *changed], now)
        await self._enter([{**said, "received_at": now} for said in news.values()])
        starts = [(row.account, row.start) for row in (*gone, *changed)]
        starts += [(said["account"], said["start"]) for said in news.values()]
        return Replaced(
            len(news) - len(changed),
            len(changed),
            len(gone),
            len(given) - len(news),
            frozenset((account, utc_day(start)) for account, start in starts),
        )

    async def of_day(self, account: str, day: datetime) -> tuple[tuple[str, Charge], ...]:
        """With their source, those that begin on a UTC day, in the order of their ids."""
        found = await self._session.exec(
            select(_Row)
            .where(_Row.account == account, _Row.start >= day, _Row.start < day + DAY)
            .order_by(col(_Row.source), col(_Row.id))
        )
        return tuple((row.source, _charge(row)) for row in found)

    async def days(self, since: datetime) -> tuple[tuple[str, datetime], ...]:
        """The account and UTC day of every line that begins at `since` or later, once each."""
        found = await self._session.exec(
            select(_Row.account, _Row.start).where(_Row.start >= since).distinct()
        )
        return tuple(sorted({(account, utc_day(start)) for account, start in found}))

    async def _rows(self, bill: Bill) -> Sequence[ChargeRow]:
        """In the stretch, and those of the same ids elsewhere: a line may have moved."""
        stretch: Stretch = bill.stretch
        mine = select(_Row).where(_Row.source == bill.source)
        inside = await self._session.exec(
            mine.where(_Row.start >= stretch.start, _Row.start < stretch.end)
        )
        rows = {row.id: row for row in inside}
        ids = [charge.id for charge in bill.charges if charge.id not in rows]
        for at in range(0, len(ids), _AT_ONCE):
            moved = await self._session.exec(mine.where(col(_Row.id).in_(ids[at : at + _AT_ONCE])))
            rows |= {row.id: row for row in moved}
        return list(rows.values())

    async def _keep(self, rows: Sequence[ChargeRow], now: datetime) -> None:
        kept = [
            {"source": row.source, "id": row.id, "was": _was(row), "corrected_at": now}
            for row in rows
        ]
        for at in range(0, len(rows), _AT_ONCE):
            some = rows[at : at + _AT_ONCE]
            await self._session.exec(insert(CorrectedChargeRow), params=kept[at : at + _AT_ONCE])
            gone = delete(_Row).where(col(_Row.seq).in_([row.seq for row in some]))
            await self._session.exec(gone.execution_options(synchronize_session=False))
        for row in rows:
            self._session.expunge(row)

    async def _enter(self, rows: Sequence[dict[str, Any]]) -> None:
        for at in range(0, len(rows), _AT_ONCE):
            await self._session.exec(insert(_Row), params=rows[at : at + _AT_ONCE])


def _kept(source: str, charge: Charge) -> dict[str, Any]:
    return {
        "source": source,
        "id": charge.id,
        "account": charge.account,
        "start": charge.start,
        "end": charge.end,
        "cost": from_nanos(to_nanos(charge.cost)),
        "list_cost": None if charge.list_cost is None else from_nanos(to_nanos(charge.list_cost)),
        "final": charge.final,
        "category": charge.category.value,
        "provider": charge.provider,
        "model": charge.model,
        "item": charge.item,
        "person": charge.person,
        "clues": "" if charge.clues == NO_CLUES else msgspec.json.encode(charge.clues).decode(),
        "tags": msgspec.json.encode(charge.tags).decode() if charge.tags else "",
        "input_tokens": charge.input_tokens,
        "output_tokens": charge.output_tokens,
        "requests": charge.requests,
    }


def _differs(said: dict[str, Any], row: ChargeRow | None) -> bool:
    return row is None or any(getattr(row, name) != value for name, value in said.items())


def _was(row: ChargeRow) -> dict[str, Any]:
    return {name: _json(value) for name, value in _fields(row) if name not in _WITHOUT_MEANING}


def _fields(row: ChargeRow) -> Iterable[tuple[str, Any]]:
    return ((name, getattr(row, name)) for name in type(row).model_fields)


def _json(value: Any) -> Any:  # noqa: ANN401
    return to_micros(value) if isinstance(value, datetime) else _number(value)


def _number(value: Any) -> Any:  # noqa: ANN401
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _charge(row: ChargeRow) -> Charge:
    return Charge(
        row.id,
        row.account,
        row.start,
        row.end,
        row.cost,
        row.final,
        row.provider,
        row.model,
        row.item,
        row.person,
        msgspec.json.decode(row.clues, type=Clues) if row.clues else NO_CLUES,
        tuple(msgspec.json.decode(row.tags)) if row.tags else (),
        Category(row.category),
        row.list_cost,
        row.input_tokens,
        row.output_tokens,
        row.requests,
    )
