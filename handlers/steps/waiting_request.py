from datetime import datetime

from bot.cards.answers import ended_already
from bot.periods import zone_now
from bot.refusal import NotAllowed
from bot.requests import NotWaiting, Reply, Request, State
from storage.ledger import Ledger


async def waiting_request(ledger: Ledger, reply: Reply, now: datetime) -> Request:
    """The request whose card was pressed. Raises Refusal: unknown, pressed elsewhere, or ended."""
    request = await ledger.requests.get(reply.request)
    if reply.channel != request.channel:
        raise NotAllowed(f"This request is answered on its card in <#{request.channel}>.")
    if request.state is not State.WAITING or request.expires_at <= now:
        raise await too_late(ledger, request, now)
    return request


async def too_late(ledger: Ledger, request: Request, now: datetime) -> NotWaiting:
    """Who was first, and when."""
    ended = await ledger.requests.get(request.id)
    workflow = await ledger.workflows.get(ended.workflow)
    return NotWaiting(ended_already(ended, zone_now(workflow.calendars, now)))
