"""Spend that belongs to no workflow: what it can be told by, and whose it may be."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from bot.attribution import Clue, Rule, Trace, exactly, values_of
from bot.charges import NAMES
from bot.delegations import acting
from bot.names import slug
from bot.namesakes import Sight, called
from bot.policy import Organisation
from bot.rule_trials import Sum
from bot.sources import ADJUSTMENTS, RECONCILED
from bot.teams import Team
from bot.workflows import Status, Workflow

_OVER = (Status.RETIRED, Status.ENDED)
_ALIKE = 0.85
_SHORTEST = 4


class Nobodys(NamedTuple):
    """Records of nobody's that no rule can tell apart: nano-dollars."""

    trace: Trace
    nanos: int
    records: int


@dataclass(frozen=True)
class Suggestion:
    """A rule that may be right, and `why`, as the end of a sentence."""

    rule: Rule
    why: str


@dataclass(frozen=True)
class Contradiction:
    """Spend that calls itself `declared`, and that `rule` gives to `workflow`."""

    declared: str
    workflow: str
    rule: str
    whole: Sum
    since: datetime


@dataclass(frozen=True)
class Registered:
    """What a suggestion is looked for in."""

    workflows: Sequence[Workflow]
    teams: Sequence[Team]

    @cached_property
    def living(self) -> list[Workflow]:
        return [one for one in self.workflows if one.status not in _OVER]


@dataclass(frozen=True)
class Finding:
    """What carries one value of a clue; `dearest` is a part of it. `name`: of a key, where its id
    says nothing to people. `ours`: no rule can be made for it, and the value is in words.
    """

    clue: Clue
    value: str
    name: str
    whole: Sum
    dearest: Trace
    registered: Registered
    ours: bool = False

    @cached_property
    def suggestion(self) -> Suggestion | None:
        """Sought when it is shown: most of many are not."""
        if self.ours:
            return None
        living, teams = self.registered.living, self.registered.teams
        return suggested(self.clue, self.value, self.dearest, living, teams)


def sees_names(by: str, registered: Registered, organisation: Organisation, now: datetime) -> bool:
    """Admins, finance and approvers see who spent; nobody owns what belongs to no workflow."""
    group = _entitled(registered, organisation)
    return any(by == one.person for one in acting(group, organisation.delegations, now))


def _entitled(registered: Registered, organisation: Organisation) -> list[str]:
    approvers = [team.approver for team in registered.teams]
    approvers += [one.approver for one in registered.workflows]
    return [*organisation.admins, *organisation.finance, *filter(None, approvers)]


def sight_of(people: Iterable[str], registered: Registered, organisation: Organisation) -> Sight:
    """Without names: of these people, and of all who have a part in the registry."""
    held = [one for each in registered.workflows for one in (each.owner, each.backup)]
    named = (*people, *_entitled(registered, organisation), *filter(None, held))
    return Sight(names=False, people=called(named))


def findings(
    records: Iterable[Nobodys], registered: Registered, tagged: Iterable[Nobodys] = ()
) -> tuple[Finding, ...]:
    """By clue, the most trusted first, then the dearest first. `tagged`: the same, by tag."""
    found: dict[tuple[Clue, str], list[Nobodys]] = defaultdict(list)
    for one in records:
        for clue in Clue:
            for value in _told_by(clue, one.trace):
                found[clue, value].append(one)
    for one in tagged:
        for tag in one.trace.tags:
            found[Clue.DECLARED, tag].append(one)
    made = [_finding(clue, value, alike, registered) for (clue, value), alike in found.items()]
    order = list(Clue)
    return tuple(sorted(made, key=lambda one: (order.index(one.clue), -one.whole.cost, one.value)))


def _told_by(clue: Clue, trace: Trace) -> tuple[str, ...]:
    """A key by its id, which cannot be given to another key; by its name where it has none."""
    values = [value for value in values_of(clue, trace) if value]
    return tuple(dict.fromkeys(values[:1] if clue is Clue.KEY else values))


