from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.telemetry.streams import Stream, added
from storage.columns import to_micros
from storage.tables import TelemetryStreamRow

# A statement holds a limited number of parameters.
_AT_ONCE = 500
# Rows are made before they are held: whoever comes second waits for the first.
_MAKE = text(
    "INSERT INTO telemetry_streams (stream, start, at, value) VALUES (:name, :start, -1, 0) "
    "ON CONFLICT DO NOTHING"
)
_SAVE = text("UPDATE telemetry_streams SET at = :at, value = :value WHERE stream = :name")


class TelemetryStreams:
    """How far each cumulative counter has been counted."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def advance(self, points: Sequence[Stream]) -> tuple[int, ...]:
        """What is new in each point, in their order; they are counted from now on. Nobody else
        advances the same streams until the ledger closes.
        """
        known = await self._held({point.name: point for point in points})
        before = dict(known)
        news = dict.fromkeys(range(len(points)), 0)
        for index in sorted(news, key=lambda index: points[index].at):
            point = points[index]
            news[index], known[point.name] = added(known.get(point.name), point)
        await self._execute(_SAVE, (one for one in known.values() if before.get(one.name) != one))
        return tuple(news.values())

    async def forget(self, before: datetime) -> None:
        """Those of which nothing was heard since: their programs have ended."""
        await self._session.exec(
            delete(TelemetryStreamRow).where(col(TelemetryStreamRow.at) < before)
        )

    async def _held(self, points: dict[str, Stream]) -> dict[str, Stream]:
        """In one order for everybody, so that nobody waits in a circle."""
        names = sorted(points)
        held: dict[str, Stream] = {}
        for at in range(0, len(names), _AT_ONCE):
            page = names[at : at + _AT_ONCE]
            await self._execute(_MAKE, (points[name] for name in page))
            found = await self._session.exec(
                select(TelemetryStreamRow)
                .where(col(TelemetryStreamRow.stream).in_(page))
                .order_by(col(TelemetryStreamRow.stream))
                .with_for_update()
                .execution_options(populate_existing=True)
            )
            held |= {row.stream: _stream(row) for row in found if to_micros(row.at) >= 0}
        return held

    async def _execute(self, statement: Any, streams: Iterable[Stream]) -> None:  # noqa: ANN401
        rows = [stream._asdict() for stream in streams]
        if rows:
            await (await self._session.connection()).execute(statement, rows)


def _stream(row: TelemetryStreamRow) -> Stream:
    return Stream(row.stream, to_micros(row.start), to_micros(row.at), row.value)
