from datetime import datetime

from bot.adjustments import Adjustment
from bot.changes import INSTEAD_OF, Change
from bot.delegations import Acting
from bot.falls import Fall
from bot.money import say
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.sources import ADJUSTMENTS
from bot.usage import Outcome, Usage
from handlers.steps.raise_alerts import raise_alerts
from storage.ledger import Ledger


async def book_adjustment(
    ledger: Ledger, organisation: Organisation, usage: Usage, why: Fall, now: datetime
) -> None:
    """Count it, and raise what it makes due. Raises Refusal where it cannot be counted."""
    recorded = await ledger.usage.record([usage], now)
    (answer,) = recorded.answers
    if answer.outcome is Outcome.REFUSED:
        raise Refusal(answer.reason or "It cannot be counted.", field="amount")
    await raise_alerts(
        ledger, organisation, recorded.workflows, now, dict.fromkeys(recorded.workflows, why)
    )


async def note_adjustment(
    ledger: Ledger, one: Adjustment, what: str, by: Acting, now: datetime
) -> None:
    """In the trail of its workflow; of the adjustments where it is charged to nobody."""
    after = {"amount": str(one.amount), "at": one.at.isoformat()}
    if by.instead_of:
        after[INSTEAD_OF] = by.instead_of
    about = one.workflow or ADJUSTMENTS
    said = f"{what} {say(one.amount)}"
    await ledger.changes.add(Change(now, by.person, about, said, after=after, reason=one.reason))
