"""The contract of one workflow, and what is said when it changes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from bot.cards.kit import actions, button, clip, context, escape, fields, person, section, when
from bot.cards.terms import (
    A_PERIOD,
    ENFORCED,
    caps_said,
    day_said,
    metric_said,
    missing_said,
    percents_said,
    titled,
)
from bot.money import say
from bot.notices import Block, Card
from bot.periods import zone_now
from bot.policy import Organisation
from bot.teams import Team
from bot.workflows import Status, Workflow, missing

Pair = tuple[str, str]


def contract(
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
    *,
    may: Sequence[str],
    notes: Sequence[str] = (),
) -> Card:
    """The whole contract. `may` are the verbs whose buttons the reader is offered; `notes` say what
    is under way.
    """
    people, rest = list(_people_and_caps(workflow, team)), list(_rest(workflow, organisation))
    blocks = [
        section(_headline(workflow, team)),
        fields(people),
        fields(rest),
        *_exception_rule(workflow),
        *([section("\n".join(notes))] if notes else []),
        context(*_footnotes(workflow, team, now)),
        *_buttons(workflow, may),
    ]
    text = f"{_headline(workflow, team)}\n{_in_words(workflow, team, (*people[1:-1], *rest))}"
    text = "\n".join((text, *notes))
    return Card(clip(text, 3_000), tuple(blocks))


def preview(workflow: Workflow, team: Team, organisation: Organisation, now: datetime) -> Card:
    return contract(workflow, team, organisation, now, may=())


def _headline(workflow: Workflow, team: Team) -> str:
    return (
        f"{titled(workflow)}\n{workflow.kind.label} · *{workflow.status}* · "
        f"team {escape(clip(team.name, 60)) or team.key}"
    )


def _in_words(workflow: Workflow, team: Team, pairs: Iterable[Pair]) -> str:
    lacking = missing(workflow, team)
    lack = f" It still misses: {missing_said(lacking)}." if lacking else ""
    rest = " ".join(f"{label}: {value}." for label, value in pairs if value)
    return f"Owner {person(workflow.owner)}. Caps: {caps_said(workflow.caps)}.{lack} {rest}"


def _people_and_caps(workflow: Workflow, team: Team) -> Iterable[Pair]:
    yield "Owner", person(workflow.owner)
    yield "Backup", person(workflow.backup)
    yield "Approver", person(workflow.approver or team.approver)
    yield "Tool", escape(clip(workflow.tool, 200))
    yield "Purpose", workflow.purpose.label
    yield "Caps", "\n".join(f"{say(cap)} {A_PERIOD[kind]}" for kind, cap in workflow.caps.present())


def _rest(workflow: Workflow, organisation: Organisation) -> Iterable[Pair]:
    yield "Limits", f"soft {workflow.soft_limit} %, hard {workflow.hard_limit} % of a cap"
    yield "At the hard limit", ENFORCED[workflow.enforcement]
    thresholds = workflow.thresholds or organisation.policy.thresholds
    yield "Alerts at", percents_said(thresholds)
    yield "Model tier", _tiers(workflow)
    if workflow.success_metric:
        yield "Success metric", metric_said(workflow.success_metric)
    for label, day in _days(workflow):
        yield label, day_said(day)


def _tiers(workflow: Workflow) -> str:
    if workflow.escalation_tier is None:
        return workflow.tier.value
    return f"{workflow.tier}, escalation to {workflow.escalation_tier}"


def _days(workflow: Workflow) -> Iterable[tuple[str, date]]:
    known = (
        ("Review date", workflow.review_date),
        ("Last review", workflow.last_review_date),
        ("Ends on", workflow.ends_on),
        ("Last day", workflow.retire_on),
    )
    return ((label, day) for label, day in known if day is not None)


def _exception_rule(workflow: Workflow) -> tuple[Block, ...]:
    if not workflow.exception_rule.strip():
        return ()
    return (section(f"*Exception rule*\n{escape(clip(workflow.exception_rule, 1_000))}"),)


def _footnotes(workflow: Workflow, team: Team, now: datetime) -> Iterable[str]:
    zone = zone_now(workflow.calendars, now) if workflow.calendars else "UTC"
    yield f"Days are counted in {zone}. budget-bot does not cut access by itself."
    if workflow.agreed_at:
        yield f"Agreed by {person(workflow.agreed_by)}, {when(workflow.agreed_at, zone)}."
    lacking = missing(workflow, team)
    if lacking:
        yield f"*Still missing:* {missing_said(lacking)}."


LABELS = {
    "activate": "Activate",
    "resume": "Resume",
    "why": "Explain caps",
    "history": "Show history",
    "edit": "Edit…",
    "reassign": "Reassign…",
    "pause": "Pause",
    "retire": "Retire…",
    "keep": "Keep it",
}


def _buttons(workflow: Workflow, may: Sequence[str]) -> tuple[Block, ...]:
    if not may:
        return ()
    return (actions(*(_button(verb, workflow.key) for verb in LABELS if verb in may)),)


def _button(verb: str, key: str) -> Block:
    style = {"activate": "primary", "retire": "danger"}.get(verb)
    value = f"0 {key}" if verb == "history" else key
    return button(LABELS[verb], f"workflow.{verb}", value, style=style)


def offered(workflow: Workflow, *, edits: bool, decides: bool) -> tuple[str, ...]:
    """The verbs that make sense now for somebody who may edit, or also activate and retire."""
    verbs = ["why", "history"]
    if edits and workflow.status is not Status.RETIRED:
        verbs += ["edit", "reassign"]
        verbs += {Status.ACTIVE: ["pause"], Status.PAUSED: ["resume"]}.get(workflow.status, [])
    if decides and workflow.status in {Status.PROPOSED, Status.ENDED}:
        verbs += ["activate"]
    if decides and workflow.status is not Status.RETIRED:
        verbs += ["retire"] if workflow.retire_on is None else ["retire", "keep"]
    return tuple(verbs)
