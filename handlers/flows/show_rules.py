from datetime import datetime

from bot.attribution import Attribution
from bot.cards import rules as cards
from bot.notices import Card
from bot.policy import Organisation
from bot.rule_changes import keepers
from bot.unclaimed import sees_names
from handlers.steps.read_registered import read_registered
from storage.ledger import Ledger


async def show_rules(
    *, start: int, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """The rules of attribution in their order, from the `start`-th on."""
    registered = await read_registered(ledger)
    running = await ledger.recounts.running()
    seen = cards.Seen(
        Attribution(await ledger.attribution_rules.all()).rules,
        {one.key: one.status for one in registered.workflows},
        sees_names(by, organisation, registered, now),
        by in keepers(organisation, now),
        running[0].per_cent if running else None,
    )
    return cards.listed(seen, start)
