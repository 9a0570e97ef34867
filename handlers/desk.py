"""What every door has at hand."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.policy import Organisation
from storage.database import Database
from storage.ledger import Ledger


@dataclass(frozen=True)
class Desk:
    """`admins` are the Slack ids of the settings."""

    database: Database
    admins: tuple[str, ...] = ()

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def organisation(self, ledger: Ledger) -> Organisation:
        return await ledger.organisation.get(self.admins)
