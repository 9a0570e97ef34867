"""Admins hear of a channel that takes no messages: once a day, and not about that very message."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.notices import Act, Card, Claim
from bot.policy import Organisation
from handlers.steps.tell_admins import tell_admins
from storage.ledger import Ledger

_REPORT = "delivery"


async def report_delivery(
    ledger: Ledger,
    organisation: Organisation,
    claim: Claim,
    what: str,
    card: Card,
    now: datetime,
) -> None:
    """A report that fails in the admin channel goes to each admin; there it ends."""
    notice = claim.notice
    was_report = notice.key.startswith(f"{_REPORT}:")
    if notice.act is not Act.POST or (was_report and notice.channel != organisation.admin_channel):
        return
    day = now.astimezone(ZoneInfo(organisation.policy.timezone)).date()
    key = f"{_REPORT}:{what}:{notice.channel}:{day}"
    await tell_admins(ledger, organisation, key, card, now, besides=notice.channel)
