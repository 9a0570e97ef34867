from datetime import datetime

from bot.cards import notices as say
from bot.notices import Claim
from bot.policy import Organisation
from handlers.steps.report_delivery import report_delivery
from storage.ledger import Ledger


async def set_notice_aside(
    claim: Claim, reason: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> bool:
    """Slack refused it for good: those behind it go on. False when the lease was lost."""
    if not await ledger.deliveries.set_aside(claim, reason, now):
        return False
    card = say.set_aside(claim.notice.channel, reason)
    await report_delivery(ledger, organisation, claim, "set-aside", card, now)
    return True