def _finding(clue: Clue, value: str, alike: Sequence[Nobodys], registered: Registered) -> Finding:
    dearest = max(alike, key=lambda one: one.nanos).trace
    said = _ours(value) if clue is Clue.SOURCE else ""
    if said:
        return Finding(clue, said, "", whole(alike), dearest, registered, ours=True)
    name = dearest.clues.key_name if clue is Clue.KEY and dearest.clues.key_name != value else ""
    return Finding(clue, value, name, whole(alike), dearest, registered)


def _ours(source: str) -> str:
    """What the bot books itself goes by the bill, or a person's word; '' of all else."""
    if source == ADJUSTMENTS:
        return "booked by hand"
    billed = source.startswith(RECONCILED)
    return f"{source.removeprefix(RECONCILED)}’s bill" if billed else ""


def suggested(
    clue: Clue, value: str, trace: Trace, living: Sequence[Workflow], teams: Sequence[Team]
) -> Suggestion | None:
    """The first that fits: a name that resembles a workflow's, else the only workflow of its team,
    else the only one of the person.
    """
    for said, where in _names(clue, value, trace):
        like = resembling(said, living)
        if like is not None:
            return Suggestion(Rule(clue, exactly(value), like.key), f"since {where} resembles it")
    only, why = _only_one(clue, value, trace, living, teams)
    return None if only is None else Suggestion(Rule(clue, exactly(value), only.key), why)


def _names(clue: Clue, value: str, trace: Trace) -> list[tuple[str, str]]:
    clues = trace.clues
    if clue is Clue.PERSON:
        # What one of their calls was named says little of the others.
        return []
    said = value.removeprefix(NAMES) if clue is Clue.DECLARED else value
    own = [(said, "its name"), (clues.key_name, "the key's name")]
    beside = [
        (trace.declared, "the name that its calls declare"),
        (clues.service, "the service that calls"),
        (clues.repository, "the repository it is called from"),
        (clues.project, "its project"),
    ]
    wide = clue in {Clue.TEAM, Clue.SOURCE}
    return [one for one in (own[:1] if wide else [*own, *beside]) if one[0]]


def resembling(name: str, living: Sequence[Workflow]) -> Workflow | None:
    """The one workflow that is called so, or nearly; None where two are."""
    wanted = slug(name.rsplit("/", 1)[-1])
    known = [(one, {slug(one.key), slug(one.name)}) for one in living]
    for fits in (_same, _within, _nearly):
        found = [one for one, names in known if any(fits(wanted, each) for each in names)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _same(wanted: str, known: str) -> bool:
    return bool(wanted) and wanted == known


def _within(wanted: str, known: str) -> bool:
    """All words of the shorter stand in the longer, and they are more than a syllable."""
    ours, theirs = set(wanted.split("-")), set(known.split("-"))
    fewer = min(ours, theirs, key=len)
    return ours & theirs == fewer and sum(map(len, fewer)) >= _SHORTEST


def _nearly(wanted: str, known: str) -> bool:
    if min(len(wanted), len(known)) < _SHORTEST:
        return False
    alike = SequenceMatcher(None, wanted, known)
    # The first two are quick, and never below the last.
    bounds = (alike.real_quick_ratio, alike.quick_ratio, alike.ratio)
    return all(bound() >= _ALIKE for bound in bounds)


def _only_one(
    clue: Clue, value: str, trace: Trace, living: Sequence[Workflow], teams: Sequence[Team]
) -> tuple[Workflow | None, str]:
    if clue is Clue.PERSON:
        mine = [one for one in living if value in {one.owner, one.backup}]
        return (mine[0] if len(mine) == 1 else None), "the only workflow they answer for"
    said = slug(trace.clues.team if clue in {Clue.KEY, Clue.TEAM, Clue.PROJECT} else "")
    team = next((one for one in teams if said and said in {one.key, slug(one.name)}), None)
    theirs = [one for one in living if team is not None and one.team == team.key]
    return (theirs[0] if len(theirs) == 1 else None), "the only workflow of its team"


def whole(records: Iterable[Nobodys]) -> Sum:
    return Sum.of(Sum.from_source(one.trace.source, one.nanos, one.records) for one in records)
