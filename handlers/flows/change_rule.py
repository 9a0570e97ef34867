from datetime import datetime

from bot.cards import rule_changes as cards
from bot.notices import Card
from bot.policy import Organisation
from bot.rule_changes import check_keeper
from bot.rule_trials import Found
from handlers.steps.save_rule_change import save_rule_change
from storage.ledger import Ledger


async def change_rule(
    found: Found, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Make, change, move or remove a rule, and say what that was found to move. Raises Refusal: the
    first of two who change one rule wins.
    """
    held = await ledger.organisation.hold(organisation.admins)
    check_keeper(by, held, now)
    made = await save_rule_change(found, by, ledger, now)
    return cards.saved(made, found.moved)


async def undo_rule(
    number: int,
    found: Found,
    *,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Card:
    """Put the rules back as they were before this change, and the spend, as it was tried. Raises
    Refusal.
    """
    held = await ledger.organisation.hold(organisation.admins)
    check_keeper(by, held, now)
    made = await ledger.rule_changes.get(number)
    made.check_stands()
    back = await save_rule_change(found, by, ledger, now)
    await ledger.rule_changes.undo(made, by)
    await ledger.rule_changes.said(made, 100, end=True)
    await ledger.notices.update(made.notice, cards.undone(made, by), now)
    return cards.saved(back, found.moved)
