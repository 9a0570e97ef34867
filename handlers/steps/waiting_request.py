from datetime import datetime

from bot.approval import check_current
from bot.cards.answers import ended_already
from bot.periods import zone_now
from bot.refusal import NotAllowed
from bot.requests import NotWaiting, Reply, Request, State
from storage.ledger import Ledger


async def waiting_request(
    ledger: Ledger, reply: Reply, now: datetime, *, lock: bool = False
) -> Request:
    """The request whose button was pressed. `lock` where this ledger changes it.

    Raises Refusal: unknown, pressed elsewhere, ended, or no longer what was looked at.
    """
    request = await ledger.requests.get(reply.request, lock=lock)
    if reply.channel is not None and reply.channel != request.channel:
        raise NotAllowed(f"This request is answered on its card in <#{request.channel}>.")
    if request.state is not State.WAITING or request.expires_at <= now:
        raise await too_late(ledger, request, now)
    check_current(request, reply.edition)
    return request


async def too_late(ledger: Ledger, request: Request, now: datetime) -> NotWaiting:
    """Who was first, and when."""
    found = await ledger.requests.get(request.id)
    workflow = await ledger.workflows.get(found.workflow)
    return NotWaiting(ended_already(found, zone_now(workflow.calendars, now), now))
