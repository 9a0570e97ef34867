from bot.unclaimed import Registered
from storage.ledger import Ledger


async def read_registered(ledger: Ledger) -> Registered:
    """The workflows and teams that spend may belong to."""
    return Registered(await ledger.workflows.all(), await ledger.teams.all())
