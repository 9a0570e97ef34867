"""What came of what was granted: answered, corrected, and asked for once more."""

from datetime import datetime

from bot.cards import outcomes as cards
from bot.changes import Change
from bot.outcomes import Outcome, Said, answered, check_may_say
from bot.periods import zone_now
from bot.policy import Organisation
from bot.refusal import TooLate
from bot.workflows import Workflow
from handlers.steps.each_apart import each_apart
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def begin_outcome(
    request: str, by: str, ledger: Ledger, now: datetime
) -> tuple[Outcome, Workflow]:
    """Raises Refusal before anything is typed in vain."""
    outcome = await ledger.outcomes.get(request)
    workflow = await ledger.workflows.get(outcome.workflow)
    check_may_say(by, outcome, workflow, now)
    return outcome, workflow


async def tell_outcome(said: Said, ledger: Ledger, now: datetime) -> Outcome:
    """The first answer counts, and its giver may correct it for a day. Raises Refusal."""
    before = await ledger.outcomes.get(said.request)
    workflow = await ledger.workflows.get(before.workflow)
    after = answered(before, said, workflow, now)
    if not await ledger.outcomes.save(after):
        check_may_say(said.by, await ledger.outcomes.get(said.request), workflow, now)
        raise TooLate("You have answered it just now, from elsewhere. Look at it again.")
    await ledger.changes.add(_change(before, after, now))
    card = cards.settled(after, workflow, zone_now(workflow.calendars, now))
    for key in (after.notice, f"{after.notice}:asked", f"{after.notice}:again"):
        await ledger.notices.update(key, card, now)
    return after


def _change(before: Outcome, after: Outcome, now: datetime) -> Change:
    words = after.answer.words if after.answer else ""
    verb = "corrected what came" if before.answer else "said what came"
    about = f"outcome:{after.request}"
    was = {about: before.answer.value} if before.answer else {}
    becomes = {about: after.answer and after.answer.value}
    what = f"{verb} of the override on the {after.cap} cap: {words}"
    return Change(now, after.by or "", after.workflow, what, was, becomes, after.evidence)


async def remind_outcomes(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Ask once more, whoever ticks."""

    async def remind(outcome: Outcome) -> None:
        if await ledger.outcomes.remind(outcome):
            workflow = await ledger.workflows.get(outcome.workflow)
            card = cards.reminder(outcome, workflow)
            word = Word(f"{outcome.notice}:again", outcome.asked_of, card)
            await tell_person(ledger, organisation, word, now)

    await each_apart(ledger, await ledger.outcomes.due(now), remind)
