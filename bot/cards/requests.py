"""What is said while more is asked for: the page before it is sent, the card for the approver."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.alerts import CapWatch
from bot.approval import Approvers
from bot.askable import LENGTHS
from bot.cards.kit import (
    actions,
    button,
    clip,
    context,
    escape,
    named,
    person,
    said,
    section,
    when,
)
from bot.money import ZERO, say
from bot.notices import Block, Card
from bot.periods import CapKind
from bot.requests import Effect, Request, RequestDraft, Standing, Step, Until, stops_first
from bot.workflows import Workflow

At = Callable[[datetime, str], str]

_SHOWN = 5
_TEXT = 3_000


@dataclass(frozen=True)
class Asking:
    """A request as it stands at one moment. `caps`: all of the workflow's, with their spend."""

    draft: RequestDraft
    standing: Standing
    effect: Effect
    caps: tuple[CapWatch, ...]
    approvers: Approvers
    zone: str
    expires_at: datetime


def asked(asking: Asking, request: Request) -> Card:
    """The card in the channel, for those who answer. Its figures are frozen here."""
    text = "\n".join(
        (
            f"{_opening(asking, said)} {_who_answers(asking, said)}",
            f"Why: {_quoted(asking.draft, 'reason')}",
            f"Outcome: {_outcome(asking.draft)}",
            *_figures(asking, said),
        )
    )
    return Card(
        clip(text, _TEXT),
        (
            section(_opening(asking, when)),
            section(_because(asking.draft)),
            section("\n".join(_figures(asking, when))),
            section(_who_answers(asking, when)),
            _buttons(request),
        ),
    )


def wants_a_second_look(asking: Asking) -> bool:
    """It counts in several periods, is for good, or another cap is reached first."""
    return asking.draft.permanent or asking.effect.periods > 1 or bool(warnings(asking))


def preview(asking: Asking) -> tuple[Block, ...]:
    """What is about to be asked, said exactly, before it is sent."""
    return (
        section(_summary(asking, when)),
        section("\n".join(_figures(asking, when))),
        section(_because(asking.draft)),
        context(_who_answers(asking, when), *_clock(asking.draft)),
    )


def sent(asking: Asking) -> Card:
    """To the requester."""

    def words(at: At) -> str:
        return f"Your request is sent: {_summary(asking, at)} {_who_answers(asking, at)}"

    return Card(clip(words(said), _TEXT), (section(words(when)),))


def sent_where_typed(request: Request, workflow: Workflow, approvers: Approvers, zone: str) -> Card:
    """To the requester, in whichever channel the form was opened."""
    text = (
        f"Sent: +{say(request.amount)} on the {request.cap} cap of *{named(workflow.name)}*, "
        f"asked in <#{request.channel}>; {_people(approvers)} may answer until "
        f"{when(request.expires_at, zone)}."
    )
    return Card(text, (section(text),))


def _opening(asking: Asking, at: At) -> str:
    asker = person(asking.draft.asked_by)
    return f"{asker} asks for {say(asking.draft.amount)} more {_extent(asking, at)}"


def _summary(asking: Asking, at: At) -> str:
    return f"+{say(asking.draft.amount)} {_extent(asking, at)}"


def _extent(asking: Asking, at: At) -> str:
    """`on the weekly cap of *Search ranking*, from approval until …: $250.00 → $350.00.`"""
    effect, draft = asking.effect, asking.draft
    of = f"on the {draft.cap} cap of *{named(asking.standing.workflow.name)}*"
    amounts = f"{say(effect.before)} → {say(effect.after)}"
    if effect.end is None:
        return f"{of}, for good, from approval: base cap {amounts}."
    return f"{of}, from approval until {at(effect.end, asking.zone)}: {amounts}.{_each(asking)}"


def _each(asking: Asking) -> str:
    count, draft = asking.effect.periods, asking.draft
    if count == 1:
        return ""
    return f" That is +{say(draft.amount)} in each of {count} {draft.cap.noun}s."


def _clock(draft: RequestDraft) -> tuple[str, ...]:
    if draft.until is Until.PERMANENT:
        return ()
    if draft.until is Until.DAYS:
        return (f"The {draft.days} days count from approval.",)
    noun = draft.cap.noun if draft.until is Until.PERIOD else draft.until.value
    return (f"Approved in a later {noun}, it lasts until the end of that {noun}.",)


def _because(draft: RequestDraft) -> str:
    lines = [f"*Why*: {_quoted(draft, 'reason')}", f"*Outcome*: {_outcome(draft)}"]
    if draft.if_refused:
        lines.append(f"*If refused*: {_quoted(draft, 'if_refused')}")
    return "\n".join(lines)


def _outcome(draft: RequestDraft) -> str:
    if not draft.outcome:
        return "none named"
    target = f", target {_quoted(draft, 'target')}" if draft.target else ""
    return f"{_quoted(draft, 'outcome')}{target}"


def _quoted(draft: RequestDraft, field: str) -> str:
    return escape(clip(getattr(draft, field), LENGTHS[field]))


def _figures(asking: Asking, at: At) -> list[str]:
    """Live spend of every cap, what is unsure about it, and what else is in the way."""
    spent = "; ".join(_spent(watch) for watch in asking.caps)
    newest = [watch.holds.last_at for watch in asking.caps if watch.holds.last_at]
    through = f" Data through {at(max(newest), asking.zone)}." if newest else ""
    return [f"*Spent so far*: {spent}.{through}", *warnings(asking)]


def _spent(watch: CapWatch) -> str:
    state, assumed = watch.state, watch.holds.assumed
    unsure = f", {say(assumed)} of it assumed" if assumed else ""
    since = " since activation" if watch.cap.kind is CapKind.TOTAL else ""
    of = f"{say(state.spent)}{since} of the {watch.cap.kind} {say(watch.cap.amount)}"
    return f"{of} ({state.percent} %{unsure})"


def warnings(asking: Asking) -> list[str]:
    """That another cap is reached first."""
    states = tuple(watch.state for watch in asking.caps)
    first = stops_first(asking.draft, states)
    if first is None:
        return []
    mine = next(state for state in states if state.cap.kind is asking.draft.cap)
    helps = "this helps" if first.left <= max(mine.left, ZERO) else "all of this is spent"
    left = say(max(first.left, ZERO))
    return [f"⚠️ The {first.cap.kind} cap has {left} left: it stops before {helps}."]


_GROUPS = {Step.APPROVER: "", Step.FINANCE: "finance: ", Step.ADMINS: "the admins: "}


def _who_answers(asking: Asking, at: At) -> str:
    expires = at(asking.expires_at, asking.zone)
    return f"Asked: {_people(asking.approvers)}. Unanswered, it expires {expires}."


def _people(approvers: Approvers) -> str:
    """`finance: @Fin, @Kim and 3 more`."""
    people = approvers.people
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    who = ", ".join(person(one) for one in people[:_SHOWN])
    return f"{_GROUPS[approvers.step]}{who}{more}"


def _buttons(request: Request) -> Block:
    return actions(
        button("Approve", "request.approve", request.id, style="primary"),
        button("Deny…", "request.deny", request.id, style="danger"),
        button("Withdraw", "request.withdraw", request.id),
    )
