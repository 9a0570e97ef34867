from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from bot.cards import changed
from bot.edits import Wrong
from bot.people import check_may_activate
from bot.policy import Organisation
from bot.proposals import Proposal, proposal
from bot.teams import Team
from bot.workflows import Status, Workflow, activated
from handlers.steps.check_contract import check_contract
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger
from storage.workflows import TakenKey


async def preview_workflow(
    draft: Workflow, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Proposal:
    """What would be saved. Raises Wrong, TakenKey, Unknown."""
    taken = [one async for one in _taken(ledger, draft.key)]
    try:
        settled = await check_contract(ledger, organisation, None, draft, now)
    except Wrong as wrong:
        raise Wrong((*wrong.found, *taken)) from wrong
    for one in taken:
        raise one
    return proposal(settled, await ledger.teams.get(draft.team), by, organisation, now)


async def _taken(ledger: Ledger, key: str) -> AsyncIterator[TakenKey]:
    if key in await ledger.workflows.names():
        yield TakenKey(f"There is a workflow “{key}” already.", field="key")


async def register_workflow(
    draft: Workflow,
    *,
    by: str,
    start: bool,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Proposal:
    """Save it as proposed, or active where `start` is said by somebody whose yes is the agreement.

    Raises Wrong, TakenKey, Unknown, NotAllowed, NotThatWay.
    """
    settled = await check_contract(ledger, organisation, None, draft, now)
    team = await ledger.teams.get(draft.team)
    record = _started(settled, team, by, organisation, now) if start else _proposed(settled, now)
    saved = await save_workflow(ledger, None, record, by=by, what="registered", now=now)
    made = proposal(saved, team, by, organisation, now)
    await _tell(ledger, organisation, made, by, now)
    return made


async def _tell(
    ledger: Ledger, organisation: Organisation, made: Proposal, by: str, now: datetime
) -> None:
    """The team's channel, and the owner where somebody else registered it."""
    saved, key = made.workflow, f"workflow:{made.workflow.key}:registered"
    card = changed.registered(saved, by, made.lacking)
    await ledger.notices.post(key, saved.channel or made.team.channel, card, now)
    if saved.owner and saved.owner != by:
        card = changed.owner_asked(saved, by, made.lacking)
        await tell_person(ledger, organisation, Word(f"{key}:owner", saved.owner, card), now)


def _proposed(draft: Workflow, now: datetime) -> Workflow:
    return replace(draft, status=Status.PROPOSED, status_since=now)


def _started(
    draft: Workflow, team: Team, by: str, organisation: Organisation, now: datetime
) -> Workflow:
    check_may_activate(by, draft, team, organisation, now)
    return activated(_proposed(draft, now), team, by, now)
