"""What is said ahead of a cap, in the channel and to whoever answers for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.alerts import CapWatch
from bot.anomalies import Burn, Spike
from bot.cards import alert_acts, kit
from bot.cards.alert_acts import Follow
from bot.cards.alerts import data_of, enforced, owned_by
from bot.cards.drivers import Compared, what_changed
from bot.cards.forecasts import about, expected, foreseen, roughly
from bot.forecast import Forecast
from bot.forewarnings import Forewarning, Sort
from bot.freshness import Feed
from bot.money import say, say_percent
from bot.notices import Block, Card
from bot.outlooks import Finding, Outlook
from bot.snoozes import level

_IN_DAYS = 48


@dataclass(frozen=True)
class Ahead:
    """What is to be said of one workflow, all of it in one message. `due`: at least one."""

    outlook: Outlook
    due: tuple[tuple[Forewarning, Finding], ...]
    compared: Compared | None = None
    feeds: tuple[Feed, ...] = ()

    @property
    def notice(self) -> str:
        """The outbox key of the channel's message."""
        return self.due[0][0].notice

    @property
    def caps(self) -> tuple[CapWatch, ...]:
        return tuple(finding.cap for _, finding in self.due if finding.cap)


def for_channel(ahead: Ahead) -> Card:
    return _card(ahead, owned_by(ahead.outlook.workflow), to_owner=False)


def for_owner(ahead: Ahead) -> Card:
    """It alone names who spent."""
    return _card(ahead, "You answer for it.", to_owner=True)


def _card(ahead: Ahead, owner: str, *, to_owner: bool) -> Card:
    key = ahead.outlook.workflow.key
    parts = [f"{_headline(ahead)} {owner}", *_details(ahead)]
    if ahead.compared is not None:
        parts += ["\n".join(what_changed(ahead.compared, to_owner=to_owner))]
    parts = [part for part in parts if part]
    facts = tuple(_facts(ahead))
    text = "\n".join((*parts, *facts, f"To ask for more: /budget request {key}"))
    blocks = (*map(kit.section, parts), kit.context(*facts), *_buttons(ahead))
    return Card(kit.clip(text, kit.SECTION_TEXT), blocks)


def _buttons(ahead: Ahead) -> Iterator[Block]:
    """Those of an alert. A snooze keeps back what is at or below a threshold that was reached, so
    there is none before the first.
    """
    workflow, caps = ahead.outlook.workflow, ahead.outlook.caps
    for cap in (ahead.caps or caps)[:1]:
        row = alert_acts.buttons(workflow, cap.cap.kind, ahead.notice, Follow())
        shown = row["elements"]
        if level(caps) == 0:
            shown = [one for one in shown if one["action_id"] != "alert.snooze"]
        yield {**row, "elements": shown}


def _headline(ahead: Ahead) -> str:
    name = f"*{kit.named(ahead.outlook.workflow.name)}*"
    return f"{name} {' and '.join(_in_short(finding) for _, finding in ahead.due)}."


def _in_short(finding: Finding) -> str:
    if finding.sort is Sort.SPIKE:
        return "spends far more than usual"
    if finding.sort is Sort.BURN:
        return f"burns its {finding.period.kind} cap too fast"
    return f"is heading over its {finding.period.kind} cap"


def _details(ahead: Ahead) -> Iterator[str]:
    zone = ahead.outlook.zone
    for warning, finding in ahead.due:
        if finding.cap and finding.burn:
            yield "\n".join(_burn(finding.cap, finding.burn, ahead.outlook))
        elif finding.cap and finding.forecast:
            yield "\n".join(_breach(warning, finding.cap, finding.forecast, zone))
        elif finding.spike:
            yield _spike(finding.spike, zone)


def _burn(cap: CapWatch, burn: Burn, outlook: Outlook) -> Iterator[str]:
    noun = cap.cap.kind.noun
    yield _so_far(cap)
    yield (
        f"{say(burn.spent)} went in the last {_long(burn.over)}. At that rate the {noun}'s "
        f"{say(burn.cap)} lasts {_long(burn.lasts)}: {_rounded(burn.times)} too fast."
    )
    if ahead := outlook.forecasts.get(cap.cap.kind):
        yield foreseen(ahead, cap.cap.amount, outlook.zone)


def _so_far(cap: CapWatch) -> str:
    """`*Weekly cap*: $180.00 of $250.00 so far (72 %).`"""
    figures = f"{say(cap.state.spent)} of {say(cap.cap.amount)}"
    used = say_percent(cap.state.percent)
    return f"*{cap.cap.kind.value.capitalize()} cap*: {figures} so far ({used})."


def _rounded(times: Decimal) -> str:
    return f"{times.quantize(Decimal(1)):,} times"


def _long(span: timedelta) -> str:
    """Whole days from two on, else hours: `3 days`, `5 hours`."""
    hours = span / timedelta(hours=1)
    if hours >= _IN_DAYS:
        return f"{round(hours / 24)} days"
    return "1 hour" if round(hours) <= 1 else f"{round(hours)} hours"


def _spike(spike: Spike, zone: str) -> str:
    stretch = "that day" if spike.whole_day else "that hour"
    return (
        f"{say(spike.spent)} from {kit.when(spike.start, zone)} on, where {say(spike.usual)} is "
        f"usual for {stretch}. It is said once, until a day has gone by without."
    )


def _breach(warning: Forewarning, cap: CapWatch, forecast: Forecast, zone: str) -> Iterator[str]:
    over = forecast.expected - cap.cap.amount
    hits = f" It hits the cap {about(forecast.hits_at, zone)}." if forecast.hits_at else ""
    yield _so_far(cap)
    yield f"{expected(forecast, zone)}: {roughly(max(over, Decimal(0)))} above the cap.{hits}"
    yield f"Two looks agree: this one and that of {kit.when(warning.since, zone)}."


def _facts(ahead: Ahead) -> Iterator[str]:
    told = data_of(ahead.outlook.caps, ahead.feeds, ahead.outlook.zone)
    if told:
        yield told
    yield enforced(ahead.outlook.workflow)
