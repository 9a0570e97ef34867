"""What the prices and sources of a contract file would come to, said in a terminal."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from bot.attribution import UNATTRIBUTED, UNMETERED
from bot.cards.kit import said
from bot.cards.rule_words import NOBODYS, NOT_SEEN, STRADDLES, kept, numbered
from bot.money import ZERO, say, say_parts
from bot.plan import Plan
from bot.recount_trials import RecountTrial, Repriced
from bot.sources import SourceSetting

_SHOWN = 40
_PLACES = {UNATTRIBUTED: NOBODYS, UNMETERED: NOT_SEEN}


def recount_said(plan: Plan) -> Iterator[str]:
    trial = plan.recount
    if trial is None:
        return
    found = [*_counted(trial), *_gained(trial)]
    besides = "Beside what the rules move, i" if plan.has_other_rules else "I"
    where = f"{besides}n months that still run"
    if found:
        yield f"{where}, these prices and sources come to {_summed(trial)}:"
    else:
        yield f"{where}, these prices and sources change nothing that is recorded."
    yield from (f"  {one}" for one in found)
    yield from _asides(trial, plan)


def _summed(trial: RecountTrial) -> str:
    return f"{say(abs(trial.whole))} {'less' if trial.whole < ZERO else 'more'}"


def _counted(trial: RecountTrial) -> Iterator[str]:
    if trial.repriced.records:
        yield _repriced(trial.repriced)
    if trial.begin.number:
        yield f"begin to count: {kept(trial.begin)}"
    if trial.cease.number:
        yield f"count no more: {kept(trial.cease)}"
    if trial.moved.number:
        yield f"count for another account: {kept(trial.moved)}"
    if trial.days:
        days = f"{len(trial.days):,} day{'' if len(trial.days) == 1 else 's'}"
        yield f"bills are settled otherwise: {days} of an account"


def _repriced(one: Repriced) -> str:
    text = f"get another price: {numbered(one.records, 0)}, {say(one.before)} → {say(one.after)}"
    if one.assumed_before or one.assumed_after:
        text += f" (of it assumed: {say(one.assumed_before)} → {say(one.assumed_after)})"
    return text


def _gained(trial: RecountTrial) -> Iterator[str]:
    """Each with its sign, so that they add up to the sum as said."""
    parts = say_parts([usd for _, usd in trial.gained])
    for (key, usd), part in list(zip(trial.gained, parts, strict=True))[:_SHOWN]:
        yield f"{_PLACES.get(key, key)}: {_signed(usd, part)}"
    if len(parts) > _SHOWN:
        yield f"and {len(parts) - _SHOWN} more workflows"


def _signed(usd: Decimal, text: str) -> str:
    return f"+{text}" if usd > ZERO and not text.startswith("−") else text


def _asides(trial: RecountTrial, plan: Plan) -> Iterator[str]:
    if trial.straddles:
        yield STRADDLES
    if trial.back_to is not None:
        since = said(trial.back_to, plan.after.policy.timezone)
        yield f"Only records since {since} were looked at: older ones change as well."
    if _signals(plan.before.sources) != _signals(plan.after.sources):
        yield "A signal holds for what is sent from then on: what is booked stays as it is."


def _signals(settings: Iterable[SourceSetting]) -> dict[str, str]:
    return {one.name: one.signal.value for one in settings if one.signal is not None}
