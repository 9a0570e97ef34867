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
    draft: RequestDraft, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request:
    """Raises Refusal naming the field."""
    return await open_request(ledger, organisation, draft, now)
