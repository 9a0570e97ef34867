from datetime import datetime
from typing import Any

from bot.cards import answers
from bot.cards.answers import Ending
from bot.changes import INSTEAD_OF, Change
from bot.override_trail import in_force, lent
from bot.periods import zone_now
from bot.request_effects import Effect
from bot.requests import Request, State
from bot.workflows import Workflow
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.tell_review import tell_review
from storage.ledger import Ledger


async def end_request(ledger: Ledger, ended: Request, workflow: Workflow, now: datetime) -> bool:
    """Save how it ended and say so; False, and nothing else, when it had ended before."""
    if not await ledger.requests.end(ended):
        return False
    await tell_end(ledger, ending_of(ended, workflow, now), now)
    return True


def ending_of(
    ended: Request,
    workflow: Workflow,
    now: datetime,
    effect: Effect | None = None,
    told: tuple[str, ...] = (),
) -> Ending:
    zone = zone_now(workflow.calendars, now)
    return Ending(ended, workflow.name, zone, effect, told, _instead_of(ended))


def _instead_of(ended: Request) -> str | None:
    mine = (one.instead_of for one in ended.approvals if one.by == ended.answered_by)
    return next(mine, None) if ended.state is State.APPROVED else None


async def tell_end(ledger: Ledger, ending: Ending, now: datetime) -> None:
    """The audit entry, the card without its buttons, a word to the requester and in the review.
    Reminders and whatever else still waits for somebody's morning is not said any more.
    """
    request = ending.request
    await ledger.held_words.withdraw_about(f"{request.notice}:")
    await ledger.changes.add(_change(ending, now))
    shown = await ledger.notices.shown(request.notice)
    await ledger.notices.update(request.notice, answers.settled(shown, ending), now)
    await _tell_requester(ledger, ending, now)
    await tell_review(ledger, request, now)


async def _tell_requester(ledger: Ledger, ending: Ending, now: datetime) -> None:
    """At once where it was their own act."""
    request, card = ending.request, answers.for_requester(ending)
    key = f"{request.notice}:{request.state}"
    if request.answered_by == request.asked_by:
        await ledger.notices.post(key, request.asked_by, card, now)
        return
    word = Word(key, request.asked_by, card, zone=ending.zone)
    await tell_person(ledger, await ledger.organisation.get(), word, now)


def _change(ending: Ending, now: datetime) -> Change:
    request = ending.request
    about = f"request:{request.id}"
    was, becomes = _caps(ending)
    return Change(
        now,
        request.answered_by or "",
        request.workflow,
        answers.for_audit(ending),
        {about: State.WAITING.value, **was},
        {about: request.state.value, **becomes, **_acting(ending)},
        request.answer,
    )


def _acting(ending: Ending) -> dict[str, Any]:
    return {INSTEAD_OF: ending.instead_of} if ending.instead_of else {}


def _caps(ending: Ending) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an override did to its cap; a raised base has an entry of its own."""
    cap, gives = ending.request.cap, ending.effect
    if gives is None or gives.end is None:
        return {}, {}
    becomes = in_force(cap, gives.after) | lent(ending.request.more, gives.end)
    return in_force(cap, gives.before), becomes
