"""What is said while more is asked for: the page before it is sent, the card for the approver."""

from dataclasses import dataclass
from datetime import datetime

from bot.alerts import CapWatch
from bot.askable import LENGTHS
from bot.cards.freshness import freshness
from bot.cards.kit import (
    At,
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
from bot.cards.proven import on_card
from bot.cards.request_steps import (
    clock_lines,
    group_said,
    questions_said,
    standing_lines,
)
from bot.chain import Chain, Link
from bot.freshness import Feed
from bot.money import ZERO, say, say_percent
from bot.notices import Block, Card
from bot.periods import CapKind
from bot.request_clocks import Clocks
from bot.request_effects import Effect, stops_first
from bot.requests import Request, RequestDraft, Standing, Until
from bot.shown import Shown, terms_of
from bot.spend import newest
from bot.workflows import Workflow

_TEXT = 3_000
_STANDS = 2_000

# What stands in these goes when the request ends, and so does the text below the empty line.
PASSING = {"where_it_stands", "its_clocks"}
PARTED = "\n\n"


@dataclass(frozen=True)
class Asking:
    """A request as it stands `at` one moment. `caps`: all of the workflow's, with their spend.
    `stuck`: why nobody may answer it, where nobody may; then the chain has no link. `feeds`: where
    the spend is from.
    """

    draft: RequestDraft
    standing: Standing
    effect: Effect
    caps: tuple[CapWatch, ...]
    chain: Chain
    zone: str
    clocks: Clocks
    expedited: bool = False
    by_itself: bool = False
    stuck: str = ""
    at: datetime | None = None
    feeds: tuple[Feed, ...] = ()


def asked(asking: Asking, request: Request) -> Card:
    """The card in the channel, for those who answer, as it stands now."""
    body = "\n".join((_opening(asking, said), *_because(asking.draft, ""), *_figures(asking, said)))
    back = questions_said(request.questions)
    stands = clip("\n".join((*_standing(asking, said), *_clocks(asking, said), *back)), _STANDS)
    return Card(
        f"{clip(body, _TEXT - len(stands))}{PARTED}{stands}",
        (
            section(_opening(asking, when)),
            section("\n".join(_because(asking.draft, "*"))),
            section("\n".join(_figures(asking, when))),
            passing("where_it_stands", section("\n".join((*_standing(asking, when), *back)))),
            passing("its_clocks", context(" ".join(_clocks(asking, when)))),
            *(buttons(request)[-1:] if asking.stuck else buttons(request)),
        ),
    )


def shown_of(asking: Asking, request: Request) -> Shown:
    """What `asked` says. `stuck` stands where it stands, too."""
    link = asking.chain.waits or (asking.chain.links[-1] if asking.chain.links else None)
    return Shown(
        request.id,
        terms_of(request, asking.effect),
        "\n".join((*_standing(asking, said), *_clocks(asking, said))),
        link.people if link else (),
        {watch.cap.kind.value: watch.state.percent for watch in asking.caps},
        asking.at or request.asked_at,
    )


def terms_now(draft: RequestDraft, workflow: Workflow, effect: Effect, zone: str) -> str:
    """`$250.00 → $350.00 on the weekly cap, until Mon 30 Nov 00:00 CET`"""
    amounts = f"{say(effect.before)} → {say(effect.after)} on the {draft.cap} cap"
    if effect.end is None:
        return f"the base goes {amounts} of {named(workflow.name)}, for good"
    each = f", +{say(draft.more)} in each of {effect.periods} {draft.cap.noun}s"
    more = each if effect.periods > 1 else ""
    return f"{amounts}, until {said(effect.end, zone)}{more}"


def passing(block_id: str, block: Block) -> Block:
    return {**block, "block_id": block_id}


def wants_a_second_look(asking: Asking) -> bool:
    """It counts in several periods, is for good, or another cap is reached first."""
    return asking.draft.permanent or asking.effect.periods > 1 or bool(warnings(asking))


def preview(asking: Asking) -> tuple[Block, ...]:
    """What is about to be asked, said exactly, before it is sent."""
    return (
        section(_summary(asking, when)),
        section("\n".join(_figures(asking, when))),
        section("\n".join(_because(asking.draft, "*"))),
        context(
            *_by_itself(asking),
            *_standing(asking, when),
            *_clocks(asking, when),
            *_clock(asking.draft),
        ),
    )


def sent(asking: Asking) -> Card:
    """To the requester."""

    def words(at: At) -> str:
        stands = (*_standing(asking, at), *_clocks(asking, at))
        return f"Your request is sent: {_summary(asking, at)} {' '.join(stands)}"

    return Card(clip(words(said), _TEXT), (section(words(when)),))


def sent_where_typed(request: Request, workflow: Workflow, asked_of: Link, zone: str) -> Card:
    """To the requester, in whichever channel the form was opened."""
    text = (
        f"Sent: +{say(request.amount)} on the {request.cap} cap of *{named(workflow.name)}*, "
        f"asked in <#{request.channel}>; {group_said(asked_of.group)} may answer until "
        f"{when(request.expires_at, zone)}."
    )
    return Card(text, (section(text),))


def _opening(asking: Asking, at: At) -> str:
    draft = asking.draft
    less = f", {say(draft.more)} of it approved so far," if draft.more < draft.amount else ""
    return f"{person(draft.asked_by)} asks for {say(draft.amount)} more{less} {_extent(asking, at)}"


def _summary(asking: Asking, at: At) -> str:
    return f"+{say(asking.draft.amount)} {_extent(asking, at)}"


def _extent(asking: Asking, at: At) -> str:
    """`on the weekly cap of *Search ranking*, from approval until …: $250.00 → $350.00.`"""
    effect, draft = asking.effect, asking.draft
    of = f"on the {draft.cap} cap of *{named(asking.standing.workflow.name)}*"
    amounts = f"{say(effect.before)} → {say(effect.after)}"
    if effect.end is None:
        return f"{of}, for good, from approval: base cap {amounts}."
    until = f"until {at(effect.end, asking.zone, now=asking.at)}"
    if draft.until is Until.DAYS:
        days = "1 day" if draft.days == 1 else f"{draft.days} days"
        until = f"for {days} (if that is now, {until})"
    return f"{of}, from approval {until}: {amounts}.{_each(asking)}"


def _each(asking: Asking) -> str:
    count, draft = asking.effect.periods, asking.draft
    if count == 1:
        return ""
    return f" That is +{say(draft.amount)} in each of {count} {draft.cap.noun}s."


def _by_itself(asking: Asking) -> tuple[str, ...]:
    if not asking.by_itself:
        return ()
    return ("⚡ Small enough: while this month's few last, it goes through by itself. Otherwise:",)


def _clock(draft: RequestDraft) -> tuple[str, ...]:
    if draft.until is Until.PERMANENT:
        return ()
    if draft.until is Until.DAYS:
        return (f"The {draft.days} days count from approval.",)
    noun = draft.cap.noun if draft.until is Until.PERIOD else draft.until.value
    return (f"Approved in a later {noun}, it lasts until the end of that {noun}.",)


def _because(draft: RequestDraft, mark: str) -> list[str]:
    """`mark` stands around each label."""
    lines = [f"{mark}Why{mark}: {_quoted(draft, 'reason')}"]
    lines.append(f"{mark}Outcome{mark}: {_outcome(draft)}")
    if draft.if_refused:
        lines.append(f"{mark}If refused{mark}: {_quoted(draft, 'if_refused')}")
    return lines


def _outcome(draft: RequestDraft) -> str:
    if not draft.outcome:
        return "none named"
    target = f", target {_quoted(draft, 'target')}" if draft.target else ""
    return f"{_quoted(draft, 'outcome')}{target}"


def _quoted(draft: RequestDraft, field: str) -> str:
    return escape(clip(getattr(draft, field), LENGTHS[field]))


def _figures(asking: Asking, at: At) -> list[str]:
    """Live spend of every cap, what is unsure about it, and what else is in the way."""
    if not asking.caps:
        return ["*Spent so far*: not counted against a cap while the workflow is not active."]
    spent = "; ".join(_spent(watch) for watch in asking.caps)
    known = newest(cap.holds.last_at for cap in asking.caps)
    told = freshness(asking.feeds, asking.zone, known, at=at)
    through = f" {told}" if told else ""
    as_of = f" As of {at(asking.at, asking.zone)}." if asking.at else ""
    return [f"*Spent so far*: {spent}.{as_of}{through}", *warnings(asking)]


def _spent(watch: CapWatch) -> str:
    state, assumed = watch.state, watch.holds.assumed
    unsure = f", {say(assumed)} of it assumed" if assumed else ""
    since = " since activation" if watch.cap.kind is CapKind.TOTAL else ""
    of = f"{say(state.spent)}{since} of the {watch.cap.kind} {say(watch.cap.amount)}"
    return f"{of} ({say_percent(state.percent)}{unsure})"


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


def _standing(asking: Asking, at: At) -> list[str]:
    if asking.stuck:
        return [f"⚠️ {asking.stuck}"]
    proven = asking.standing.proven if asking.expedited else None
    way = [on_card(proven)] if proven else []
    return [*way, *standing_lines(asking.draft, asking.chain, at, asking.zone)]


def _clocks(asking: Asking, at: At) -> list[str]:
    if asking.stuck:
        return [
            f"Until somebody may, it waits; it expires {at(asking.clocks.expires_at, asking.zone)}."
        ]
    return clock_lines(asking.chain, asking.clocks, at, asking.zone)


def buttons(request: Request) -> tuple[Block, Block]:
    """Of those who answer, and of whoever asked. Each says which edition it was pressed on."""
    value = f"{request.id}|{request.edition}"
    return (
        actions(
            button("Approve", "request.approve", value, style="primary"),
            button("Approve less…", "request.less", value),
            button("Ask…", "request.ask", value),
            button("Deny…", "request.deny", value, style="danger"),
        ),
        actions(
            button("Amend…", "request.amend", value),
            button("Withdraw", "request.withdraw", value),
        ),
    )
