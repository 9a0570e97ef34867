from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.periods import WeekStart
from bot.policy import Organisation, Policy, read_weekly_moment
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
        return Organisation(_policy(row.policy), tuple(row.finance), admins, row.admin_channel)

    async def save(self, organisation: Organisation) -> None:
        row = await self._session.get(OrganisationRow, _ONLY) or OrganisationRow(
            policy={}, finance=[]
        )
        row.policy = as_json(organisation.policy)
        row.finance = list(organisation.finance)
        row.admin_channel = organisation.admin_channel
        self._session.add(row)
        await self._session.flush()
        await self.touch()

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
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            await self.touch()


def as_json(policy: Policy) -> dict[str, Any]:
    return {
        "timezone": policy.timezone,
        "week_start": policy.week_start.value,
        "review_at": str(policy.review_at),
        "finance_over": str(policy.finance_over),
        "request_expires_hours": policy.request_expires_hours,
        "thresholds": list(policy.thresholds),
    }


def _policy(kept: dict[str, Any]) -> Policy:
    plain = {name: value for name, value in kept.items() if name == "timezone" or "hours" in name}
    policy = Policy(**plain)
    return replace(
        policy,
        week_start=WeekStart(kept["week_start"]),
        review_at=read_weekly_moment(kept["review_at"]),
        finance_over=Decimal(kept["finance_over"]),
        thresholds=tuple(kept["thresholds"]),
    )
