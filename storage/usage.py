from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, case, func, type_coerce, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import UNATTRIBUTED, UNMETERED, Attribution
from bot.caps import running_periods
from bot.money import from_nanos
from bot.periods import CapKind, Period
from bot.prices import PriceList
from bot.sources import as_told
from bot.usage import Answer, CostBasis, Usage
from bot.workflows import Workflow
from storage import usage_postgres, usage_sqlite
from storage.attribution_rules import AttributionRules
from storage.beliefs import Beliefs, believed
from storage.columns import from_micros, to_micros
from storage.former_owners import FormerOwners, former_owners
from storage.organisation import Organisations
from storage.reading import columns, nanos_of
from storage.reconciled import Settlements
from storage.recounts import Recount
from storage.rule_changes import RuleChanges
from storage.rulers import Rulers, Unmeasured
from storage.source_accounts import SourceAccounts
from storage.spend import Spend
from storage.tables import PeriodTotalRow, SourceRow, UsageRow
from storage.traces import STANDS
from storage.usage_booking import Booked, Booking, TooMuch
from storage.usage_moves import moved, usage_of
from storage.usage_page import Page
from storage.usage_rebuild import Numbered
from storage.usage_room import Held
from storage.usage_sums import Row
from storage.workflows import Workflows

_TRIES = 5
_NOBODYS = frozenset({UNATTRIBUTED, UNMETERED})


class RegistryKeepsChanging(RuntimeError):
    """The registry changed under every attempt to book a batch; a moment later it may not."""


class Touched(NamedTuple):
    """What a period of a workflow holds after a booking, in USD."""

    workflow: str
    period: Period
    spent: Decimal


@dataclass(frozen=True)
class Recorded:
    """`answers` stand in the order of the batch. `registry_version` was read after the booking.

    `totals` are those of registered workflows; `corrected`: the ones a correction took from or
    gave to. `outranked`: the sources, and of which account, that do not count any more since a
    new one does.
    """

    answers: tuple[Answer, ...]
    totals: tuple[Touched, ...]
    corrected: frozenset[str]
    registry_version: int
    outranked: tuple[tuple[str, str], ...] = ()

    @property
    def workflows(self) -> frozenset[str]:
        """Those whose spend changed, the unattributed aside."""
        return frozenset(total.workflow for total in self.totals)


@dataclass(frozen=True)
class Recounted:
    """All up to the number `cursor` are done; the spend of `workflows` may have changed."""

    cursor: int
    looked_at: int
    moved: int
    workflows: frozenset[str]


class Memory:
    """What the bookings of one process remember of the registry, and of who owns which source."""

    def __init__(self) -> None:
        self.beliefs = Beliefs(-1)
        self.owners: dict[str, str] = {}
        self.settlements: Settlements = {}


