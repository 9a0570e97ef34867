"""What a change of a rule would move, moves and has moved."""

from collections.abc import Iterator

from bot.cards.kit import actions, button, person, section, when
from bot.cards.rule_words import STRADDLES, arrow, counted, decided_by, numbered, place, standing
from bot.money import percent, say, say_percent
from bot.notices import Card
from bot.periods import CapKind
from bot.positions import Position
from bot.rule_changes import MadeChange, Reach, RuleChange
from bot.rule_trials import Move, Sum, Trial, Tried
from bot.workflows import Workflow

_SHOWN = 12
_REACHED = {
    Reach.OPEN: "of the months that still run",
    Reach.LAST_MONTH: "since last month began",
    Reach.ALL: "ever recorded",
}


def changed_said(change: RuleChange) -> str:
    """What becomes of the rule, as a title."""
    before, after = change.before, change.after
    if before is None or after is None or before == after:
        verb = {"made": "New rule", "removed": "Remove the rule"}.get(change.verb, "Move the rule")
        return f"*{verb}*: {arrow(change.rule)}"
    return f"*Change the rule*: {arrow(before)} becomes {arrow(after)}"


def trial_said(tried: Tried, leads_to: Workflow, position: Position, zone: str) -> tuple[str, ...]:
    """Each paragraph of the preview."""
    change, trial = tried.change, tried.trial
    opening = [changed_said(change)]
    if change.after is None:
        opening.append(
            "What it matches then goes to the next rule that fits, to the workflow its sender "
            "names, or else to nobody."
        )
    elif standing(leads_to):
        opening.append(standing(leads_to))
    return (
        "\n".join(opening),
        "\n".join(_moves(trial, tried.reach, zone)),
        *_straddles(tried),
        *_asides(trial),
        *_effects(trial, position),
    )


def _moves(trial: Trial, reach: Reach, zone: str) -> Iterator[str]:
    back = trial.back_to
    since = _REACHED[reach] if back is None else f"since {when(back, zone)}"
    if not trial.moves:
        yield f"*No record {since} would move.* New records follow the rule from now on."
    else:
        yield f"*{counted(trial.moved)} {since} would move:*"
    yield from (f"• {_move(one)}" for one in trial.moves[:_SHOWN])
    if len(trial.moves) > _SHOWN:
        yield f"and between {len(trial.moves) - _SHOWN} more pairs of workflows."
    if back is not None:
        yield "There are more records than could be looked at here: older ones move as well."
    if trial.partial:
        yield "Only the dearest of the records were looked at here: others move as well."


def _move(move: Move) -> str:
    parts = [f"{say(move.week)} this week", f"{say(move.day)} today"]
    parts += [f"*{say(move.closed)} in months that are closed*"] if move.closed else []
    return f"{place(move.of)} → {place(move.to)}: {counted(move.whole)} ({', '.join(parts)})"


def _straddles(tried: Tried) -> Iterator[str]:
    if tried.reach is Reach.OPEN and any(move.closed for move in tried.trial.moves):
        yield STRADDLES


def _asides(trial: Trial) -> Iterator[str]:
    said = [
        f"⚠️ {counted(held)} of it calls itself `{name}`, which is another workflow."
        for name, held in trial.contradicted[:_SHOWN]
    ]
    said += [
        f"{counted(held)} that it matches {_stay(held)} with {place(by.workflow)}, "
        f"{decided_by(by.rule)}: that is more trusted, or stands before it."
        for by, held in trial.elsewhere[:_SHOWN]
    ]
    if trial.left.number:
        said.append(f"{counted(trial.left)} stays where it is: its month is closed.")
    if trial.besides.number:
        said.append(
            f"{counted(trial.besides)} is told anew at the same time: the registry or other rules "
            "have changed since it was recorded."
        )
    if said:
        yield "\n".join(said)


def _stay(held: Sum) -> str:
    return "stays" if held.number == 1 else "stay"


def _effects(trial: Trial, position: Position) -> Iterator[str]:
    """What the caps of the workflow it leads to then hold."""
    key, gain = position.workflow.key, trial.gain
    gains = {
        CapKind.DAILY: gain.day,
        CapKind.WEEKLY: gain.week,
        CapKind.MONTHLY: gain.month,
    }
    said = [
        f"its {state.cap.kind} cap from {say_percent(state.percent)} to "
        f"{say_percent(percent(state.spent + gains[state.cap.kind], state.cap.amount))} of "
        f"{say(state.cap.amount)}"
        for state in position.caps
        if gains.get(state.cap.kind) and state.cap.amount
    ]
    if said:
        yield f"For `{key}` that is {', '.join(said)}."


def saved(made: MadeChange, moved: Sum) -> Card:
    """The private answer."""
    what = f"Rule {made.change.verb}: {arrow(made.change.rule)}."
    if not moved.number:
        return _said(f"{what} No record of before moves.")
    return _said(f"{what} {counted(moved)} move now; a direct message says how far that is.")


def moving(made: MadeChange, per_cent: int) -> Card:
    text = f"Rule {made.change.verb}: {arrow(made.change.rule)}. "
    text += f"Moving {say(made.cost)}" if made.records else "Looking through the records of before"
    return _with_undo(f"{text}: {per_cent} % done.", made)


def moved(made: MadeChange, records: int) -> Card:
    """`records`: as many as moved in the end. What was found to move besides are lines of bills,
    which are settled anew.
    """
    text = f"Rule {made.change.verb}: {arrow(made.change.rule)}. "
    held = numbered(records, max(made.records - records, 0))
    about = "" if records == made.records else "about "
    return _with_undo(f"{text}Done: moved {about}{say(made.cost)}, {held}.", made)


def undone(made: MadeChange, by: str) -> Card:
    spend = "its spend of the months that still run moves back, too."
    if made.reach is not Reach.OPEN:
        spend = "each record that it moved goes back to whom it belonged. Days that bills tell of "
        spend += "are settled by the rules that hold now."
    what = f"Rule {made.change.verb}: {arrow(made.change.rule)}."
    return _said(f"{what} {person(by)} took it back; {spend}")


def _with_undo(text: str, made: MadeChange) -> Card:
    undo = button("Undo", "rule.undo", str(made.id))
    return Card(text, (section(text), actions(undo)))


def _said(text: str) -> Card:
    return Card(text, (section(text),))
