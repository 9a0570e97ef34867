"""What the rules of a contract file would move, said in a terminal."""

from collections.abc import Iterator

from bot.attribution import UNATTRIBUTED, UNMETERED
from bot.cards.kit import said
from bot.cards.rule_words import NOBODYS, NOT_SEEN, STRADDLES, counted
from bot.money import say
from bot.rule_trials import Move, Trial

_SHOWN = 40
_PLACES = {UNATTRIBUTED: NOBODYS, UNMETERED: NOT_SEEN}


def moves_said(trial: Trial, zone: str) -> Iterator[str]:
    if not trial.moves:
        yield "Nothing recorded in months that still run moves by these rules."
    else:
        yield f"In months that still run, these rules move {counted(trial.moved)}:"
    yield from (f"  {_move(one)}" for one in trial.moves[:_SHOWN])
    if len(trial.moves) > _SHOWN:
        yield f"  and between {len(trial.moves) - _SHOWN} more pairs of workflows."
    yield from _asides(trial, zone)


def _asides(trial: Trial, zone: str) -> Iterator[str]:
    if any(one.closed for one in trial.moves):
        yield STRADDLES
    if trial.besides.number:
        yield f"{counted(trial.besides)} is told anew besides, as other rules had changed before."
    if trial.back_to is not None:
        yield f"Only records since {said(trial.back_to, zone)} were looked at: older move as well."
    if trial.partial:
        yield "Only the dearest of the records were looked at: others move as well."


def _move(move: Move) -> str:
    of, to = (_PLACES.get(key, key) for key in (move.of, move.to))
    closed = f" ({say(move.closed)} in months that are closed)" if move.closed else ""
    return f"{of} → {to}: {counted(move.whole)}{closed}"
