from datetime import time

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.hours import read_quiet_hours, read_time
from bot.reach import Digest, Preferences
from storage.tables import PreferenceRow

_NONE = "none"


class PersonalPreferences:
    """When each person wants to be spoken to."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, person: str) -> Preferences:
        row = await self._session.get(PreferenceRow, person)
        if row is None:
            return Preferences()
        quiet = None if row.quiet_hours is None else read_quiet_hours(row.quiet_hours)
        return Preferences(quiet, None if row.digest is None else Digest(_time(row.digest)))

    async def save(self, person: str, chosen: Preferences) -> None:
        await self._session.merge(PreferenceRow(person=person, **as_text(chosen)))
        await self._session.flush()


def as_text(chosen: Preferences) -> dict[str, str | None]:
    """`20:00-07:00`, `09:00`, `none`; None is the organisation's."""
    return {
        "quiet_hours": None if chosen.quiet_hours is None else str(chosen.quiet_hours),
        "digest": None if chosen.digest is None else _said(chosen.digest),
    }


def _said(digest: Digest) -> str:
    return _NONE if digest.at is None else f"{digest.at:%H:%M}"


def _time(kept: str) -> time | None:
    return None if kept == _NONE else read_time(kept)
