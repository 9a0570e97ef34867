from collections.abc import Iterable
from datetime import datetime

from bot.cards import outcomes as cards
from bot.outcomes import REMINDED_AFTER, Outcome
from bot.overrides import Override
from bot.policy import Organisation
from bot.requests import Path, Request
from bot.workflows import Workflow
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def ask_outcomes(
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    ended: Iterable[Override],
    now: datetime,
) -> None:
    """Whoever asked for what has ended says whether it was worth it; each is asked once. What was
    taken in an incident was looked at by others.
    """
    for override in ended:
        request = await ledger.requests.find(override.request)
        if request is not None and request.path is not Path.BREAK_GLASS:
            await _ask(ledger, organisation, workflow, request, now)


async def _ask(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, request: Request, now: datetime
) -> None:
    outcome = Outcome(
        request.id,
        workflow.key,
        request.asked_by,
        now,
        request.cap,
        request.more,
        request.outcome,
        request.target,
        reminds_at=now + REMINDED_AFTER,
    )
    if not await ledger.outcomes.ask(outcome):
        return
    card = cards.question(outcome, workflow)
    channel, under = request.channel, request.notice
    await ledger.notices.post(outcome.notice, channel, card, now, under=under)
    word = Word(f"{outcome.notice}:asked", outcome.asked_of, card)
    await tell_person(ledger, organisation, word, now)
