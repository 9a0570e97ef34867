from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.money import from_nanos
from bot.periods import CapKind, Period
from bot.usage import Answer, Usage
from storage import usage_postgres, usage_sqlite
from storage.columns import from_micros
from storage.organisation import Organisations
from storage.rulers import Rulers, Unmeasured
from storage.spend import UNATTRIBUTED
from storage.tables import OrganisationRow
from storage.usage_booking import Booked, Booking
from storage.workflows import Workflows

_TRIES = 5


class RegistryKeepsChanging(RuntimeError):
    """The registry changed under every attempt to book a batch."""


@dataclass(frozen=True)
class Touched:
    """What a period of a workflow holds after a booking, in USD."""

    workflow: str
    period: Period
    spent: Decimal


@dataclass(frozen=True)
class Recorded:
    """`answers` stand in the order of the batch. `registry_version` was read after the booking.

    `totals` are those of registered workflows; `corrected`: the ones a correction took from or
    gave to.
    """

    answers: tuple[Answer, ...]
    totals: tuple[Touched, ...]
    corrected: frozenset[str]
    registry_version: int

    @property
    def workflows(self) -> frozenset[str]:
        """Those whose spend changed, the unattributed aside."""
        return frozenset(total.workflow for total in self.totals)


class Memory:
    """What the bookings of one process remember of the registry, and of who owns which source."""

    def __init__(self) -> None:
        self.rulers = Rulers(-1)
        self.owners: dict[str, str] = {}


class UsageRecords:
    def __init__(self, session: AsyncSession, memory: Memory, *, is_sqlite: bool) -> None:
        self._session = session
        self._memory = memory
        self._is_sqlite = is_sqlite

    async def record(self, batch: Sequence[Usage], now: datetime) -> Recorded:
        """Book a batch: records, corrections, roll-ups and totals. Raises TooMuch."""
        names = {UNATTRIBUTED, *(usage.workflow for usage in batch)}
        for _ in range(_TRIES):
            try:
                booked = await self._attempt(batch, names, now)
            except Unmeasured as lack:
                names.add(lack.args[0])
                continue
            if booked is not None:
                return _recorded(booked)
        raise RegistryKeepsChanging

    async def _attempt(
        self, batch: Sequence[Usage], names: set[str], now: datetime
    ) -> Booked | None:
        booking = Booking(batch, await self._rulers(names), self._memory.owners, now)
        booked = await self._book(booking)
        if booking.stands(booked):
            return booked
        self._memory.rulers = Rulers(-1)
        self._memory.owners |= booking.misbelieved(booked)
        return None

    async def _rulers(self, names: set[str]) -> Rulers:
        rulers = self._memory.rulers
        if not rulers.lacking(names):
            return rulers
        version = await self._version()
        if version != rulers.version:
            rulers = self._memory.rulers = Rulers(version)
        lacking = rulers.lacking(names)
        found = await Workflows(self._session).find(lacking)
        rulers.learn(lacking, found, await Organisations(self._session).get())
        return rulers

    async def _version(self) -> int:
        """The state of the registry; 0 before anything was said of the organisation."""
        versions = await self._session.exec(select(OrganisationRow.registry_version))
        return versions.first() or 0

    async def _book(self, booking: Booking) -> Booked:
        await self._session.flush()
        connection = await (await self._session.connection()).get_raw_connection()
        driver: Any = connection.driver_connection
        if not self._is_sqlite:
            return await usage_postgres.book(driver, booking)
        # The driver offers no public way to do several statements in one hop into its thread.
        return await driver._execute(usage_sqlite.book, driver._conn, booking)  # noqa: SLF001


def _recorded(booked: Booked) -> Recorded:
    return Recorded(
        tuple(booked.page.answers),
        tuple(
            Touched(
                total.workflow,
                Period(CapKind(total.cap), from_micros(total.start), from_micros(total.end)),
                from_nanos(total.cost),
            )
            for total in booked.totals
            if total.workflow != UNATTRIBUTED
        ),
        booked.page.corrected - {UNATTRIBUTED},
        booked.version,
    )
