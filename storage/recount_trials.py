"""Records told anew by a registry that is not stored, to say what that would come to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import Attribution
from bot.plan import Registry
from bot.prices import PriceList
from bot.recount_trials import Retold, Told
from bot.sources import Reported
from bot.usage import CostBasis
from storage.beliefs import Beliefs, believed
from storage.columns import to_micros
from storage.parting import instant_of, number_at
from storage.recounts import Recounts
from storage.rulers import Unmeasured
from storage.source_accounts import SourceAccounts
from storage.trial_records import back_to
from storage.usage_moves import told_anew
from storage.usage_rebuild import NUMBERED, Numbered
from storage.usage_sums import Row

_PAGE = 10_000
_ASSUMED = CostBasis.ASSUMED.value


class LookedAt(NamedTuple):
    """`back_to`: how far back it reaches, None where it is all that was asked for."""

    retold: tuple[Retold, ...]
    back_to: datetime | None


class RecountTrials:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def retold(
        self, since: datetime, most: int, before: Registry | None, after: Registry, now: datetime
    ) -> LookedAt:
        """What becomes of records since an instant, at most so many of the newest. `before` None:
        of what stands.
        """
        first, last = await Recounts(self._session).numbers(since)
        lowest = max(first, last - most)
        reported = await SourceAccounts(self._session).all()
        known = None if before is None else _Known(before, reported)
        tally = _Tally(known, _Known(after, reported), to_micros(now))
        for end in range(last, lowest, -_PAGE):
            rows = await self._listed((max(lowest, end - _PAGE), end, to_micros(since)))
            tally.add(rows)
        missed = None if lowest == first else await back_to(lowest, since, self._session)
        return LookedAt(tally.retold(), missed)

    async def _listed(self, numbers: Numbered) -> Iterable[Row]:
        connection = await self._session.connection()
        sqlite = connection.dialect.name == "sqlite"
        statement = NUMBERED.replace("%s", "?") if sqlite else NUMBERED
        return map(Row._make, await connection.exec_driver_sql(statement, numbers))


class _Known:
    """A registry, and what is believed by it; workflows are measured when they are met."""

    def __init__(self, registry: Registry, reported: Collection[Reported]) -> None:
        organisation = registry.organisation
        self._registry = registry
        self._beliefs: Beliefs = believed(
            0,
            Attribution(registry.rules),
            PriceList(organisation.prices),
            organisation.sources,
            frozenset(reported),
        )

    def told(self, row: Row, now: int) -> Row:
        while True:
            try:
                return told_anew(self._beliefs, row, now)
            except Unmeasured as lack:
                named = dict(self._registry.workflows)
                self._beliefs.rulers.learn(set(lack.args), named, self._registry.organisation)


# The number of the UTC day, how they stand, were and become, and whether the price is another.
_Key = tuple[int, Told, Told, Told, bool]


@dataclass
class _Tally:
    before: _Known | None
    after: _Known
    now: int
    sums: dict[_Key, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0]))

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            was = row if self.before is None else self.before.told(row, self.now)
            becomes = self.after.told(row, self.now)
            if row == was == becomes:
                continue
            repriced = (was.cost, was.basis) != (becomes.cost, becomes.basis)
            key = (number_at(row.at), _told(row), _told(was), _told(becomes), repriced)
            held = self.sums[key]
            for at, number in enumerate((1, row.cost, was.cost, becomes.cost)):
                held[at] += number or 0

    def retold(self) -> tuple[Retold, ...]:
        return tuple(
            Retold(instant_of(key[0]), *key[1:], held[0], (held[1], held[2], held[3]))
            for key, held in self.sums.items()
        )


def _told(row: Row) -> Told:
    return Told(row.workflow, row.account, bool(row.counts), row.basis == _ASSUMED)
