from datetime import datetime

from bot.cards import rule_changes as cards
from bot.notices import Card
from bot.policy import Organisation
from bot.refusal import TooLate
from bot.rule_changes import Reach, RuleChange, check_keeper
from handlers.steps.save_rule_change import save_rule_change
from storage.ledger import Ledger


async def change_rule(
    change: RuleChange,
    reach: Reach,
    *,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Card:
    """Make, change, move or remove a rule, and say what that moves. Raises Refusal: the first of
    two who change one rule wins.
    """
    held = await ledger.organisation.hold(organisation.admins)
    check_keeper(by, held, now)
    made, trial = await save_rule_change(change, reach, by, ledger, held, now)
    return cards.saved(made, trial)


async def undo_rule(
    number: int, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Put the rules back as they were before this change, and the spend. Raises Refusal."""
    held = await ledger.organisation.hold(organisation.admins)
    check_keeper(by, held, now)
    made = await ledger.rule_changes.get(number)
    if made.undone_by is not None:
        raise TooLate(f"<@{made.undone_by}> has taken this back already.")
    back, trial = await save_rule_change(made.taken_back, made.reach, by, ledger, held, now)
    await ledger.rule_changes.undo(made, by)
    await ledger.rule_changes.said(made, 100, end=True)
    await ledger.notices.update(made.notice, cards.undone(made, by), now)
    return cards.saved(back, trial)
