"""Is everybody still there? Slack takes a message to a deactivated account without a word, so the
bot asks after those who hold a role: once a day each.
"""

import asyncio

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.people import Person
from handlers.desk import Desk
from handlers.flows.read_roll import read_roll
from handlers.slack.acquaintance import read_person
from handlers.slack.delivery.answers import Unsent, ask
from handlers.steps.note_account import note_account

_EVERY_SECONDS = 600.0
_WAIT_SECONDS = 10.0

log = structlog.get_logger()


class RollCall:
    def __init__(self, desk: Desk, client: AsyncWebClient) -> None:
        self._desk, self._client = desk, client

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.call()
            except Exception:
                log.exception("the roll cannot be called; it is tried again")
            await asyncio.sleep(_EVERY_SECONDS)

    async def call(self) -> int:
        """Ask after those whose turn it is. How many were found."""
        async with self._desk.database.ledger() as ledger:
            organisation = await self._desk.organisation(ledger)
            names = await read_roll(ledger, organisation, self._desk.now())
        if not names:
            return 0
        team = str((await ask(self._client.auth_test(), _WAIT_SECONDS))["team_id"])
        found = 0
        for name in names:
            person = await self._ask(name, team)
            if person is not None:
                found += 1
                async with self._desk.database.ledger() as ledger:
                    await note_account(person, ledger)
        return found

    async def _ask(self, user: str, team: str) -> Person | None:
        try:
            told = await ask(self._client.users_info(user=user), _WAIT_SECONDS)
        except Unsent as trouble:
            log.warning("Slack does not say who that is", user=user, reason=trouble.reason)
            return None
        return read_person(told["user"], team, self._desk.now())
