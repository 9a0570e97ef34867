from bot.people import Person
from storage.ledger import Ledger


async def note_account(told: Person, ledger: Ledger) -> None:
    """Remember what Slack says of an account. What a departure brings with it is the clock's."""
    await ledger.people.save(told)
    if not told.deleted:
        await ledger.departures.forget(told.id)
