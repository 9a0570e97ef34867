from datetime import datetime

from bot.changes import BOT
from bot.requests import State, ended
from bot.workflows import Workflow
from handlers.steps.end_request import end_request
from storage.ledger import Ledger


async def close_requests(ledger: Ledger, workflow: Workflow, why: str, now: datetime) -> None:
    """The workflow is retired: nobody can say yes any more. Its requesters are told `why`."""
    for one in await ledger.requests.waiting(workflow.key):
        await end_request(ledger, ended(one, State.CLOSED, BOT, now, answer=why), workflow, now)
