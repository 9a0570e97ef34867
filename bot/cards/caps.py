"""A cap in words: how much of it is used, and where its amount comes from."""

from collections.abc import Iterator

from bot.caps import CapState
from bot.cards.forecasts import about, foreseen, worth_saying
from bot.cards.freshness import freshness
from bot.cards.kit import actions, button, clip, context, person, section, when
from bot.cards.terms import days_said, titled
from bot.cards.tiers import by_tier_said
from bot.money import ZERO, say, say_left, say_parts, say_percent
from bot.notices import Card
from bot.overrides import Override
from bot.periods import CapKind
from bot.positions import Position
from bot.spend import Spent
from bot.workflows import Status, Workflow

_BAR = 10
_OVERRIDES = 8


def bar(percent: int) -> str:
    """`▓▓▓▓▓▓░░░░ 62 %`; full from 100 on."""
    full = max(0, min(_BAR, percent * _BAR // 100))
    return f"{'▓' * full}{'░' * (_BAR - full)} {say_percent(percent)}"


def used(state: CapState) -> str:
    """`▓▓▓▓▓▓░░░░ 62 % · $155.00 of $250.00 · $95.00 left`."""
    amounts = f"{say(state.spent)} of {say(state.cap.amount)}"
    return f"{bar(state.percent)} · {amounts} · {say_left(state.left)}"


def explained(position: Position) -> Card:
    """Every effective cap term by term."""
    workflow = position.workflow
    zone = position.zone
    parts = [_cap(state, position, zone) for state in position.caps] or [_no_caps(position)]
    if position.tiers:
        parts.append(f"*This month by model tier:* {by_tier_said(position.tiers)}")
    opening = "\n".join((f"*Caps of* {titled(workflow)}", *_verdict(position, zone)))
    data = _freshness(position, zone)
    show = button("Show contract", "workflow.show", workflow.key)
    blocks = (*map(section, (opening, *parts)), context(data), actions(show))
    return Card(clip("\n".join((opening, *parts, data)), 3_900), blocks)


def _verdict(position: Position, zone: str) -> Iterator[str]:
    workflow, tightest = position.workflow, position.tightest
    if workflow.status is not Status.ACTIVE:
        since = f" since {when(workflow.status_since, zone)}" if workflow.status_since else ""
        yield (
            f"It is *{workflow.status}*{since}, so every cap in force is $0.00. "
            f"{_WAY_OUT[workflow.status].format(key=workflow.key)}"
        )
    elif tightest is not None:
        left = max(tightest.left, ZERO)
        yield (
            f"The {tightest.cap.kind} cap has the least money left, {say(left)}: "
            "it is the one that decides."
        )


_WAY_OUT = {
    Status.PROPOSED: "Its owner, its approver or an admin starts it: `/budget activate {key}`.",
    Status.PAUSED: "`/budget resume {key}` puts its caps back.",
    Status.RETIRED: "It stays so.",
    Status.ENDED: "A new last day (`/budget edit {key}`) lets it be activated again.",
}


def _cap(state: CapState, position: Position, zone: str) -> str:
    holds = position.spent.get(state.cap.kind, Spent())
    lines = (
        f"*{state.cap.kind.capitalize()} cap: {say(state.cap.amount)}*",
        *_terms(state, position.workflow, zone),
        used(state) if state.cap.amount else f"{say(state.spent)} spent",
        *_ahead(state, position),
        *_spend(holds),
        _edges(state, zone),
    )
    return "\n".join(lines)


def _terms(state: CapState, workflow: Workflow, zone: str) -> Iterator[str]:
    cap = state.cap
    shown, rest = cap.overrides[:_OVERRIDES], cap.overrides[_OVERRIDES:]
    by_rest = sum((one.amount for one in rest), ZERO)
    base, *amounts, more = say_parts((cap.base, *(one.amount for one in shown), by_rest))
    yield f"{base} in the contract"
    for one, amount in zip(shown, amounts, strict=True):
        yield f"+ {amount} {_override(one, zone)}"
    if rest:
        yield f"+ {more} by {len(rest)} more overrides"
    if workflow.status is not Status.ACTIVE:
        yield f"× 0 while {workflow.status} = {say(cap.amount)}"
        return
    soft, hard = (cap.amount * limit / 100 for limit in (workflow.soft_limit, workflow.hard_limit))
    yield (
        f"= {say(cap.amount)} now; soft limit {workflow.soft_limit} % = {say(soft)}, "
        f"hard limit {workflow.hard_limit} % = {say(hard)}"
    )


def _override(override: Override, zone: str) -> str:
    end = when(override.end, zone, now=override.start)
    return f"until {end}, granted by {person(override.granted_by)}"


def _spend(holds: Spent) -> Iterator[str]:
    parts = []
    if holds.assumed:
        parts.append(f"of which {say(holds.assumed)} assumed (unknown model, dearest price)")
    if holds.unmetered:
        which = "record without a cost is" if holds.unmetered == 1 else "records without a cost are"
        parts.append(f"{holds.unmetered:,} {which} not in it")
    if holds.late:
        parts.append(f"{say(holds.late)} came after the period had closed")
    if parts:
        yield "; ".join(parts)


def _ahead(state: CapState, position: Position) -> Iterator[str]:
    found = position.forecasts.get(state.cap.kind)
    if found and worth_saying(found, state.cap.amount):
        yield foreseen(found, state.cap.amount, position.zone)


def _edges(state: CapState, zone: str) -> str:
    period = state.cap.period
    if state.cap.kind is CapKind.TOTAL:
        if period.start == period.end:
            return "Counts from activation on."
        return (
            f"Counts since activation, {when(period.start, zone)}, and never starts again ({zone})."
        )
    return f"This {state.cap.kind.noun}: {days_said(period.start, period.end, zone)} ({zone})."


def _no_caps(position: Position) -> str:
    spent = position.spent.get(CapKind.MONTHLY, Spent()).cost
    return f"It has no caps yet. {say(spent)} is spent this month."


def _freshness(position: Position, zone: str) -> str:
    return freshness(position.feeds, zone, position.newest) or "No record yet."


def each_used(position: Position) -> Iterator[str]:
    """One line a cap, with its reset, and when it is hit before."""
    zone = position.zone
    for state in position.caps:
        again = (
            " · since activation"
            if state.cap.kind is CapKind.TOTAL
            else f" · until {when(state.cap.period.end, zone)}"
        )
        ahead = position.forecasts.get(state.cap.kind)
        hits = f" · hits the cap {about(ahead.hits_at, zone)}" if ahead and ahead.hits_at else ""
        yield f"{state.cap.kind.capitalize()} {used(state)}{again}{hits}"
