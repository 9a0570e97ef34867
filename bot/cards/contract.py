"""What `contract plan` prints, and what a team hears of its changed caps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.attribution import Rule
from bot.cards.kit import clip, named, section
from bot.contract import Said, flat_organisation_fields, number_text, team_fields, workflow_fields
from bot.notices import Card
from bot.plan import Plan, TeamChange, WorkflowChange
from bot.workflows import Workflow

_SHOWN = 60
_NOTHING = "–"


@dataclass(frozen=True)
class PlanLine:
    """`sign`: `+` new, `~` changed, `-` gone, `·` stored but not in the file. `note` is all of a
    line without a field.
    """

    sign: str
    about: str
    field: str = ""
    before: str = ""
    after: str = ""
    note: str = ""


def plan_lines(plan: Plan) -> tuple[PlanLine, ...]:
    return (
        *_differences("organisation", *map(flat_organisation_fields, (plan.before, plan.after))),
        *(line for change in plan.teams for line in _team(change)),
        *(line for change in plan.workflows for line in _workflow(change)),
        *_rules(plan),
        *(PlanLine("·", about, note="not in the file (left alone)") for about in plan.left_alone),
    )


def _rules(plan: Plan) -> Iterator[PlanLine]:
    """The list is whole: a rule that is not in it goes."""
    before = {rule.id: rule for rule in plan.rules_before}
    after = {rule.id: rule for rule in plan.rules_after}
    gone = [rule for key, rule in before.items() if key not in after]
    yield from (
        PlanLine("-", _rule(one), note=f"→ {one.workflow}: not in the file") for one in gone
    )
    for key, rule in after.items():
        yield from _rule_change(before.get(key), rule)
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield PlanLine("~", "attribution", note="the rules stand in another order")


def _rule_change(before: Rule | None, after: Rule) -> Iterator[PlanLine]:
    if before is None:
        yield PlanLine("+", _rule(after), note=f"→ {after.workflow}")
    elif before != after:
        yield PlanLine("~", _rule(after), "workflow", before.workflow, after.workflow)


def _rule(rule: Rule) -> str:
    return f"attribution:{rule.clue}:{_brief(rule.pattern)}"


def _team(change: TeamChange) -> Iterator[PlanLine]:
    about = f"team:{change.after.key}"
    if change.before is None:
        yield PlanLine("+", about, note=f"{_brief(change.after.name)}, {change.after.channel}")
    else:
        yield from _differences(about, team_fields(change.before), team_fields(change.after))


def _workflow(change: WorkflowChange) -> Iterator[PlanLine]:
    before, after = change.before, change.after
    if before is None:
        yield PlanLine("+", after.key, note=_born(after))
        return
    yield from _differences(after.key, workflow_fields(before), workflow_fields(after))
    if before.calendars != after.calendars:
        to = f"{_calendar(after)} (from the next period on)"
        yield PlanLine("~", after.key, "counts in", _calendar(before), to)


def _born(workflow: Workflow) -> str:
    caps = (f"{kind}_cap {number_text(cap)}" for kind, cap in workflow.caps.present())
    words = (_brief(workflow.name), workflow.kind, f"team {workflow.team}", workflow.status, *caps)
    return ", ".join(words)


def _calendar(workflow: Workflow) -> str:
    if not workflow.calendars:
        return _NOTHING
    last = workflow.calendars[-1]
    return f"{last.zone}, weeks from {last.week_start}"


def _differences(
    about: str, before: Mapping[str, Said], after: Mapping[str, Said]
) -> Iterator[PlanLine]:
    for name, value in after.items():
        if before[name] != value:
            yield PlanLine("~", about, name, _said(before[name]), _said(value))


def _said(value: Said) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, list):
        between = "; " if any(isinstance(each, dict) for each in value) else ", "
        return between.join(map(_said, value)) or _NOTHING
    if isinstance(value, dict):
        return ", ".join(
            f"{name} {_said(each)}" for name, each in value.items() if each is not None
        )
    return _brief(str(value)) if isinstance(value, str | int | date) and value != "" else _NOTHING


def _brief(text: str) -> str:
    # Nothing that a terminal would obey.
    return clip("".join(c for c in " ".join(text.split()) if c.isprintable()), _SHOWN)


def caps_changed(workflow: Workflow, file: str, sentences: Sequence[str]) -> Card:
    """`sentences`: one for each cap that changed."""
    what = f"*{named(workflow.name)}* was changed by an admin ({named(file)})."
    text = f"{what} {' '.join(sentences)}"
    return Card(text, (section(text),))
