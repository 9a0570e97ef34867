"""An alert that nothing is left to do about: its buttons go, and it says why."""

from bot.alerts import AlertedPeriod, CapWatch
from bot.cards import kit
from bot.cards.alert_acts import ACTS, OVER, STANDING
from bot.cards.terms import titled
from bot.money import say
from bot.notices import Block, Card
from bot.periods import Period
from bot.snoozes import Snooze
from bot.workflows import Workflow

_HINT = "To ask for more: "


def over(card: Card, why: str, *, explain: bool) -> Card:
    """The message as it was, saying why instead of how it stands. A message without buttons of an
    alert is left alone.
    """
    row = next((block for block in card.blocks if block.get("block_id") == ACTS), None)
    if row is None:
        return card
    old = next((b for b in card.blocks if b.get("block_id") == STANDING), None)
    said = str(old["elements"][0]["text"]) if old else ""
    text = card.text.replace(said, "") if said else card.text
    lines = [line for line in text.splitlines() if line and not line.startswith(_HINT)]
    kept = [b for b in card.blocks if b.get("block_id") not in {ACTS, STANDING}]
    below = _explain(row) if explain else ()
    return Card(
        kit.clip("\n".join((*lines, why)), kit.SECTION_TEXT), (*kept, kit.context(why), *below)
    )


def _explain(row: Block) -> tuple[Block, ...]:
    found = [one for one in row["elements"] if one["action_id"] == "alert.explain"]
    return (kit.actions(*found, block_id=OVER),) if found else ()


def period_over(ended: tuple[AlertedPeriod, ...]) -> str:
    """`The week of this alert is over.`"""
    nouns = " and the ".join(dict.fromkeys(one.period.kind.noun for one in ended))
    return f"The {nouns} of this alert is over. It can still be explained."


def cap_reached(cap: CapWatch) -> str:
    """`Overtaken: the weekly cap is reached ($300.00 of $250.00).`"""
    figures = f"{say(cap.state.spent)} of {say(cap.cap.amount)}"
    return f"Overtaken: the {cap.cap.kind} cap is reached ({figures})."


def forewarned_period_over(period: Period) -> str:
    return f"Over: the {period.kind.noun} this was said ahead of has ended."


def stopped(workflow: Workflow) -> str:
    return f"{titled(workflow)} is {workflow.status}: nothing is left to do about this alert."


def snooze_stopped(workflow: Workflow, snooze: Snooze) -> Card:
    """What the reply becomes that said the snooze."""
    what = f"the snooze of {titled(workflow)} by {kit.person(snooze.by)}"
    text = f"Over: {what}. It is {workflow.status}, and has no alerts any more."
    return Card(text, (kit.section(text),))
