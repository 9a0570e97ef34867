from collections.abc import Iterable
from datetime import datetime

from bot.chain import Chain, NobodyMayApprove, chain_for
from bot.open_requests import OpenRequest, OpenRequests
from bot.periods import zone_now
from bot.policy import Organisation
from bot.requests import Request, Standing
from handlers.steps.request_standing import request_standing
from storage.ledger import Ledger


async def read_open_requests(
    ledger: Ledger, organisation: Organisation, user: str, now: datetime
) -> OpenRequests:
    """Every request that waits and concerns the person; for finance and admins, every one."""
    waiting = [one for one in await ledger.requests.waiting() if one.expires_at > now]
    standings = {one.workflow: await request_standing(ledger, one.workflow) for one in waiting}
    known = [_open(one, standings[one.workflow], organisation, now) for one in waiting]
    sees_all = user in {*organisation.finance, *organisation.admins}
    to_answer = tuple(one for one in known if _may(user, one))
    asked = tuple(one for one in known if one.request.asked_by == user)
    seen = _ids((*to_answer, *asked))
    others = tuple(one for one in known if sees_all and one.request.id not in seen)
    return OpenRequests(to_answer, asked, others)


def _open(
    request: Request, standing: Standing, organisation: Organisation, now: datetime
) -> OpenRequest:
    zone = zone_now(standing.workflow.calendars, now)
    chain = _chain(request, standing, organisation, now)
    return OpenRequest(request, standing.workflow.name, zone, chain)


def _chain(
    request: Request, standing: Standing, organisation: Organisation, now: datetime
) -> Chain | None:
    try:
        return chain_for(request, standing, organisation, now)
    except NobodyMayApprove:
        return None


def _may(user: str, one: OpenRequest) -> bool:
    return one.chain is not None and one.chain.running.find(user) is not None


def _ids(known: Iterable[OpenRequest]) -> set[str]:
    return {one.request.id for one in known}
