from datetime import datetime

from bot.policy import Organisation
from handlers.steps.expire_request import expire_request
from storage.ledger import Ledger


async def expire_requests(ledger: Ledger, organisation: Organisation, now: datetime) -> int:
    """End those nobody answered in time; how many. Run again, or by two at once, it ends none
    twice.
    """
    due = await ledger.requests.due(now)
    expired = [await expire_request(ledger, organisation, one, now) for one in due]
    return sum(expired)
