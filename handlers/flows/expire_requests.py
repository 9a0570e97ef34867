from datetime import datetime

from bot.changes import BOT
from bot.policy import Organisation
from bot.requests import State, ended
from handlers.steps.end_request import end_request
from storage.ledger import Ledger


async def expire_requests(ledger: Ledger, _organisation: Organisation, now: datetime) -> int:
    """End those nobody answered in time; how many. Run again, or by two at once, it ends none
    twice.
    """
    due = await ledger.requests.due(now)
    workflows = await ledger.workflows.find(one.workflow for one in due)
    expired = [
        await end_request(ledger, ended(one, State.EXPIRED, BOT, now), workflows[one.workflow], now)
        for one in due
    ]
    return sum(expired)
