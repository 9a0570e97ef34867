from datetime import datetime

from bot.changes import BOT
from bot.requests import State, ended
from bot.workflows import Workflow
from handlers.steps.end_request import end_request
from storage.ledger import Ledger


async def close_requests(ledger: Ledger, workflow: Workflow, why: str, now: datetime) -> None:
    """The workflow is retired: nobody can say yes any more. Its requesters are told `why`."""
    for one in await ledger.requests.waiting(workflow.key):
        found = await ledger.requests.get(one.id, lock=True)
        if found.state is State.WAITING:
            closed = ended(found, State.CLOSED, BOT, now, answer=why)
            await end_request(ledger, closed, workflow, now)
