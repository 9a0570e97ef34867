"""What applying a contract file would change: the difference between two registries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from bot.attribution import Rule
from bot.changes import CONTRACT
from bot.contract import BadContract, Contract, Entry, Problem, spending_fields
from bot.policy import Organisation
from bot.recount_trials import RecountTrial
from bot.rule_changes import in_order
from bot.rule_trials import Trial
from bot.teams import Team
from bot.workflows import (
    NotThatWay,
    Status,
    Workflow,
    contradictions,
    missing,
    moved,
    with_calendar,
)

# What only time and people change: a file has no word for it.
_KEPT = (
    "status",
    "status_since",
    "activated_at",
    "retire_on",
    "agreed_by",
    "agreed_at",
    "calendars",
    "version",
)
_IN_USE = (Status.ACTIVE, Status.PAUSED)


@dataclass(frozen=True)
class Registry:
    """What is stored, by key."""

    organisation: Organisation
    teams: Mapping[str, Team]
    workflows: Mapping[str, Workflow]
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class TeamChange:
    before: Team | None
    after: Team


@dataclass(frozen=True)
class WorkflowChange:
    before: Workflow | None
    after: Workflow


@dataclass(frozen=True)
class Plan:
    """Only what differs. `left_alone`: what is stored and not in the file, `team:KEY` for teams.

    The rules of attribution are all of them in their order, before and after; `trial`: what they
    move, `recount`: what prices and sources do beside them, where that was tried.
    """

    before: Organisation
    after: Organisation
    teams: tuple[TeamChange, ...] = ()
    workflows: tuple[WorkflowChange, ...] = ()
    left_alone: tuple[str, ...] = ()
    rules_before: tuple[Rule, ...] = ()
    rules_after: tuple[Rule, ...] = ()
    trial: Trial | None = None
    recount: RecountTrial | None = None

    @property
    def is_empty(self) -> bool:
        same = self.before == self.after and not self.has_other_rules
        return same and not self.teams and not self.workflows

    @property
    def has_other_rules(self) -> bool:
        return self.rules_before != self.rules_after

    @property
    def has_other_spending(self) -> bool:
        """What counts, or what a call costs, is another for what is booked already, too."""
        return spending_fields(self.before) != spending_fields(self.after)

    def registered(self, stored: Mapping[str, Workflow]) -> Mapping[str, Workflow]:
        """All there are afterwards."""
        return {**stored, **{change.after.key: change.after for change in self.workflows}}


def planned(contract: Contract, registry: Registry, now: datetime) -> Plan:
    """Raises BadContract with everything that is wrong: in the file, and about what is stored."""
    target = Registry(
        replace(registry.organisation, **contract.organisation),
        {**registry.teams, **{team.key: team for team in contract.teams}},
        registry.workflows,
    )
    accepted, problems = [], list(contract.problems)
    for entry in contract.entries:
        try:
            accepted.append(_accepted(entry, target, now))
        except BadContract as bad:
            problems += bad.problems
    problems += _pointing_nowhere(contract, registry)
    if problems:
        raise BadContract(problems)
    plan = _difference(contract, registry, target, accepted, now)
    rules = in_order(registry.rules)
    wanted = rules if contract.rules is None else in_order(one.rule for one in contract.rules)
    left = ("attribution",) if rules and contract.rules is None else ()
    return replace(
        plan, rules_before=rules, rules_after=wanted, left_alone=(*plan.left_alone, *left)
    )


def _pointing_nowhere(contract: Contract, registry: Registry) -> Iterator[Problem]:
    """Rules that lead to a workflow that nobody knows."""
    known = {*registry.workflows, *(entry.workflow.key for entry in contract.entries)}
    faulty = tuple(f"{problem.where}." for problem in contract.problems)
    for entry in contract.rules or ():
        name = entry.rule.workflow
        # What could not be read whole is there all the same.
        if name not in known and not any(one.startswith(f"workflows.{name}.") for one in faulty):
            reason = f"There is no workflow “{name}”."
            yield Problem(entry.place, f"attribution.{entry.rule.id}", reason)


def _difference(
    contract: Contract,
    registry: Registry,
    target: Registry,
    accepted: list[Workflow],
    now: datetime,
) -> Plan:
    named = {workflow.key for workflow in accepted}
    others = [workflow for key, workflow in registry.workflows.items() if key not in named]
    moved_along = (_counting(workflow, target, now) for workflow in others)
    teams = {team.key for team in contract.teams}
    return Plan(
        registry.organisation,
        target.organisation,
        tuple(
            TeamChange(registry.teams.get(team.key), team)
            for team in contract.teams
            if registry.teams.get(team.key) != team
        ),
        tuple(
            WorkflowChange(registry.workflows.get(after.key), after)
            for after in chain(accepted, moved_along)
            if registry.workflows.get(after.key) != after
        ),
        (
            *(f"team:{key}" for key in registry.teams if key not in teams),
            *(workflow.key for workflow in others),
        ),
    )


def _accepted(entry: Entry, target: Registry, now: datetime) -> Workflow:
    """The workflow as it will be. Raises BadContract."""
    team = target.teams.get(entry.workflow.team)
    if team is None:
        raise BadContract([entry.problem("team", f"There is no team “{entry.workflow.team}”.")])
    before = target.workflows.get(entry.workflow.key)
    after = _counting(_kept(entry.workflow, before), target, now)
    problems = [entry.problem(wrong.field, str(wrong)) for wrong in contradictions(after)]
    try:
        after = _in_status(after, before, entry.status, now)
    except NotThatWay as no:
        problems.append(entry.problem("status", f"{no} Leave status out to keep what it is."))
    problems += _lacking(entry, after, team)
    if problems:
        raise BadContract(problems)
    return after


def _lacking(entry: Entry, after: Workflow, team: Team) -> list[Problem]:
    lacking = missing(after, team) if after.status in _IN_USE else ()
    if not lacking:
        return []
    reason = f"It is to be {after.status}: a {after.kind.value} still needs {', '.join(lacking)}."
    return [entry.problem("status", reason)]


def _kept(workflow: Workflow, before: Workflow | None) -> Workflow:
    if before is None:
        return workflow
    # Reviews write the date down; a file that does not say it has nothing to take back.
    reviewed = workflow.last_review_date or before.last_review_date
    kept = {name: getattr(before, name) for name in _KEPT}
    return replace(workflow, **kept, last_review_date=reviewed)


def _counting(workflow: Workflow, target: Registry, now: datetime) -> Workflow:
    organisation = target.organisation
    zone = target.teams[workflow.team].zone(organisation)
    return with_calendar(workflow, zone, organisation.policy.week_start, now)


def _in_status(
    workflow: Workflow, before: Workflow | None, status: Status | None, now: datetime
) -> Workflow:
    """Raises NotThatWay. A new record starts anywhere: an export may be read into an empty bot."""
    if status is None or status is workflow.status:
        return workflow if before else replace(workflow, status_since=now)
    if status is not Status.ACTIVE:
        return _born(workflow, status, now) if before is None else moved(workflow, status, now)
    return replace(moved(workflow, status, now), agreed_by=CONTRACT, agreed_at=now)


def _born(workflow: Workflow, status: Status, now: datetime) -> Workflow:
    return replace(workflow, status=status, status_since=now)
