"""The message that a threshold was reached, as it is posted and as it is kept current."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from bot.alerts import AlertedPeriod, CapWatch
from bot.cards import alert_acts, kit
from bot.cards.alert_acts import Follow
from bot.cards.forecasts import foreseen
from bot.cards.freshness import freshness
from bot.cards.tiers import tier_said
from bot.drafts import missing, past_soft_limit
from bot.falls import Fall
from bot.forecast import Forecast, Pace, pace
from bot.freshness import Feed
from bot.money import is_over, percent, say, say_left, say_percent
from bot.notices import Block, Card
from bot.periods import CapKind
from bot.spend import newest
from bot.tiers import Tier
from bot.workflows import Enforcement, Workflow


@dataclass(frozen=True)
class Report:
    """What there is to say of a workflow's caps. `closed`: periods that ended since.

    `model`: the dearest of the first cap's period, and its cost; `tier` is that model's. `notice`:
    the message's own key in the outbox. `feeds`: where the spend is from. `fall`: why it is below
    a threshold again.
    """

    workflow: Workflow
    caps: tuple[CapWatch, ...]
    zone: str
    now: datetime
    model: tuple[str, Decimal] | None = None
    tier: Tier | None = None
    closed: tuple[AlertedPeriod, ...] = ()
    forecasts: Mapping[CapKind, Forecast] = field(default_factory=dict)
    follow: Follow = field(default_factory=Follow)
    notice: str = ""
    feeds: tuple[Feed, ...] = ()
    fall: str = Fall.UNKNOWN

    @property
    def is_over(self) -> bool:
        """Every period it is about has ended."""
        return bool(self.closed) and not self.caps


def for_channel(report: Report) -> Card:
    return _card(report, owned_by(report.workflow))


def for_owner(report: Report) -> Card:
    return _card(report, "You own it.")


def for_backup(report: Report) -> Card:
    """Where the owner is away, or nobody owns it."""
    owner = report.workflow.owner
    why = f"its owner {kit.person(owner)} is away" if owner else "nobody owns it"
    return _card(report, f"You are its backup, and {why}.")


def for_later(report: Report, opening: str) -> Card:
    """For somebody who is asked because nobody has acted."""
    return _card(report, opening)


def _card(report: Report, owner: str) -> Card:
    key = report.workflow.key
    if report.is_over:
        return _over(report, owner)
    opening = f"{_headline(report)} {owner}"
    details = ["\n".join(_details(watch, report)) for watch in report.caps]
    details += [_closed(ended) for ended in report.closed]
    facts = _facts(report)
    blocks = [kit.section(part) for part in (opening, *details)]
    standing = alert_acts.standing(report.follow, report.zone)
    hint = f"To ask for more: /budget request {key}"
    text = "\n".join((opening, *details, *facts, *standing, hint))
    below = (*alert_acts.standing_block(report.follow, report.zone), *_buttons(report))
    return Card(kit.clip(text, kit.SECTION_TEXT), (*blocks, kit.context(*facts), *below))


def _over(report: Report, owner: str) -> Card:
    """What the periods came to; it can still be explained."""
    opening = f"*{kit.named(report.workflow.name)}*: this alert is over. {owner}"
    parts = (opening, *(_closed(ended) for ended in report.closed))
    data = _freshness(report)
    text = "\n".join((*parts, *data, "It can still be explained."))
    blocks = (*map(kit.section, parts), *map(kit.context, data))
    explain = alert_acts.explain_only(report.workflow, report.notice)
    return Card(kit.clip(text, kit.SECTION_TEXT), (*blocks, explain))


def _buttons(report: Report) -> tuple[Block, ...]:
    return tuple(
        alert_acts.buttons(report.workflow, _asks(watch, report), report.notice, report.follow)
        for watch in report.caps[:1]
    )


def _asks(watch: CapWatch, report: Report) -> str:
    """What the request form opens with: the cap, and how much a draft would ask for."""
    kind = watch.cap.kind
    ahead = report.forecasts.get(kind)
    known = ahead is not None or past_soft_limit(report.workflow, watch)
    return f"{kind}|{missing(report.workflow, watch, ahead):f}" if known else kind.value


def ask_for_more(workflow: str, caps: tuple[CapWatch, ...]) -> tuple[Block, ...]:
    """The button that opens the request for the first of these caps."""
    return tuple(
        kit.actions(
            kit.button("Ask for more…", "request.open", f"{workflow}|{watch.cap.kind.value}")
        )
        for watch in caps[:1]
    )


def _headline(report: Report) -> str:
    standing = " and ".join(standing_of(watch) for watch in report.caps) or "is inside its caps"
    return f"*{kit.named(report.workflow.name)}* {standing}."


def standing_of(watch: CapWatch) -> str:
    """`has used 92 % of its weekly cap ($230.00 of $250.00)`."""
    state, kind = watch.state, watch.cap.kind
    figures = f"{say(state.spent)} of {say(watch.cap.amount)}"
    if is_over(state.left):
        return f"is over its {kind} cap ({figures}, {say_percent(state.percent)})"
    if state.left <= 0:
        return f"is at its {kind} cap ({figures}, {say_percent(state.percent)})"
    return f"has used {say_percent(state.percent)} of its {kind} cap ({figures})"


def _details(watch: CapWatch, report: Report) -> list[str]:
    return [
        f"*{watch.cap.kind.value.capitalize()} cap*: {_left(watch, report.now)}.",
        _pace(watch, report),
        _reset(watch, report.zone),
        *_corrected(watch, report),
        *_overrides(watch, report.zone),
        *_uncertain(watch),
    ]


def _left(watch: CapWatch, now: datetime) -> str:
    money = say_left(watch.state.left)
    if watch.cap.kind is CapKind.TOTAL:
        return money
    return f"{money}, {_time_left(watch.cap.period.end - now)} to go"


def _time_left(left: timedelta) -> str:
    if left >= timedelta(days=2):
        return f"{left.days} days"
    hours = left // timedelta(hours=1)
    return f"{hours} hours" if hours > 1 else "less than two hours"


def _pace(watch: CapWatch, report: Report) -> str:
    found = pace(watch.holds.cost, watch.cap.amount, watch.cap.period, report.now)
    if watch.state.left <= 0:
        return f"{_rate(watch, found)}The cap is used up already."
    if watch.cap.kind in report.forecasts:
        return foreseen(report.forecasts[watch.cap.kind], watch.cap.amount, report.zone)
    if found is None:
        return "Too early for a pace."
    if found.hits_at is None:
        return f"{_rate(watch, found)}At this pace it stays below the cap."
    date = kit.when(found.hits_at, report.zone)
    return f"{_rate(watch, found)}At this pace it hits the cap by {date}."


def _rate(watch: CapWatch, found: Pace | None) -> str:
    if found is None:
        return ""
    if watch.cap.kind is CapKind.DAILY:
        return f"Pace {say(found.per_hour)} an hour. "
    return f"Pace {say(found.per_day)} a day. "


def _reset(watch: CapWatch, zone: str) -> str:
    if watch.cap.kind is CapKind.TOTAL:
        return "A total cap does not start again."
    return f"It starts again {kit.when(watch.cap.period.end, zone)}."


def _corrected(watch: CapWatch, report: Report) -> list[str]:
    if watch.corrected_from is None:
        return []
    now = watch.state.percent
    return [f"It was past {watch.corrected_from} %; {report.fall}, now {say_percent(now)}."]


def _overrides(watch: CapWatch, zone: str) -> list[str]:
    known = watch.cap.overrides
    if not known:
        return []
    amount, last = say(sum((o.amount for o in known), Decimal(0))), max(o.end for o in known)
    until = f"until {kit.when(last, zone)}"
    if len(known) == 1:
        return [f"The cap includes +{amount} {until}."]
    return [f"The cap includes +{amount} from {len(known)} overrides, the last {until}."]


def _uncertain(watch: CapWatch) -> list[str]:
    lines = []
    if watch.holds.assumed:
        lines.append(f"Of which {say(watch.holds.assumed)} assumed: the model's price is unknown.")
    if watch.holds.unmetered:
        number = watch.holds.unmetered
        lines.append(f"{number:,} {'call' if number == 1 else 'calls'} without a figure on top.")
    return lines


def _closed(ended: AlertedPeriod) -> str:
    figures = f"{say(ended.spent)} of {say(ended.amount)}"
    used = say_percent(percent(ended.spent, ended.amount))
    kind = ended.period.kind
    return f"*{kind.value.capitalize()} cap*: that {kind.noun} is over, {figures} ({used}) used."


def _facts(report: Report) -> tuple[str, ...]:
    return (*_model(report), *_freshness(report), enforced(report.workflow))


def _model(report: Report) -> tuple[str, ...]:
    if report.model is None:
        return ()
    name, cost = report.model
    tier = tier_said(report.tier)
    shown = f"{kit.named(name)} ({tier})" if name.strip() else "no model named"
    share = percent(cost, report.caps[0].holds.cost)
    period = report.caps[0].cap.kind.noun
    return (f"Most of it: {shown}, {say(cost)} ({share} % of the {period}).",)


def _freshness(report: Report) -> tuple[str, ...]:
    return tuple(filter(None, [data_of(report.caps, report.feeds, report.zone, report.closed)]))


def data_of(
    caps: Iterable[CapWatch],
    feeds: Sequence[Feed],
    zone: str,
    closed: Iterable[AlertedPeriod] = (),
) -> str:
    """How far the data of caps goes, and of periods that have ended."""
    ended = (one.last_at for one in closed)
    known = newest((*ended, *(cap.holds.last_at for cap in caps)))
    return freshness(feeds, zone, known)


def owned_by(workflow: Workflow) -> str:
    return f"Owner: {kit.person(workflow.owner)}." if workflow.owner else "Nobody owns it yet."


def enforced(workflow: Workflow) -> str:
    """What the bot can do about it, and what it can only flag."""
    if workflow.enforcement in {None, Enforcement.ALERT}:
        return "budget-bot only tells: nothing is cut off."
    return (
        f"budget-bot only tells: the contract says {workflow.enforcement} at "
        f"{workflow.hard_limit} %, but this version stops no calls."
    )
