from datetime import datetime

from bot.addressing import escalates_to
from bot.cards import revocations as cards
from bot.policy import Organisation
from bot.revocations import Revocation, reminded
from bot.workflows import Workflow
from handlers.steps.ask_to_revoke import is_gone, show_revocation
from handlers.steps.each_apart import each_apart
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def remind_revocations(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """On the due day its person, the day after the approver too, or the approver both times where
    nobody is left to do it; one question when none is due.
    """

    async def remind(one: Revocation) -> None:
        saved = await ledger.revocations.save(reminded(one))
        if saved is not None:
            await _remind(ledger, organisation, saved, now)

    await each_apart(ledger, await ledger.revocations.due(now), remind)


async def _remind(
    ledger: Ledger, organisation: Organisation, one: Revocation, now: datetime
) -> None:
    workflow = await ledger.workflows.get(one.workflow)
    await show_revocation(ledger, one, workflow, now)
    alone = one.person is not None and not await is_gone(ledger, one.person)
    others = one.reminded > 1 or not alone
    approvers = await _approvers(ledger, organisation, workflow, now) if others else ()
    for person in dict.fromkeys((one.person if alone else None, *approvers)):
        if person is not None:
            card = cards.reminder(one, workflow, for_approver=person != one.person)
            key = f"{one.notice}:reminded:{one.version}:{person}"
            await tell_person(ledger, organisation, Word(key, person, card), now)


async def _approvers(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> tuple[str, ...]:
    team = await ledger.teams.get(workflow.team)
    return escalates_to(workflow, team, organisation, now)
