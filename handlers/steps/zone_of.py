from bot.policy import Organisation
from storage.ledger import Ledger


async def zone_of(ledger: Ledger, organisation: Organisation, user: str) -> str:
    """Where the person's days begin: where Slack says they are, else the organisation's zone."""
    known = await ledger.people.find(user)
    return (known and known.timezone) or organisation.policy.timezone
