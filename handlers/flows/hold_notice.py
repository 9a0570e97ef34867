from dataclasses import dataclass
from datetime import datetime

from bot.cards import notices as say
from bot.notices import Claim, is_overdue
from bot.policy import Organisation
from handlers.steps.report_delivery import report_delivery
from storage.ledger import Ledger


@dataclass(frozen=True)
class Delay:
    """`in_doubt`: Slack may have it already. `wrong`: something is amiss, it is not just early."""

    due_at: datetime
    reason: str
    in_doubt: bool
    wrong: bool


async def hold_notice(
    claim: Claim, delay: Delay, ledger: Ledger, organisation: Organisation, now: datetime
) -> bool:
    """To be tried again. After an hour of failures the admins hear of it, once."""
    overdue = delay.wrong and is_overdue(claim, now)
    kept = await ledger.deliveries.put_back(
        claim,
        delay.due_at,
        reason=delay.reason,
        in_doubt=delay.in_doubt,
        held_since=(claim.held_since or now) if delay.wrong else claim.held_since,
        told_admin=claim.told_admin or overdue,
    )
    if kept and overdue:
        card = say.held(claim.notice.channel, delay.reason)
        await report_delivery(ledger, organisation, claim, "held", card, now)
    return kept
