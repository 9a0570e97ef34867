from datetime import datetime

from bot.policy import Organisation
from bot.requests import Request
from handlers.steps.each_apart import each_apart
from handlers.steps.expire_request import expire_request
from storage.ledger import Ledger


async def expire_requests(ledger: Ledger, organisation: Organisation, now: datetime) -> int:
    """End those nobody answered in time; how many. Run again, or by two at once, it ends none
    twice.
    """

    async def expire(one: Request) -> bool:
        return await expire_request(ledger, organisation, one, now)

    return sum(await each_apart(ledger, await ledger.requests.due(now), expire))
