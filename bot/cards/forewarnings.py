"""What is said ahead of a cap, in the channel and to whoever answers for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bot.alerts import CapWatch
from bot.cards import alert_acts, kit
from bot.cards.alert_acts import Follow
from bot.cards.alerts import enforced, owned_by, standing_of
from bot.cards.forecasts import expected, roughly
from bot.forecast import Forecast
from bot.forewarnings import Forewarning
from bot.notices import Block, Card
from bot.outlooks import Finding, Outlook
from bot.snoozes import level


@dataclass(frozen=True)
class Ahead:
    """What is to be said of one workflow, all of it in one message. `due`: at least one."""

    outlook: Outlook
    due: tuple[tuple[Forewarning, Finding], ...]

    @property
    def notice(self) -> str:
        """The outbox key of the channel's message."""
        return self.due[0][0].notice

    @property
    def caps(self) -> tuple[CapWatch, ...]:
        return tuple(finding.cap for _, finding in self.due if finding.cap)


def for_channel(ahead: Ahead) -> Card:
    return _card(ahead, owned_by(ahead.outlook.workflow))


def for_owner(ahead: Ahead) -> Card:
    return _card(ahead, "You answer for it.")


def _card(ahead: Ahead, owner: str) -> Card:
    key = ahead.outlook.workflow.key
    parts = [f"{_headline(ahead)} {owner}", *_details(ahead)]
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
    caps = " and ".join(f"its {cap.cap.kind} cap" for cap in ahead.caps)
    return f"*{kit.named(ahead.outlook.workflow.name)}* is heading over {caps}."


def _details(ahead: Ahead) -> Iterator[str]:
    for warning, finding in ahead.due:
        if finding.cap is not None and finding.forecast is not None:
            yield "\n".join(_breach(warning, finding.cap, finding.forecast, ahead.outlook.zone))


def _breach(warning: Forewarning, cap: CapWatch, forecast: Forecast, zone: str) -> Iterator[str]:
    over = forecast.expected - cap.cap.amount
    hits = f" It hits the cap {kit.when(forecast.hits_at, zone)}." if forecast.hits_at else ""
    yield f"*{cap.cap.kind.value.capitalize()} cap*: so far it {standing_of(cap)}."
    yield f"{expected(forecast, zone)}: {roughly(max(over, Decimal(0)))} above the cap.{hits}"
    yield f"Two looks agree: this one and that of {kit.when(warning.since, zone)}."


def _facts(ahead: Ahead) -> Iterator[str]:
    known = [cap.holds.last_at for cap in ahead.outlook.caps if cap.holds.last_at]
    if known:
        yield f"Data through {kit.when(max(known), ahead.outlook.zone)}."
    yield enforced(ahead.outlook.workflow)
