"""A new workflow's first review: the figures of its first days, and what was decided."""

from collections.abc import Iterator

from bot.addressing import Addressed
from bot.cards.addressing import acted, addressed_said
from bot.cards.caps import bar, each_used
from bot.cards.changed import said
from bot.cards.forecasts import foreseen, worth_saying
from bot.cards.freshness import freshness
from bot.cards.kit import actions, button, clip, escape, named, person, section, when
from bot.cards.terms import titled
from bot.first_reviews import AFTER_DAYS, Choice, FirstReview, FirstWeek, State, times
from bot.money import percent, say
from bot.notices import Card
from bot.periods import CapKind
from bot.workflows import Workflow

_TEXT = 2_900
_QUESTION = (
    "*Expand* it (more is asked of the approver), *cut* it (holds at once), *change* its contract, "
    "or is it *fine*?"
)


def asked(one: FirstReview, workflow: Workflow, week: FirstWeek, whom: Addressed) -> Card:
    shown = [
        f"*First review of* {titled(workflow)} · {addressed_said(whom, one.zone)}",
        f"It has been active for {AFTER_DAYS} days: {_spent(week)}",
        *_caps(week),
        *_ahead(week, one.zone),
        _happened(week),
        *filter(None, [freshness(week.position.feeds, one.zone, week.position.newest)]),
        _QUESTION,
        _clock(one),
    ]
    text = clip("\n".join(shown), _TEXT)
    key = workflow.key
    buttons = (
        button("Expand…", "first_review.expand", key),
        button("Cut…", "first_review.cut", key),
        button("Change…", "first_review.change", key),
        button("It is fine", "first_review.fine", key, style="primary"),
    )
    return Card(text, (section(text), actions(*buttons)))


def settled(posted: Card | None, one: FirstReview, workflow: Workflow, why: str = "") -> Card:
    """The message without its buttons, and how it ended."""
    end = ended(one, workflow, why)
    kept = [block for block in (posted.blocks if posted else ()) if block["type"] != "actions"]
    before = posted.text if posted else f"*First review of* {titled(workflow)}"
    return Card(clip(f"{end.text}\n{before}", _TEXT), (*kept, *end.blocks))


def ended(one: FirstReview, workflow: Workflow, why: str = "") -> Card:
    if one.state is not State.DECIDED:
        reason = why or "nobody decided, so it stays as it is"
        return said(f"⏳ First review of {titled(workflow)} closed: {reason}.")
    detail = f": {escape(clip(one.detail, 300))}" if one.detail else ""
    who = acted(one.by, one.instead_of)
    return said(f"✅ First review of {titled(workflow)}: {_DONE[one.choice]} by {who}{detail}.")


_DONE = {
    Choice.EXPAND: "more was asked for",
    Choice.CUT: "cut",
    Choice.CHANGE: "changed",
    Choice.FINE: "found fine as it is",
    None: "decided",
}


def reminder(one: FirstReview, workflow: Workflow, place: str) -> Card:
    """To whoever answers for it."""
    text = (
        f"⏰ The first review of {titled(workflow)} waits for you in <#{place}>: expand, cut, "
        f"change, or fine? The approver is told {when(times(one).escalated, one.zone)}. {_end(one)}"
    )
    return said(text)


def escalated(one: FirstReview, workflow: Workflow, place: str) -> Card:
    """To the approver, who may decide too."""
    return said(
        f"⏰ {person(workflow.owner)} has not answered the first review of {titled(workflow)} in "
        f"<#{place}>. You may decide it. {_end(one)}"
    )


def stands_before(one: FirstReview, workflow: Workflow) -> Card:
    """In a weekly review's thread, instead of a question."""
    when_asked = when(one.asked_at or one.due_at, one.zone, "{date_short_pretty}")
    what = "waits for an answer since" if one.state is State.ASKED else "is on"
    return said(
        f"*{named(workflow.name)}* (`{workflow.key}`) · its first review {what} {when_asked}; "
        "it is not asked twice."
    )


def in_brief(one: FirstReview) -> str:
    """For the contract, on one line; '' once it is over."""
    match one.state:
        case State.AHEAD:
            return f"*First review:* {when(one.due_at, one.zone)}."
        case State.ASKED:
            return f"*First review:* waits for an answer in <#{one.channel}>."
        case _:
            return ""


def _spent(week: FirstWeek) -> str:
    most = f", most on {named(week.model)}: {say(week.model_cost)}" if week.model else ""
    return f"{say(week.spent)} spent{most}." if week.spent else "nothing was spent."


def _caps(week: FirstWeek) -> Iterator[str]:
    """The running week is hardly older than the question: the first seven days say more."""
    for state, line in zip(week.position.caps, each_used(week.position), strict=True):
        cap = state.cap
        if cap.kind is CapKind.WEEKLY:
            share = percent(week.spent, cap.amount) if cap.amount else 0
            figures = f"{say(week.spent)} in its first {AFTER_DAYS} days"
            yield f"Weekly {bar(share)} · {figures}; weekly cap {say(cap.amount)}"
        else:
            yield line


def _ahead(week: FirstWeek, zone: str) -> Iterator[str]:
    for state in week.position.caps:
        found = week.position.forecasts.get(state.cap.kind)
        if found and worth_saying(found, state.cap.amount):
            yield foreseen(found, state.cap.amount, zone)


def _happened(week: FirstWeek) -> str:
    asked, alerts = _counted(week.requests, "request"), _counted(week.alerts, "alert")
    told = f"{asked} for more, {alerts}."
    return told[0].upper() + told[1:]


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _clock(one: FirstReview) -> str:
    due = times(one)
    return (
        f"Reminded {when(due.reminded, one.zone)}; the approver is told "
        f"{when(due.escalated, one.zone)}. {_end(one)}"
    )


def _end(one: FirstReview) -> str:
    return f"Without an answer until {when(times(one).closed, one.zone)} it stays as it is."
