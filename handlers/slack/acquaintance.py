"""Who is acting? Guests, bots and people of other organisations get nothing and do nothing."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.people import Person
from bot.refusal import NotAllowed, Refusal
from handlers.desk import Desk

_GOOD_FOR = timedelta(minutes=10)
_OUTSIDE = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot")

log = structlog.get_logger()


class Acquaintance:
    """Asks Slack about a person at most every ten minutes."""

    def __init__(self, client: AsyncWebClient, desk: Desk) -> None:
        self._client = client
        self._desk = desk
        self._known: dict[str, Person] = {}
        self._team: str | None = None

    async def admit(self, user: str, team: str | None) -> Person:
        """The person. Raises NotAllowed for whoever is no full member of this workspace."""
        if team is not None and team != await self.team():
            log.warning("call of another workspace ignored", team=team)
            raise NotAllowed("budget-bot serves another workspace.")
        person = await self.meet(user)
        if person.outsider or person.deleted:
            raise NotAllowed("budget-bot answers only full members of this workspace.")
        return person

    async def meet(self, user: str) -> Person:
        now = self._desk.now()
        known = self._known.get(user) or await self._remembered(user)
        if known is None or now - known.read_at > _GOOD_FOR:
            known = await self._ask(user, known, now)
        self._known[user] = known
        return known

    async def team(self) -> str:
        """The one workspace this deployment serves."""
        if self._team is None:
            self._team = str((await self._client.auth_test())["team_id"])
        return self._team

    async def _remembered(self, user: str) -> Person | None:
        async with self._desk.database.reading() as ledger:
            return await ledger.people.find(user)

    async def _ask(self, user: str, known: Person | None, now: datetime) -> Person:
        try:
            told = await self._client.users_info(user=user)
        except (SlackApiError, OSError, TimeoutError) as error:
            if known is not None:
                return known
            raise Refusal("Slack does not say who you are right now. Try again.") from error
        person = _person(told["user"], await self.team(), now)
        async with self._desk.database.ledger() as ledger:
            await ledger.people.save(person)
        return person


def _person(told: dict[str, Any], team: str, now: datetime) -> Person:
    elsewhere = told.get("team_id", team) != team
    return Person(
        id=told["id"],
        name=told.get("real_name") or told.get("name") or told["id"],
        timezone=told.get("tz"),
        outsider=elsewhere or any(told.get(flag) for flag in _OUTSIDE),
        deleted=bool(told.get("deleted")),
        read_at=now,
    )
