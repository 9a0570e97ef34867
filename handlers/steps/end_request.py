from datetime import datetime

from bot.cards import answers
from bot.cards.answers import Ending
from bot.changes import Change
from bot.periods import zone_now
from bot.requests import Effect, Request, State
from bot.workflows import Workflow
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
    return Ending(ended, workflow.name, zone_now(workflow.calendars, now), effect, told)


async def tell_end(ledger: Ledger, ending: Ending, now: datetime) -> None:
    """The audit entry, the card without its buttons, and a word to the requester."""
    request = ending.request
    await ledger.changes.add(_change(ending, now))
    posted = await ledger.notices.card(request.notice)
    await ledger.notices.update(request.notice, answers.settled(posted, ending), now)
    await ledger.notices.post(
        f"{request.notice}:{request.state}", request.asked_by, answers.for_requester(ending), now
    )


def _change(ending: Ending, now: datetime) -> Change:
    request = ending.request
    about = f"request:{request.id}"
    return Change(
        now,
        request.answered_by or "",
        request.workflow,
        answers.for_audit(ending),
        {about: State.WAITING.value},
        {about: request.state.value},
        request.answer,
    )
