"""An outbox and a dispatcher to empty it, with a clock that can be put forward."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.notices import Card
from handlers.desk import Desk
from handlers.slack.delivery import Dispatcher
from handlers.slack.delivery.timing import Timing
from storage.database import Database
from tests.delivery.local_slack import LocalSlack

QUICK = Timing(lease=25, timeout=10, moment=0.05, poll=0.05, backoff=0.02, longest=0.1)
# For a Slack that does not answer, which a busy machine must not be taken for.
IMPATIENT = replace(QUICK, timeout=0.5)


@dataclass(frozen=True)
class AheadDesk(Desk):
    """Its clock is ahead of the real one."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class Outbox:
    def __init__(self, database: Database, slack: LocalSlack, **named: Any) -> None:
        self.database, self.slack = database, slack
        self.desk = AheadDesk(database, admins=("U0SAM", "U0ANA"))
        self._named: dict[str, Any] = {"pace": 0.0, "timing": QUICK} | named

    def later(self, **delay: float) -> None:
        """Put the clock forward."""
        ahead = self.desk.ahead + timedelta(**delay)
        self.desk = AheadDesk(self.database, self.desk.admins, ahead)

    def dispatcher(self, client: AsyncWebClient | None = None, **named: Any) -> Dispatcher:
        return Dispatcher(self.desk, client or self.slack.client(), **self._named | named)

    async def delivers(self, client: AsyncWebClient | None = None) -> int:
        return await self.dispatcher(client).deliver_due()

    async def says(
        self, key: str, place: str = "C0SEARCH", *, text: str = "", **named: Any
    ) -> None:
        async with self.database.ledger() as ledger:
            card = named.pop("card", Card(text or f"This is {key}."))
            await ledger.notices.post(key, place, card, self.desk.now(), **named)

    async def rewrites(self, key: str, card: Card) -> None:
        async with self.database.ledger() as ledger:
            await ledger.notices.update(key, card, self.desk.now())

    async def reacts(self, place: str, ts: str, emoji: str) -> None:
        async with self.database.ledger() as ledger:
            await ledger.notices.react(place, ts, emoji, self.desk.now())

    async def crashes_before_sending(self, place: str = "C0SEARCH") -> None:
        """A sender takes the next notice and is never heard of again."""
        now = self.desk.now()
        async with self.database.ledger() as ledger:
            claim = await ledger.deliveries.claim(place, now, now + timedelta(seconds=30))
        assert claim is not None

    async def troubles(self) -> list[tuple[str, str]]:
        async with self.database.reading() as ledger:
            return [(one.key, one.reason) for one in await ledger.notices.troubled()]

    async def waiting(self) -> int:
        async with self.database.reading() as ledger:
            return (await ledger.notices.backlog(self.desk.now())).waiting

    async def has_admin_channel(self, channel: str) -> None:
        async with self.database.ledger() as ledger:
            organisation = await ledger.organisation.get()
            await ledger.organisation.save(replace(organisation, admin_channel=channel))
