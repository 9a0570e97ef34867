from datetime import datetime

from bot.chain import NobodyMayApprove, chain_for
from bot.changes import BOT
from bot.policy import Organisation
from bot.requests import Request, State, ended
from handlers.steps.end_request import end_request
from handlers.steps.request_standing import request_standing
from storage.ledger import Ledger

_NOBODY = (
    "nobody may approve it. An admin sets an approver for team {team}, or finance, in the "
    "contract file."
)


async def expire_request(
    ledger: Ledger, organisation: Organisation, request: Request, now: datetime
) -> bool:
    """It has run out; False when it had ended before. Where nobody could have answered, it says so
    instead of blaming them.
    """
    standing = await request_standing(ledger, request.workflow)
    why = ""
    try:
        chain_for(request, standing, organisation, now)
    except NobodyMayApprove:
        why = _NOBODY.format(team=standing.team.key)
    expired = ended(request, State.EXPIRED, BOT, now, answer=why)
    return await end_request(ledger, expired, standing.workflow, now)
