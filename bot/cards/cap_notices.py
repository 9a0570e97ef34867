"""What is said when a cap changes by itself or by a person, starts again, or counts no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.alerts import AlertedPeriod, CapWatch
from bot.cards import kit
from bot.cards.alerts import ask_for_more, data_of, enforced, owned_by
from bot.cards.freshness import freshness
from bot.freshness import Feed
from bot.money import is_over, percent, say, say_left, say_percent
from bot.notices import Card
from bot.overrides import Override
from bot.periods import CapKind
from bot.workflows import Status, Workflow

MOST_NAMED = 5


def told(
    caps: Sequence[CapWatch], feeds: Sequence[Feed], zone: str, *, begins: bool
) -> tuple[str, ...]:
    """A sentence for each; the last says how far the data of all goes. `begins`: the workflow has
    just become active.
    """
    if not caps:
        return ()
    *before, last = map(_begun if begins else _changed, caps)
    return (*before, " ".join((last, *_data(caps, feeds, zone))))


def _data(caps: Iterable[CapWatch], feeds: Sequence[Feed], zone: str) -> tuple[str, ...]:
    return tuple(filter(None, [data_of(caps, feeds, zone)]))


def _changed(watch: CapWatch) -> str:
    """`The weekly cap is now $350.00; $312.00 (89 %) is spent, past its 75 % mark.`"""
    return f"The {watch.cap.kind} cap is now {say(watch.cap.amount)}; {_spent(watch)}."


def gone(kind: CapKind) -> str:
    return f"There is no {kind} cap any more."


def _begun(watch: CapWatch) -> str:
    """The same for a workflow that has just become active: `Already 62 % of the weekly cap …`"""
    kind, amount = watch.cap.kind, say(watch.cap.amount)
    if watch.holds.cost <= 0:
        return f"Nothing of the {kind} cap of {amount} is spent yet."
    used = f"{say_percent(watch.state.percent)} of the {kind} cap is spent"
    return f"Already {used}: {say(watch.holds.cost)} of {amount}{_mark(watch)}."


def _spent(watch: CapWatch) -> str:
    state = watch.state
    over = f": {say_left(state.left)}" if is_over(state.left) else ""
    return f"{say(state.spent)} ({say_percent(state.percent)}) is spent{over}{_mark(watch)}"


def _mark(watch: CapWatch) -> str:
    return f", past its {watch.reached[-1]} % mark" if watch.reached else ""


@dataclass(frozen=True)
class Ended:
    """Overrides of one workflow that ran out together; `caps`: those they were on, as now."""

    workflow: Workflow
    overrides: tuple[Override, ...]
    caps: tuple[CapWatch, ...]
    zone: str
    feeds: tuple[Feed, ...] = ()


def override_ended(ended: Ended, *, mention_owner: bool) -> Card:
    lines = [*_over(ended), *_fallen_back(ended)]
    alerts = tuple(watch for watch in ended.caps if watch.reached)
    if alerts and mention_owner:
        lines.append(owned_by(ended.workflow))
    if alerts:
        lines.append(enforced(ended.workflow))
    if ended.caps:
        lines += _data(ended.caps, ended.feeds, ended.zone)
    text = kit.clip("\n".join(lines), kit.SECTION_TEXT)
    return Card(text, (kit.section(text), *ask_for_more(ended.workflow.key, alerts)))


def _over(ended: Ended) -> list[str]:
    name = f"*{kit.named(ended.workflow.name)}*"
    lines = [
        f"The override of +{say(one.amount)} on the {one.cap} cap of {name} ended "
        f"{kit.when(one.end, ended.zone)}."
        for one in ended.overrides[:MOST_NAMED]
    ]
    more = len(ended.overrides) - MOST_NAMED
    return [*lines, f"So did {more} more."] if more > 0 else lines


def _fallen_back(ended: Ended) -> list[str]:
    if ended.workflow.status is not Status.ACTIVE:
        return [f"The workflow is {ended.workflow.status}; it has nothing to spend."]
    return [
        f"The {watch.cap.kind} cap is {say(watch.cap.amount)} again; "
        f"{say(watch.holds.cost)} of {say(watch.cap.amount)} "
        f"({say_percent(watch.state.percent)}) is spent this {watch.cap.kind.noun}{_mark(watch)}."
        for watch in ended.caps
    ]


@dataclass(frozen=True)
class Turned:
    """Periods that ended together, `closed` as they did; `caps` the same kinds now."""

    workflow: Workflow
    closed: tuple[AlertedPeriod, ...]
    caps: tuple[CapWatch, ...]
    zone: str
    feeds: tuple[Feed, ...] = ()


def reset(turned: Turned) -> Card:
    was, zone = {one.period.kind: one for one in turned.closed}, turned.zone
    lines = [_reset(was[one.cap.kind], one, zone) for one in turned.caps if one.cap.kind in was]
    lines.append(data_of(turned.caps, turned.feeds, zone, turned.closed))
    text = f"*{kit.named(turned.workflow.name)}* starts again. {' '.join(filter(None, lines))}"
    return Card(kit.clip(text, kit.SECTION_TEXT), (kit.section(text),))


def _reset(was: AlertedPeriod, watch: CapWatch, zone: str) -> str:
    used = f"{say(was.spent)} of {say(was.amount)} ({say_percent(percent(was.spent, was.amount))})"
    kind = watch.cap.kind
    return (
        f"The {kind} cap is {say(watch.cap.amount)} until {kit.when(watch.cap.period.end, zone)}"
        f"{_already(watch)}; the last {kind.noun} closed at {used}."
    )


def _already(watch: CapWatch) -> str:
    return f", {say(watch.holds.cost)} spent so far" if watch.holds.cost else ""


@dataclass(frozen=True)
class Stopped:
    """A workflow that should spend nothing: `amount` USD `since` it was stopped, this week."""

    workflow: Workflow
    since: datetime
    amount: Decimal
    last_at: datetime | None
    zone: str
    feeds: tuple[Feed, ...] = ()


def spent_although_stopped(stopped: Stopped, *, for_owner: bool) -> Card:
    workflow, zone = stopped.workflow, stopped.zone
    used = f"{say(stopped.amount)} was spent" if stopped.amount else "it was used"
    name, since = kit.named(workflow.name), kit.when(stopped.since, zone)
    lines = [
        f"*{name}* is {workflow.status}, but {used} since {since}.",
        "You own it." if for_owner else owned_by(workflow),
        "Something still uses its keys. budget-bot only tells: nothing is cut off.",
        freshness(stopped.feeds, zone, stopped.last_at),
    ]
    text = kit.clip("\n".join(filter(None, lines)), kit.SECTION_TEXT)
    return Card(text, (kit.section(text),))
