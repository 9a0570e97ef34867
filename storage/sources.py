from datetime import datetime

from sqlalchemy import delete, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.charges import Bill
from storage.columns import to_micros
from storage.tables import SourceHourRow, SourceRow

OURS = "budget-bot"

_HEARD = text(
    "INSERT INTO sources (name, belongs_to, last_at, last_received, kind, records, unpriced) "
    "VALUES (:name, :ours, :last_at, :now, :kind, :records, 0) ON CONFLICT (name) DO UPDATE SET "
    "last_at = CASE WHEN sources.last_at IS NULL OR excluded.last_at > sources.last_at "
    "THEN excluded.last_at ELSE sources.last_at END, last_received = excluded.last_received, "
    "records = sources.records + excluded.records"
)
_HOUR = 3_600_000_000
_ARRIVED = text(
    "INSERT INTO source_hours (source, hour, records) VALUES (:name, :hour, :records) "
    "ON CONFLICT (source, hour) DO UPDATE SET records = source_hours.records + excluded.records"
)


class Sources:
    """What is heard of sources that do not send records of usage themselves."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def heard(self, bill: Bill, lines: int, now: datetime) -> None:
        """`lines` more than before stand in its bills."""
        connection = await self._session.connection()
        at = to_micros(now)
        arrived = {"name": bill.source, "hour": at - at % _HOUR, "records": len(bill.charges)}
        said = {
            "name": bill.source,
            "ours": OURS,
            "last_at": to_micros(bill.through or min(bill.stretch.end, now)),
            "now": at,
            "kind": bill.kind.value,
            "records": lines,
        }
        await connection.execute(_HEARD, said)
        await connection.execute(_ARRIVED, arrived)

    async def count(self, source: str, lines: int) -> None:
        """So many more than before stand in its bills."""
        more = update(SourceRow).where(col(SourceRow.name) == source)
        await self._session.exec(
            more.values(records=col(SourceRow.records) + lines).execution_options(
                synchronize_session=False
            )
        )

    async def hold(self, source: str) -> None:
        """Whoever records a bill of it waits until the ledger closes."""
        await self._session.exec(
            select(SourceRow.name).where(SourceRow.name == source).with_for_update()
        )

    async def told(self, source: str, through: datetime) -> None:
        """Up to here, and no more than that."""
        row = update(SourceRow).where(col(SourceRow.name) == source)
        await self._session.exec(
            row.values(last_at=through).execution_options(synchronize_session=False)
        )

    async def forget(self, source: str) -> None:
        """As if it had never been heard."""
        for statement in (
            delete(SourceHourRow).where(col(SourceHourRow.source) == source),
            delete(SourceRow).where(col(SourceRow.name) == source),
        ):
            await self._session.exec(statement.execution_options(synchronize_session=False))
