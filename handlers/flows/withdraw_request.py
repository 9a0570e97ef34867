from datetime import datetime

from bot.cards.kit import person
from bot.refusal import NotAllowed
from bot.requests import Reply, Request, State, ended
from handlers.steps.end_request import end_request
from handlers.steps.waiting_request import too_late, waiting_request
from storage.ledger import Ledger


async def withdraw_request(reply: Reply, ledger: Ledger, now: datetime) -> Request:
    """Only by whoever asked. Raises Refusal."""
    request = await waiting_request(ledger, reply, now, lock=True)
    if reply.by != request.asked_by:
        raise NotAllowed(f"Only {person(request.asked_by)} may withdraw it: they asked.")
    workflow = await ledger.workflows.get(request.workflow)
    withdrawn = ended(request, State.WITHDRAWN, reply.by, now)
    if not await end_request(ledger, withdrawn, workflow, now):
        raise await too_late(ledger, request, now)
    return withdrawn
