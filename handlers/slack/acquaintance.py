"""Who is acting? Guests, bots and people of other organisations get nothing and do nothing."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.people import Person
from bot.periods import known_zone
from bot.refusal import NotAllowed, Refusal
from handlers.desk import Desk
from handlers.slack.directory import is_outside
from handlers.steps.note_account import note_account

# A look may rest on what Slack said a moment ago. An act is checked against what it says now; the
# few seconds spare a second question for the clicks of one form.
TO_LOOK = timedelta(minutes=1)
TO_ACT = timedelta(seconds=3)
_WHEN_SLACK_IS_AWAY = timedelta(minutes=10)
_WAIT_SECONDS = 1.5

log = structlog.get_logger()


class Acquaintance:
    """Asks Slack about people, and remembers the answers for a moment."""

    def __init__(self, client: AsyncWebClient, desk: Desk) -> None:
        self._client = client
        self._desk = desk
        self._known: dict[str, Person] = {}
        self._team: str | None = None

    async def admit(self, user: str, team: str | None, fresh: timedelta = TO_ACT) -> Person:
        """The person. Raises NotAllowed for whoever is no full member of this workspace."""
        if team is not None and team != await self.team():
            log.warning("call of another workspace ignored", team=team)
            raise NotAllowed("budget-bot serves another workspace.")
        person = await self.meet(user, fresh)
        if not person.is_member:
            raise NotAllowed("budget-bot answers only full members of this workspace.")
        return person

    async def meet(self, user: str, fresh: timedelta = TO_ACT) -> Person:
        """As Slack knew the person at most `fresh` ago. Raises Refusal when it does not say."""
        now = self._desk.now()
        known = self._known.get(user) or await self._remembered(user)
        if known is None or not timedelta(0) <= now - known.read_at <= fresh:
            known = await self._ask(user, known, now)
        self._known[user] = known
        return known

    async def meet_chosen(self, chosen: Mapping[str, str]) -> None:
        """Get to know whom a form names, by field. Raises Refusal beside one Slack does not know
        or tell.
        """
        await asyncio.gather(*(self._meet_chosen(*each) for each in chosen.items()))

    async def _meet_chosen(self, field: str, user: str) -> None:
        try:
            await self.meet(user, TO_LOOK)
        except Refusal as refusal:
            raise Refusal("Slack does not say who that is. Try again.", field=field) from refusal

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
            async with asyncio.timeout(_WAIT_SECONDS):
                told = await self._client.users_info(user=user)
        except (
            SlackApiError,
            aiohttp.ClientError,
            OSError,
        ) as error:  # a TimeoutError is an OSError
            if known is not None and now - known.read_at <= _WHEN_SLACK_IS_AWAY:
                return known
            raise Refusal("Slack does not say who you are right now. Try again.") from error
        person = read_person(told["user"], await self.team(), now)
        if known is None or replace(known, read_at=now) != person:
            async with self._desk.database.ledger() as ledger:
                await note_account(person, ledger)
        return person


def read_person(told: Mapping[str, Any], team: str, now: datetime) -> Person:
    """What Slack tells of an account; `team`: the one workspace that is served."""
    elsewhere = told.get("team_id", team) != team
    return Person(
        id=told["id"],
        name=told.get("real_name") or told.get("name") or told["id"],
        timezone=known_zone(told.get("tz")),
        outsider=elsewhere or is_outside(told),
        deleted=bool(told.get("deleted")),
        read_at=now,
    )
