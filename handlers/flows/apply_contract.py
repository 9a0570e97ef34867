from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.attribution import Rule
from bot.cards import contract as cards
from bot.changes import CONTRACT, Change
from bot.contract import (
    Contract,
    as_json,
    flat_organisation_fields,
    team_fields,
)
from bot.periods import open_since
from bot.plan import Plan, TeamChange, WorkflowChange, planned
from bot.policy import Organisation
from bot.reach import urgency_of
from bot.refusal import TooLate
from bot.rule_changes import ABOUT, in_order
from bot.workflows import Status, Workflow
from handlers.steps.read_registry import read_registry
from handlers.steps.retire_workflow import retire
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def apply_contract(
    contract: Contract, ledger: Ledger, organisation: Organisation, now: datetime, *, file: str
) -> Plan:
    """Make the registry what the file says, all of it or nothing, and tell the teams of changed
    caps. Raises BadContract, and Refusal when somebody else saved meanwhile.
    """
    plan = planned(contract, await read_registry(ledger, organisation), now)
    await _save_organisation(ledger, plan, now, file)
    for change in plan.teams:
        await _save_team(ledger, change, now, file)
    for each in plan.workflows:
        await _save(ledger, plan.after, each, now, file)
    await _save_rules(ledger, plan, now, file)
    return plan


async def _save_rules(ledger: Ledger, plan: Plan, now: datetime, file: str) -> None:
    """They are the whole list; records of the running months are told anew."""
    if not plan.has_other_rules:
        return
    await ledger.organisation.hold()
    if in_order(await ledger.attribution_rules.all()) != plan.rules_before:
        raise TooLate("Somebody changed the rules of attribution just now. Plan again.")
    await ledger.attribution_rules.arrange(plan.rules_after, CONTRACT, now)
    await ledger.recounts.want(open_since(now), CONTRACT, now)
    before, after = (_listed(rules) for rules in (plan.rules_before, plan.rules_after))
    await ledger.changes.add(_change(ABOUT, before, after, now, file))


def _listed(rules: Iterable[Rule]) -> dict[str, Any]:
    return {"rules": [f"{rule.id} → {rule.workflow}" for rule in rules]}


async def _save_organisation(ledger: Ledger, plan: Plan, now: datetime, file: str) -> None:
    if plan.before == plan.after:
        return
    held = await ledger.organisation.hold()
    # A file has no word for who stands in: somebody may just have said it.
    saved = replace(plan.after, delegations=held.delegations, absences=held.absences)
    await ledger.organisation.save(saved)
    before, after = (as_json(flat_organisation_fields(one)) for one in (plan.before, plan.after))
    await ledger.changes.add(_change("policy", before, after, now, file))
    if plan.has_other_spending:
        await ledger.recounts.want(open_since(now), CONTRACT, now)


async def _save_team(ledger: Ledger, change: TeamChange, now: datetime, file: str) -> None:
    await ledger.teams.save(change.after)
    # Its channel is where alerts go, and its zone where days begin.
    await ledger.organisation.touch()
    before = team_fields(change.before) if change.before else {}
    after = as_json(team_fields(change.after))
    await ledger.changes.add(_change(f"team:{change.after.key}", as_json(before), after, now, file))


def _change(
    about: str, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime, file: str
) -> Change:
    names = [name for name in after if name not in before or before[name] != after[name]]
    was = {name: before[name] for name in names if name in before}
    becomes = {name: after[name] for name in names}
    return Change(now, CONTRACT, about, "changed" if before else "added", was, becomes, file)


async def _save(
    ledger: Ledger, organisation: Organisation, change: WorkflowChange, now: datetime, file: str
) -> None:
    before, after = change.before, change.after
    if before is not None and after.status is Status.RETIRED and before.status is not after.status:
        standing = {name: getattr(before, name) for name in ("status", "status_since", "retire_on")}
        saved = await _saved(ledger, before, replace(after, **standing), now, file)
        await retire(ledger, organisation, saved, CONTRACT, file, now)
        return
    saved = await _saved(ledger, before, after, now, file)
    await _tell(ledger, organisation, before, saved, now, file)


async def _saved(
    ledger: Ledger, before: Workflow | None, after: Workflow, now: datetime, file: str
) -> Workflow:
    what = "changed" if before else "registered"
    return await save_workflow(ledger, before, after, by=CONTRACT, what=what, reason=file, now=now)


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    before: Workflow | None,
    saved: Workflow,
    now: datetime,
    file: str,
) -> None:
    """A new workflow that has reached nothing is no news yet."""
    key = f"contract:{saved.key}:{saved.version}"
    told = await tell_cap_change(ledger, organisation, before, saved, now, said_by=key, by=CONTRACT)
    reached = any(watch.reached for watch in told.caps)
    if not reached and (before is None or not told.sentences):
        return
    card = told.on(cards.caps_changed(saved, file, told.sentences))
    channel = saved.channel or (await ledger.teams.get(saved.team)).channel
    await ledger.notices.post(key, channel, card, now)
    if reached and saved.owner:
        # Where a threshold is reached this is its alert, and an alert goes to the owner too.
        urgency = urgency_of((max(cap.reached) for cap in told.caps if cap.reached), saved)
        word = Word(f"{key}:dm", saved.owner, card, urgency)
        await tell_person(ledger, organisation, word, now)