class UsageRecords:
    def __init__(self, session: AsyncSession, memory: Memory, *, is_sqlite: bool) -> None:
        self._session = session
        self._memory = memory
        self._is_sqlite = is_sqlite

    async def record(self, batch: Sequence[Usage], now: datetime) -> Recorded:
        """Book a batch: records, corrections, roll-ups and totals. A record that would make a
        period hold more than can be counted is refused by itself. Raises TooMuch where other
        writers fill it at the same time.
        """
        outranked = await self._report(batch, now)
        held: Held | None = None
        failed: Exception = RegistryKeepsChanging()
        for _ in range(_TRIES):
            try:
                booked = await self._attempt(batch, now, held)
            except TooMuch as much:
                failed, held = much, await self._held(batch)
                continue
            if booked is not None:
                return _recorded(booked, outranked=outranked)
        raise failed

    async def _report(self, batch: Sequence[Usage], now: datetime) -> tuple[tuple[str, str], ...]:
        """Note which source brings what account, where nobody knew; which others that silences."""
        beliefs = await self._beliefs(batch)
        if not beliefs.unreported(batch):
            return ()
        # Somebody may have noted it meanwhile.
        if beliefs.version != await self._version():
            self._memory.beliefs = Beliefs(-1)
            beliefs = await self._beliefs(batch)
        news = beliefs.unreported(await self._owned(batch))
        if not news:
            return ()
        # What is noted in here may be undone, so it is believed in here only.
        self._memory = Memory()
        silent = await SourceAccounts(self._session).add(news, now)
        told = as_told(news, beliefs.settings.values())
        return tuple(sorted(silent - beliefs.silent - {(one.source, one.account) for one in told}))

    async def _owned(self, batch: Sequence[Usage]) -> list[Usage]:
        """Without what will be refused, since its source is another's."""
        row, names = SourceRow, {usage.source for usage in batch}
        found = await self._session.exec(
            select(row.name, row.belongs_to).where(col(row.name).in_(names))
        )
        owners = dict(found.all())
        return [one for one in batch if owners.get(one.source, one.sender) == one.sender]

    async def recount(
        self,
        stretch: Recount,
        most: int,
        now: datetime,
        billed: Collection[tuple[str, datetime]] = (),
    ) -> Recounted:
        """The next records of it, by number: whose they are, what they cost, whether they count.
        Days of accounts that are `billed` are to be reconciled anew, whatever changed.
        """
        last = min(stretch.cursor + most, stretch.until)
        numbers = stretch.cursor, last, to_micros(stretch.since)
        rows = await self._listed(numbers)
        former = await self._former_owners(stretch, numbers)
        beliefs = await self._believed(await self._version())
        names = beliefs.names([usage_of(row) for row in rows])
        names |= {row.workflow for row in rows}
        names |= {owner.workflow for owner in (former or {}).values()}
        await self._learnt(beliefs.rulers, names)
        page = Page(beliefs, {}, now, stretch.id if stretch.reaches_closed else None)
        changed = moved(page, beliefs, rows, closed=stretch.reaches_closed, former=former)
        page.mark(billed)
        if not (changed or billed):
            return Recounted(last, len(rows), 0, frozenset())
        booked = await self._move(page)
        # A correction may have taken from a workflow, so all are looked at.
        workflows = {row.workflow for row in rows} | {total.workflow for total in booked.totals}
        return Recounted(last, len(rows), changed, frozenset(workflows) - _NOBODYS)

    async def _former_owners(self, stretch: Recount, numbers: Numbered) -> FormerOwners | None:
        """Those of before the recount that this one undoes."""
        undoes = await RuleChanges(self._session).undoes(stretch.id)
        return None if undoes is None else await former_owners(self._session, undoes, numbers)

    async def _listed(self, numbers: Numbered) -> list[Row]:
        driver = await self._driver()
        if not self._is_sqlite:
            return await usage_postgres.listed(driver, numbers)
        rows: list[Row] = await _in_its_thread(driver, usage_sqlite.listed, numbers)
        return rows

    async def _move(self, page: Page) -> Booked:
        driver = await self._driver()
        if not self._is_sqlite:
            return await usage_postgres.move(driver, page)
        booked: Booked = await _in_its_thread(driver, usage_sqlite.move, page)
        return booked

    async def rebuild(self, workflow: str | None = None) -> None:
        """The roll-ups and totals of one workflow, or of all, from the records again."""
        names = {UNATTRIBUTED, UNMETERED}
        names |= {one.key for one in await Workflows(self._session).all()}
        rulers = await self._learnt(Rulers(), names)
        if not self._is_sqlite:
            await usage_postgres.rebuild(await self._driver(), rulers, workflow)
            return
        await _in_its_thread(await self._driver(), usage_sqlite.rebuild, rulers, workflow)

    async def count_from_activation(self, workflow: Workflow, now: datetime) -> None:
        """To be called when a workflow is first active: its total holds the records since then,
        of which some may have been booked already, since clocks differ.
        """
        if workflow.activated_at is None:
            return
        # Whoever books for it at this moment is waited for, and will see the activation.
        await Spend(self._session).hold(workflow.key, running_periods(workflow, now))
        connection = await self._session.connection()
        since = await connection.execute(_since(workflow.key, workflow.activated_at))
        cost, assumed, records, unmetered, last_at = since.one()
        if records:
            await self._session.exec(
                update(PeriodTotalRow)
                .where(
                    col(PeriodTotalRow.workflow) == workflow.key,
                    col(PeriodTotalRow.cap) == CapKind.TOTAL.value,
                    col(PeriodTotalRow.start) == workflow.activated_at,
                )
                .values(
                    cost=from_nanos(int(cost)),
                    assumed=from_nanos(int(assumed)),
                    records=records,
                    unmetered=unmetered,
                    last_at=last_at,
                )
            )

    async def _attempt(
        self, batch: Sequence[Usage], now: datetime, held: Held | None
    ) -> Booked | None:
        booking = Booking(batch, await self._beliefs(batch), self._memory.owners, now, held)
        booked = await self._book(booking)
        if booking.stands(booked):
            return booked
        # Another task may have read it anew meanwhile.
        if self._memory.beliefs.version != booked.version:
            self._memory.beliefs = Beliefs(-1)
        self._memory.owners |= booking.misbelieved(booked)
        return None

    async def _held(self, batch: Sequence[Usage]) -> Held:
        """What the periods hold in which the batch falls."""
        row, names = PeriodTotalRow, (await self._beliefs(batch)).names(batch)
        found = await self._session.exec(
            select(row.workflow, row.cap, row.start, type_coerce(row.cost, BigInteger))
            .where(col(row.workflow).in_(names))
            .where(row.start <= max(usage.at for usage in batch))
            .where(row.end > min(usage.at for usage in batch))
        )
        return {(key, cap, to_micros(start)): int(cost) for key, cap, start, cost in found}

    async def _beliefs(self, batch: Sequence[Usage]) -> Beliefs:
        """With the rulers of all that the batch may come to belong to."""
        beliefs = self._memory.beliefs
        names = beliefs.names(batch)
        if not beliefs.rulers.lacking(names):
            return beliefs
        version = await self._version()
        if version != beliefs.version:
            beliefs = self._memory.beliefs = await self._believed(version)
            names = beliefs.names(batch)
        await self._learnt(beliefs.rulers, names)
        return beliefs

    async def _believed(self, version: int) -> Beliefs:
        organisation = await Organisations(self._session).get()
        return believed(
            version,
            Attribution(await AttributionRules(self._session).all()),
            PriceList(organisation.prices),
            organisation.sources,
            await SourceAccounts(self._session).all(),
        )

    async def _learnt(self, rulers: Rulers, names: set[str]) -> Rulers:
        lacking = rulers.lacking(names)
        found = await Workflows(self._session).find(lacking)
        rulers.learn(lacking, found, await Organisations(self._session).get())
        return rulers

    async def _version(self) -> int:
        return await Organisations(self._session).version()

    async def _book(self, booking: Booking) -> Booked:
        while True:
            try:
                return await self._booked(booking)
            except Unmeasured as lack:
                await self._learnt(booking.beliefs.rulers, set(lack.args))

    async def _booked(self, booking: Booking) -> Booked:
        driver = await self._driver()
        if not self._is_sqlite:
            return await usage_postgres.book(driver, booking)
        booked: Booked = await _in_its_thread(driver, usage_sqlite.book, booking)
        return booked

    async def _driver(self) -> Any:  # noqa: ANN401 - aiosqlite's connection or psycopg's
        await self._session.flush()
        return (await (await self._session.connection()).get_raw_connection()).driver_connection


