from datetime import datetime

from bot.changes import BOT
from bot.policy import Organisation
from bot.requests import Request, State, ended
from handlers.steps.each_apart import each_apart
from handlers.steps.end_request import end_request
from storage.ledger import Ledger


async def expire_requests(ledger: Ledger, _organisation: Organisation, now: datetime) -> int:
    """End those nobody answered in time; how many. Run again, or by two at once, it ends none
    twice.
    """
    due = await ledger.requests.due(now)

    async def expire(one: Request) -> bool:
        workflow = await ledger.workflows.get(one.workflow)
        return await end_request(ledger, ended(one, State.EXPIRED, BOT, now), workflow, now)

    return sum(await each_apart(ledger, due, expire))
