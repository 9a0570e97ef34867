from datetime import datetime

from bot.approval import approvers_for
from bot.cards.requests import Asking, sent_where_typed
from bot.cards.small_raises import where_typed
from bot.notices import Card
from bot.periods import zone_now
from bot.policy import Organisation
from bot.requests import Path, Request, RequestDraft
from handlers.steps.open_request import open_request
from handlers.steps.request_standing import request_standing
from handlers.steps.weigh_request import weigh_request
from storage.ledger import Ledger


async def preview_request(
    request: str, draft: RequestDraft, ledger: Ledger, organisation: Organisation, now: datetime
) -> Asking | None:
    """What would be asked; nothing is saved. None where it was sent under this id before.

    Raises Refusal naming the field.
    """
    if await _sent_before(request, draft, ledger):
        return None
    return await weigh_request(ledger, organisation, draft, now)


async def _sent_before(request: str, draft: RequestDraft, ledger: Ledger) -> Request | None:
    sent = await ledger.requests.find(request)
    return sent if sent is not None and sent.asked_by == draft.asked_by else None


async def request_more(
    request: str, draft: RequestDraft, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request:
    """Ask once under the id `request`, however often it is sent. Raises Refusal."""
    sent = await _sent_before(request, draft, ledger)
    if sent is not None:
        return sent
    return await open_request(ledger, organisation, draft, now, request_id=request)


async def confirm_request(
    request: Request, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """The word to whoever asked, where they typed. Raises NobodyMayApprove."""
    standing = await request_standing(ledger, request.workflow)
    if request.path is Path.SMALL:
        return where_typed(request, standing.workflow)
    approvers = approvers_for(request, standing, organisation, now)
    zone = zone_now(standing.workflow.calendars, now)
    return sent_where_typed(request, standing.workflow, approvers, zone)
