from datetime import datetime
from uuid import uuid4

from bot.cards import request_words as words
from bot.cards import requests as cards
from bot.cards.answers import what
from bot.cards.requests import Asking
from bot.changes import Change
from bot.first_reviews import Choice
from bot.policy import Organisation
from bot.request_clocks import begun
from bot.requests import Path, Request, RequestDraft, Step
from handlers.steps.expire_request import expire_request
from handlers.steps.grant_small_raise import grant_small_raise
from handlers.steps.settle_draft import settle_drafts_of
from handlers.steps.settle_first_review import settle_first_review
from handlers.steps.tell_request import tell_each
from handlers.steps.weigh_request import AskedAlready, weigh_request
from storage.ledger import Ledger


async def open_request(
    ledger: Ledger,
    organisation: Organisation,
    draft: RequestDraft,
    now: datetime,
    *,
    request_id: str | None = None,
) -> Request:
    """Ask: the request, its audit entry, its card for those who answer, a word to the requester.
    What is small enough for the policy is granted instead.

    Raises Refusal naming the field that stands in the way. Several raises at once come from
    `bot.requests.raises`, in an order in which each may lean on the one before.
    """
    await expire_due(ledger, organisation, draft.workflow, now)
    asking = await weigh_request(ledger, organisation, draft, now)
    request = begun(_request(asking, request_id or uuid4().hex[:10], now), organisation.policy, now)
    granted = await grant_small_raise(ledger, organisation, asking, request, now)
    if granted is None and not await ledger.requests.add(request):
        raise AskedAlready("Somebody asked for more on this cap just now.", field="cap")
    await settle_drafts_of(ledger, request, asking.standing.workflow, now)
    await _settle_first_review(ledger, organisation, asking, request, now)
    if granted is not None:
        return granted
    await _tell(ledger, asking, request, now)
    await _tell_who_is_elsewhere(ledger, organisation, asking, request, now)
    return request


async def _settle_first_review(
    ledger: Ledger, organisation: Organisation, asking: Asking, request: Request, now: datetime
) -> None:
    """Asking for more is one answer to it."""
    await settle_first_review(
        ledger,
        organisation,
        asking.standing.workflow,
        Choice.EXPAND,
        by=request.asked_by,
        now=now,
        detail=what(request),
    )


async def expire_due(
    ledger: Ledger, organisation: Organisation, workflow: str, now: datetime
) -> None:
    """End those that have run out, though the clock has not come round yet."""
    for one in await ledger.requests.waiting(workflow):
        if one.expires_at <= now:
            await expire_request(ledger, organisation, one, now)


def _request(asking: Asking, request_id: str, now: datetime) -> Request:
    workflow = asking.standing.workflow
    return Request(
        **vars(asking.draft),
        id=request_id,
        asked_at=now,
        expires_at=asking.clocks.expires_at,
        owner=workflow.owner,
        channel=workflow.channel or asking.standing.team.channel,
        step=asking.chain.running.step,
        path=Path.EXPEDITED if asking.expedited else Path.NORMAL,
    )


async def _tell(ledger: Ledger, asking: Asking, request: Request, now: datetime) -> None:
    await ledger.changes.add(
        Change(
            now,
            request.asked_by,
            request.workflow,
            f"asked for {what(request)}",
            {},
            {f"request:{request.id}": request.state.value},
            request.reason,
        )
    )
    await ledger.notices.post(request.notice, request.channel, cards.asked(asking, request), now)
    await ledger.request_cards.keep(cards.shown_of(asking, request))
    await ledger.notices.post(f"{request.notice}:sent", request.asked_by, cards.sent(asking), now)


async def _tell_who_is_elsewhere(
    ledger: Ledger, organisation: Organisation, asking: Asking, request: Request, now: datetime
) -> None:
    """Finance and admins need not be in the team's channel, where the card mentions them."""
    turn = asking.chain.running
    if turn.step is not Step.APPROVER:
        said = (f"{request.notice}:1:turn", words.your_turn(asking, request), asking.zone)
        await tell_each(ledger, organisation, turn.people, said, now)
