"""A request that the bot has drafted, as its owner sees it, open and settled."""

from dataclasses import dataclass
from datetime import datetime
from html import unescape

from bot.alerts import CapWatch
from bot.askable import LENGTHS
from bot.cards import kit
from bot.cards.alerts import enforced
from bot.cards.forecasts import foreseen, roughly, spread
from bot.cards.freshness import freshness
from bot.drafts import Cause, Draft, DraftState
from bot.forecast import Forecast
from bot.freshness import Feed
from bot.money import say, say_percent
from bot.notices import Card
from bot.periods import CapKind
from bot.workflows import Workflow

_OVERTAKEN = "draft-overtaken"


@dataclass(frozen=True)
class Drafting:
    """Why a request is drafted: a cap with what it holds, and where it will end."""

    workflow: Workflow
    cap: CapWatch
    cause: Cause
    forecast: Forecast | None
    zone: str
    now: datetime
    feeds: tuple[Feed, ...] = ()


def reason(about: Drafting) -> str:
    """Plain text from the figures, for the form."""
    cap, ahead = about.cap, about.forecast
    spent = (
        f"By {kit.said(about.now, about.zone)}, {say(cap.state.spent)} of the {cap.cap.kind} "
        f"{say(cap.cap.amount)} is spent ({say_percent(cap.state.percent)})."
    )
    parts = (spent, *_forecast(ahead, about.zone), *map(unescape, _data(about, kit.said)))
    return kit.clip(" ".join(parts), LENGTHS["reason"])


def _forecast(ahead: Forecast | None, zone: str) -> tuple[str, ...]:
    if ahead is None:
        return ()
    until = kit.said(ahead.until, zone)
    return (f"Forecast {roughly(ahead.expected)} by {until} ({spread(ahead)}).",)


def _data(about: Drafting, at: kit.At) -> tuple[str, ...]:
    told = freshness(about.feeds, about.zone, about.cap.holds.last_at, at=at)
    return tuple(filter(None, [told]))


def drafted(draft: Draft, about: Drafting) -> Card:
    opening = (
        f"I have drafted a request for *{kit.named(about.workflow.name)}*: "
        f"{what(draft)}, {_until(draft)}."
    )
    parts = (opening, _why(about), "Nothing is asked until you send it.")
    facts = (*_data(about, kit.when), _lapses(draft, about.zone), enforced(about.workflow))
    buttons = kit.actions(
        kit.button("Look and send…", "draft.open", draft.id, style="primary"),
        kit.button("Dismiss", "draft.dismiss", draft.id),
    )
    text = "\n".join((*parts, *facts, f"Or ask yourself: /budget request {draft.workflow}"))
    return Card(
        kit.clip(text, kit.SECTION_TEXT),
        (kit.section("\n".join(parts)), kit.context(*facts), buttons),
    )


def settled(draft: Draft, workflow: Workflow, zone: str) -> Card:
    """What stands there instead, without buttons."""
    name = kit.named(workflow.name)
    said = f"Draft for *{name}*, {what(draft)}: {_ending(draft, zone)}"
    return Card(said, (kit.section(said),))


def overtaken(card: Card, why: str) -> Card:
    """The draft as it was, saying once that its cap is reached meanwhile."""
    if any(block.get("block_id") == _OVERTAKEN for block in card.blocks):
        return card
    note = {**kit.context(why), "block_id": _OVERTAKEN}
    *above, last = card.blocks
    return Card(kit.clip(f"{card.text}\n{why}", kit.SECTION_TEXT), (*above, note, last))


def what(draft: Draft) -> str:
    """`$60.00 more on the weekly cap`."""
    return f"{say(draft.amount)} more on the {draft.period.kind} cap"


def ended_already(draft: Draft, zone: str) -> str:
    return f"This draft is settled: {_ending(draft, zone)}"


def _until(draft: Draft) -> str:
    if draft.period.kind is CapKind.TOTAL:
        return "until the end of this month"
    return f"until the end of this {draft.period.kind.noun}"


def _why(about: Drafting) -> str:
    cap, state = about.cap.cap, about.cap.state
    used = f"{say(state.spent)} of {say(cap.amount)}, {say_percent(state.percent)}"
    ahead = f" {foreseen(about.forecast, cap.amount, about.zone)}" if about.forecast else ""
    if about.cause is Cause.SOFT_LIMIT:
        limit = about.workflow.soft_limit
        return f"The {cap.kind} cap is past its soft limit of {limit} % ({used}).{ahead}"
    return f"The {cap.kind} cap will not hold ({used} so far).{ahead}"


def _lapses(draft: Draft, zone: str) -> str:
    if draft.period.kind is CapKind.TOTAL:
        return "It is the one draft for this cap."
    noun = draft.period.kind.noun
    return f"It lapses {kit.when(draft.period.end, zone)}. It is the one draft of this {noun}."


def _ending(draft: Draft, zone: str) -> str:
    at = f", {kit.when(draft.settled_at, zone)}" if draft.settled_at else ""
    if draft.state is DraftState.SENT:
        return f"{kit.person(draft.settled_by)} has asked for more on this cap{at}."
    if draft.state is DraftState.DISMISSED:
        return f"dismissed by {kit.person(draft.settled_by)}{at}. Nothing was asked."
    return f"lapsed{at}. Nothing was asked."