async def _in_its_thread(driver: Any, work: Callable[..., Any], *given: object) -> Any:  # noqa: ANN401
    """One hop into the thread of aiosqlite, which offers no public way to do more than one
    statement there; every hop waits for its turn on a busy event loop.
    """
    return await driver._execute(work, driver._conn, *given)  # noqa: SLF001


def _since(workflow: str, moment: datetime) -> Select[Any]:
    row = UsageRow
    assumed = case((col(row.basis) == CostBasis.ASSUMED.value, row.cost), else_=None)
    unmetered = func.count() - func.count(col(row.cost))
    sums = nanos_of(row.cost), nanos_of(assumed), func.count(), unmetered, func.max(row.at)
    mine = col(row.workflow) == workflow, col(row.at) >= moment, col(row.counts) == 1, STANDS
    asked: Select[Any] = columns(*sums).where(*mine)
    return asked


def _recorded(booked: Booked, *, outranked: tuple[tuple[str, str], ...]) -> Recorded:
    totals = (
        Touched(one.workflow, _period(one.cap, one.start, one.end), from_nanos(one.cost))
        for one in booked.totals
        if one.workflow not in _NOBODYS
    )
    corrected = booked.page.corrected - _NOBODYS
    answers = tuple(booked.page.answers)
    return Recorded(answers, tuple(totals), corrected, booked.version, outranked)


@lru_cache(maxsize=1024)
def _period(cap: str, start: int, end: int) -> Period:
    return Period(CapKind(cap), from_micros(start), from_micros(end))
