from datetime import datetime

from bot.attribution import Attribution
from bot.calendars import running_month
from bot.cards import rules as cards
from bot.notices import Card
from bot.policy import Organisation
from bot.rule_changes import keepers
from handlers.steps.read_registered import read_registered
from handlers.steps.read_sight import read_sight
from storage.ledger import Ledger


async def show_rules(
    *, start: int, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """The rules of attribution in their order, from the `start`-th on."""
    registered = await read_registered(ledger)
    running = await ledger.recounts.running()
    rules = Attribution(await ledger.attribution_rules.all()).rules
    month = running_month(organisation.policy, now)
    seen = cards.Seen(
        rules,
        {one.key: one.status for one in registered.workflows},
        await read_sight(by, month, registered, ledger, organisation, now),
        by in keepers(organisation, now),
        running[0].per_cent if running else None,
    )
    return cards.listed(seen, start)
