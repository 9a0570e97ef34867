from datetime import datetime

from bot.approval import Outdated, check_current
from bot.cards.answers import ended_already
from bot.cards.requests import terms_now
from bot.periods import zone_now
from bot.refusal import NotAllowed
from bot.request_effects import Effect, effect
from bot.requests import NotAskable, NotWaiting, Reply, Request, Standing, State
from bot.shown import terms_of
from bot.workflows import Workflow
from handlers.steps.request_standing import request_standing
from storage.ledger import Ledger


async def waiting_request(ledger: Ledger, reply: Reply, now: datetime, *, lock: bool) -> Request:
    """The request whose button was pressed. `lock` where this ledger changes it.

    Raises Refusal: unknown, pressed elsewhere, ended, or no longer what was looked at.
    """
    request = await ledger.requests.get(reply.request, lock=lock)
    if reply.channel is not None and reply.channel != request.channel:
        raise NotAllowed(f"This request is answered on its card in <#{request.channel}>.")
    if request.state is not State.WAITING or request.expires_at <= now:
        raise await too_late(ledger, request, now)
    if reply.edition not in {None, request.edition}:
        check_current(request, reply.edition, await _terms(ledger, request, now))
    return request


async def check_shown(ledger: Ledger, request: Request, standing: Standing, now: datetime) -> None:
    """That a yes does what the card says, though the clock may not have drawn it anew yet. Raises
    Outdated with what it would do.
    """
    known, gives = await ledger.request_cards.of(request.id), effect(request, standing, now)
    if known is not None and known.terms != terms_of(request, gives):
        if (await ledger.requests.get(request.id)).version != request.version:
            raise await too_late(ledger, request, now)
        raise Outdated(
            f"Its card was drawn before things changed. A yes would now do this: "
            f"{_said(request, standing.workflow, gives, now)}. Nothing was done: press again once "
            "the card says so, within a minute."
        )


async def _terms(ledger: Ledger, request: Request, now: datetime) -> str:
    standing = await request_standing(ledger, request.workflow)
    try:
        gives = effect(request, standing, now)
    except NotAskable:
        return ""
    return _said(request, standing.workflow, gives, now)


def _said(request: Request, workflow: Workflow, gives: Effect, now: datetime) -> str:
    return terms_now(request, workflow, gives, zone_now(workflow.calendars, now))


async def too_late(ledger: Ledger, request: Request, now: datetime) -> NotWaiting:
    """Who was first, and when."""
    found = await ledger.requests.get(request.id)
    workflow = await ledger.workflows.get(found.workflow)
    return NotWaiting(ended_already(found, zone_now(workflow.calendars, now), now))
