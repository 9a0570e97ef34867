from dataclasses import dataclass
from datetime import datetime

from bot.approval import may_answer
from bot.policy import Organisation
from bot.requests import Request
from handlers.steps.request_standing import request_standing
from storage.ledger import Ledger


@dataclass(frozen=True)
class OpenRequests:
    """`asked` by the person; `to_answer`: those that wait for them. Oldest first."""

    asked: tuple[Request, ...] = ()
    to_answer: tuple[Request, ...] = ()


async def requests_of(
    ledger: Ledger, organisation: Organisation, user: str, now: datetime
) -> OpenRequests:
    open_ones = [one for one in await ledger.requests.waiting() if one.expires_at > now]
    standings = {
        key: await request_standing(ledger, key) for key in {o.workflow for o in open_ones}
    }
    return OpenRequests(
        tuple(one for one in open_ones if one.asked_by == user),
        tuple(
            one
            for one in open_ones
            if may_answer(user, one, standings[one.workflow], organisation, now)
        ),
    )
