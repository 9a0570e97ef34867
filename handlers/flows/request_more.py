from datetime import datetime

from bot.cards.requests import Asking
from bot.policy import Organisation
from bot.requests import Request, RequestDraft
from handlers.steps.open_request import open_request
from handlers.steps.weigh_request import weigh_request
from storage.ledger import Ledger


async def preview_request(
    draft: RequestDraft, ledger: Ledger, organisation: Organisation, now: datetime
) -> Asking:
    """What would be asked; nothing is saved. Raises Refusal naming the field."""
    return await weigh_request(ledger, organisation, draft, now)


async def request_more(
    request: str, draft: RequestDraft, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request:
    """Ask once under the id `request`, however often it is sent. Raises Refusal."""
    sent = await ledger.requests.find(request)
    if sent is not None and sent.asked_by == draft.asked_by:
        return sent
    return await open_request(ledger, organisation, draft, now, request_id=request)
