from collections.abc import Callable, Iterable
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import contract
from bot.delegations import Absence, Delegation
from bot.hours import read_quiet_hours, read_time
from bot.periods import WeekStart
from bot.policy import MONEY, STEPS, Organisation, PerClass, Policy, read_weekly_moment
from bot.prices import OwnPrice
from bot.sources import Lane, Signal, SourceSetting
from bot.tiers import TierRule
from bot.workflows import Tier
from storage.once import add_once
from storage.tables import OrganisationRow

_ONLY = 1


class Organisations:
    """The one organisation a deployment serves."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, admins: tuple[str, ...] = ()) -> Organisation:
        """`admins` come from the settings, not from the database."""
        row = await self._session.get(OrganisationRow, _ONLY)
        if row is None:
            return Organisation(admins=admins)
        return Organisation(
            _policy(row.policy),
            tuple(row.finance),
            admins,
            row.admin_channel,
            tuple(map(_delegation, row.delegations)),
            tuple(map(_absence, row.absences)),
            tuple(map(_source, row.sources)),
            tuple(map(_price, row.prices)),
            tuple(TierRule(Tier(kept["tier"]), kept["pattern"]) for kept in row.tiers),
        )

    async def hold(self, admins: tuple[str, ...] = ()) -> Organisation:
        """The same as it is now; nobody else changes it until the ledger closes."""
        held = select(OrganisationRow).with_for_update().execution_options(populate_existing=True)
        if (await self._session.exec(held)).first() is None:
            await self.touch()
            await self._session.exec(held)
        return await self.get(admins)

    async def stand_in(
        self, delegations: Iterable[Delegation], absences: Iterable[Absence]
    ) -> None:
        """Keep who stands in and who is away, of an organisation that is held; no more of it."""
        await self._session.exec(
            update(OrganisationRow)
            .values(delegations=list(map(_kept, delegations)), absences=list(map(_kept, absences)))
            .execution_options(synchronize_session=False)
        )

    async def save(self, organisation: Organisation) -> None:
        row = await self._session.get(OrganisationRow, _ONLY) or OrganisationRow(
            policy={}, finance=[]
        )
        row.policy = as_json(organisation.policy)
        row.finance = list(organisation.finance)
        row.admin_channel = organisation.admin_channel
        row.delegations = list(map(_kept, organisation.delegations))
        row.absences = list(map(_kept, organisation.absences))
        row.sources = [vars(one) for one in organisation.sources]
        row.prices = [_kept_price(one) for one in organisation.prices]
        row.tiers = [vars(one) for one in organisation.tiers]
        self._session.add(row)
        await self._session.flush()
        await self.touch()

    async def version(self) -> int:
        """Of the registry; 0 before anything was said of the organisation."""
        found = await self._session.exec(select(OrganisationRow.registry_version))
        return found.first() or 0

    async def touch(self) -> None:
        """Say that what can trigger an alert has changed."""
        touched = await self._session.exec(
            update(OrganisationRow).values(
                registry_version=col(OrganisationRow.registry_version) + 1
            )
        )
        if touched.rowcount == 0:
            await self._begin()

    async def _begin(self) -> None:
        """The first change comes before anything was said of the organisation."""
        row = OrganisationRow(policy=as_json(Policy()), finance=[], registry_version=1)
        if not await add_once(self._session, row):
            await self.touch()


def as_json(policy: Policy) -> dict[str, Any]:
    return contract.as_json(contract.policy_fields(policy))


def _amounts(kept: dict[str, str]) -> PerClass:
    return PerClass(**{kind: Decimal(amount) for kind, amount in kept.items()})


def _clock_time(text: str) -> time | None:
    return None if text == "none" else read_time(text)


# What is not in here is kept as it is.
_READ: dict[str, Callable[[Any], Any]] = {
    "week_start": WeekStart,
    "review_at": read_weekly_moment,
    "quiet_hours": read_quiet_hours,
    "digest_at": _clock_time,
    "largest_raise": _amounts,
    "longest_raise_days": _amounts,
    **dict.fromkeys(MONEY, Decimal),
    **dict.fromkeys(("thresholds", *STEPS), tuple),
}


def _policy(kept: dict[str, Any]) -> Policy:
    """A number that a release added since has its default."""
    return Policy(**{name: _READ.get(name, _same)(value) for name, value in kept.items()})


def _same(value: Any) -> Any:  # noqa: ANN401
    return value


def _delegation(kept: dict[str, Any]) -> Delegation:
    return Delegation(**{**kept, **_stretch(kept)})


def _absence(kept: dict[str, Any]) -> Absence:
    return Absence(**{**kept, **_stretch(kept)})


def _source(kept: dict[str, Any]) -> SourceSetting:
    lane, signal = kept["lane"], kept["signal"]
    return SourceSetting(
        kept["name"], lane and Lane(lane), kept["account"], signal and Signal(signal)
    )


def _price(kept: dict[str, Any]) -> OwnPrice:
    return OwnPrice(**{name: _amount(value) for name, value in kept.items()})


def _amount(kept: Any) -> Any:  # noqa: ANN401
    return Decimal(kept["usd"]) if isinstance(kept, dict) else kept


def _kept_price(price: OwnPrice) -> dict[str, Any]:
    return {
        name: {"usd": str(value)} if isinstance(value, Decimal) else value
        for name, value in vars(price).items()
    }


def _stretch(kept: dict[str, Any]) -> dict[str, datetime]:
    return {edge: datetime.fromisoformat(kept[edge]) for edge in ("start", "end")}


def _kept(one: Delegation | Absence) -> dict[str, Any]:
    return {**vars(one), "start": one.start.isoformat(), "end": one.end.isoformat()}
