"""The end of a workflow: by a person, on the day it was announced for, or with its experiment."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.cards import endings
from bot.changes import BOT
from bot.moves import is_over, is_past_experiment
from bot.notices import Card
from bot.override_trail import ended_overrides
from bot.overrides import Override
from bot.people import check_may_activate
from bot.policy import Organisation
from bot.reviews import check_retire_on
from bot.workflows import NotThatWay, Status, Workflow, moved
from handlers.steps.ask_to_revoke import ask_to_revoke
from handlers.steps.close_alerts import close_alerts
from handlers.steps.close_requests import close_requests
from handlers.steps.each_apart import each_apart
from handlers.steps.end_reassignment import close_reassignment
from handlers.steps.save_workflow import save_workflow
from handlers.steps.settle_first_review import lapse_first_review
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger
from storage.workflows import ChangedMeanwhile


async def retire_workflow(  # noqa: PLR0913
    key: str,
    *,
    by: str,
    on: date | None,
    reason: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Workflow:
    """Retired at once, or active through the local day `on` and retired after it.

    Raises Refusal: who may, that it is retired already, or that the day has passed.
    """
    workflow = await ledger.workflows.get(key)
    team = await ledger.teams.get(workflow.team)
    check_may_activate(by, workflow, team, organisation, now, deed="retire")
    if on is None:
        return await retire(ledger, organisation, workflow, by, reason, now)
    if workflow.status is Status.RETIRED:
        raise NotThatWay(f"`{key}` is retired already.")
    check_retire_on(on, workflow, now)
    announced = replace(workflow, retire_on=on)
    saved = await save_workflow(
        ledger, workflow, announced, by=by, what="set its last day", reason=reason, now=now
    )
    await _tell(ledger, saved, "retiring", endings.retiring(saved, by, reason), now)
    return saved


async def undo_retire(
    key: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Workflow:
    """It stays, as long as its last day is not over. Raises NotAllowed, NotThatWay."""
    workflow = await ledger.workflows.get(key)
    team = await ledger.teams.get(workflow.team)
    check_may_activate(by, workflow, team, organisation, now, deed="keep")
    if workflow.status is Status.RETIRED:
        raise NotThatWay(f"`{key}` is retired: its last day is over.")
    if workflow.retire_on is None:
        raise NotThatWay(f"`{key}` has no last day to take back.")
    kept = replace(workflow, retire_on=None)
    saved = await save_workflow(
        ledger, workflow, kept, by=by, what="took its last day back", now=now
    )
    await _tell(ledger, saved, "kept", endings.kept(saved, by), now)
    return saved


async def retire_due(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Retire those whose last day is over."""

    async def retire_one(workflow: Workflow) -> None:
        if workflow.status is not Status.RETIRED and is_over(workflow.retire_on, workflow, now):
            # Another replica may have been first.
            with suppress(ChangedMeanwhile):
                why = "its last day is over"
                await retire(ledger, organisation, workflow, BOT, why, now)

    ending = await ledger.workflows.ending(now.astimezone(UTC).date())
    await each_apart(ledger, ending, retire_one)


async def end_experiments(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Those whose date has passed no longer count as approved; their owners are asked to decide."""

    async def end_one(workflow: Workflow) -> None:
        if is_past_experiment(workflow, now):
            with suppress(ChangedMeanwhile):
                await _end(ledger, organisation, workflow, now)

    ending = await ledger.workflows.ending(now.astimezone(UTC).date())
    await each_apart(ledger, ending, end_one)


async def retire(
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    by: str,
    reason: str,
    now: datetime,
) -> Workflow:
    """Retired at once, whoever says so; its requests and overrides end, what is offered or asked of
    it too, and somebody is to revoke its keys. Raises NotThatWay.
    """
    retired = moved(workflow, Status.RETIRED, now)
    saved = await save_workflow(
        ledger, workflow, retired, by=by, what="retired", reason=reason, now=now
    )
    await close_requests(ledger, saved, f"{saved.key} was retired", now)
    running = await _close_overrides(ledger, workflow, saved, by, now)
    await close_alerts(ledger, saved, by, now)
    await _tell(ledger, saved, "retired", endings.retired(saved, by, reason), now)
    for person in await ledger.overrides.requesters(running):
        card = endings.overrides_closed(saved, running)
        word = Word(f"{_key(saved, 'retired')}:{person}", person, card)
        await tell_person(ledger, organisation, word, now)
    await close_reassignment(ledger, organisation, saved, now)
    await lapse_first_review(ledger, saved, "it was retired", now)
    if saved.activated_at is not None:
        await ask_to_revoke(ledger, organisation, saved, now)
    return saved


async def _close_overrides(
    ledger: Ledger, before: Workflow, saved: Workflow, by: str, now: datetime
) -> tuple[Override, ...]:
    """Those that had not run out."""
    found = await ledger.overrides.running([saved.key])
    running = tuple(one for one in found if one.end > now)
    for one in running:
        await ledger.overrides.end(one.id, now)
    was, becomes = (before, running), (saved, ())
    for change in ended_overrides(running, was, becomes, by=by, what="closed", now=now):
        await ledger.changes.add(change)
    return running


async def _end(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> None:
    ended = moved(workflow, Status.ENDED, now)
    saved = await save_workflow(ledger, workflow, ended, by=BOT, what="ended", now=now)
    await close_alerts(ledger, saved, BOT, now)
    await _tell(ledger, saved, "ended", endings.ended(saved, for_owner=False), now)
    if saved.owner:
        card = endings.ended(saved, for_owner=True)
        word = Word(f"{_key(saved, 'ended')}:dm", saved.owner, card)
        await tell_person(ledger, organisation, word, now)


async def _tell(ledger: Ledger, saved: Workflow, what: str, card: Card, now: datetime) -> None:
    team = await ledger.teams.get(saved.team)
    await ledger.notices.post(_key(saved, what), saved.channel or team.channel, card, now)


def _key(saved: Workflow, what: str) -> str:
    """One notice for each stored state."""
    return f"workflow:{saved.key}:{what}:{saved.version}"
