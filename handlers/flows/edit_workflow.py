from dataclasses import dataclass
from datetime import datetime

from bot.cards import changed
from bot.cards.edits import asked_said, changes_said
from bot.edits import Wrong, at_once, check_edit, unasked
from bot.people import editors, stood_in_for
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.requests import Request, RequestDraft, raises
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.check_contract import check_contract
from handlers.steps.end_reassignment import close_reassignment
from handlers.steps.open_request import open_request
from handlers.steps.save_workflow import differing, save_workflow
from handlers.steps.settle_first_review import settle_by_edit
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_move import approver_of, tell_move
from handlers.steps.tell_owner_reached import tell_owner_reached
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger
from storage.workflows import ChangedMeanwhile


@dataclass(frozen=True)
class Edited:
    """`told`: one sentence for each thing that changed, and for each raise that was asked for."""

    workflow: Workflow
    told: tuple[str, ...]


async def edit_workflow(
    wanted: Workflow,
    *,
    by: str,
    reason: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Edited:
    """Change the contract; every raise of a cap becomes a request instead. `wanted` carries the
    version its author has seen.

    Raises Wrong, NotAllowed, ChangedMeanwhile, or why a raise cannot be asked for.
    """
    before = await ledger.workflows.get(wanted.key)
    teams = await ledger.teams.get(before.team), await ledger.teams.get(wanted.team)
    check_edit(before, wanted, teams, by, organisation, now)
    _check_seen(before, wanted)
    settled = await _settled(ledger, organisation, (before, wanted), reason, now)
    after = at_once(before, settled)
    instead_of = stood_in_for(by, editors(before, teams[0], organisation, now))
    saved = await save_workflow(
        ledger,
        before,
        after,
        by=by,
        what="edited",
        reason=reason,
        now=now,
        instead_of=instead_of,
    )
    told = await _tell(ledger, organisation, (before, saved), by, reason, now)
    await settle_by_edit(ledger, organisation, (before, saved), by, now)
    await close_reassignment(ledger, organisation, saved, now)
    if after.caps == settled.caps:
        return Edited(saved, told)
    drafts = raises(saved, settled.caps, by=by, reason=reason)
    asked = [await _ask(ledger, organisation, draft, now) for draft in drafts]
    return Edited(saved, (*told, *map(asked_said, asked)))


async def _settled(
    ledger: Ledger,
    organisation: Organisation,
    sides: tuple[Workflow, Workflow],
    reason: str,
    now: datetime,
) -> Workflow:
    """The contract as wanted. Raises Wrong with all that stands in its way."""
    found = tuple(unasked(*sides, reason))
    try:
        settled = await check_contract(ledger, organisation, *sides, now)
    except Wrong as wrong:
        raise Wrong((*wrong.found, *found)) from wrong
    if found:
        raise Wrong(found)
    return settled


def _check_seen(before: Workflow, wanted: Workflow) -> None:
    if before.version != wanted.version:
        raise ChangedMeanwhile(
            "Somebody else changed this contract after you opened the form. Your entries are "
            f"still here; /budget history {before.key} says what changed. Open the form again "
            "to change the newest one."
        )


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    sides: tuple[Workflow, Workflow],
    by: str,
    reason: str,
    now: datetime,
) -> tuple[str, ...]:
    before, saved = sides
    if saved is before:
        return ()
    notice = f"workflow:{saved.key}:edited:{saved.version}"
    caps = await tell_cap_change(ledger, organisation, before, saved, now, said_by=notice, by=by)
    told = (*await _changes(ledger, before, saved), *caps.sentences)
    card = changed.edited(saved, by, reason, told)
    alert = caps.on(card)
    await ledger.notices.post(notice, await channel_of(ledger, saved), alert, now)
    await tell_move(ledger, before, saved, notice, card, now)
    await tell_owner_reached(ledger, saved, caps, notice, alert, now)
    if saved.owner and saved.owner not in {before.owner, by}:
        card = changed.made_owner(saved, by)
        await tell_person(ledger, organisation, Word(f"{notice}:owner", saved.owner, card), now)
    return told


async def _changes(ledger: Ledger, before: Workflow, saved: Workflow) -> tuple[str, ...]:
    """Also whom another team brings as the approver."""
    old, new = differing(before, saved)
    was, becomes = [await approver_of(ledger, each) for each in (before, saved)]
    if was != becomes:
        old, new = old | {"approver": was}, new | {"approver": becomes}
    return tuple(changes_said(old, new))


async def _ask(
    ledger: Ledger, organisation: Organisation, draft: RequestDraft, now: datetime
) -> Request:
    """What stands in the way of a raise is said beside the cap; a missing reason beside its own."""
    try:
        return await open_request(ledger, organisation, draft, now)
    except Refusal as refusal:
        beside = "reason" if refusal.field == "reason" else f"{draft.cap}_cap"
        raise Refusal(str(refusal), field=beside) from refusal
