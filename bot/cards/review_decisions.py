"""What was decided of a workflow in the weekly review, and what earlier answers left."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from bot.cards.kit import clip, escape, person
from bot.money import say
from bot.requests import State
from bot.review_decisions import Cap, Decided, Decision, Keep, Reroute, Retire, Unreviewed
from bot.reviews import Changed, Item

_WHY = 200


def decided_said(decided: Decided, owner: str | None) -> str:
    if isinstance(decided.decision, Unreviewed):
        return "⏳ Kept, unreviewed: nobody decided before the next review"
    by = person(decided.by)
    who = by if decided.by == owner or owner is None else f"{by} for {person(owner)}"
    return f"✅ {_said(decided.decision, who)}"


def _said(decision: Decision, who: str) -> str:
    match decision:
        case Keep(instead_of):
            return f"Kept {'after all ' if instead_of else ''}by {who}"
        case Cap(request=str()) as cap:
            return _asked(cap, f" by {who}")
        case Cap(kind, amount, was):
            how = "set to" if was is None else f"lowered from {say(was)} to"
            return f"{kind.title()} cap {how} {say(amount)} by {who}"
        case Reroute(tier, was):
            return f"Rerouted to the {tier} tier{f' (was {was})' if was else ''} by {who}"
        case Retire(on):
            return f"To be retired by {who}: active through {on:%a %-d %b %Y}"


def _asked(cap: Cap, by: str = "") -> str:
    if cap.outcome is not None:
        return f"Asked for {_each(cap)}{by}; {_outcome(cap)}"
    now = say(cap.was or Decimal(0))
    return f"Asked for {_each(cap)} (now {now}){by}; waiting for {_either(cap.asked_of)}"


def _each(cap: Cap) -> str:
    return f"{say(cap.amount)} {cap.kind}"


def _outcome(cap: Cap) -> str:
    match cap.outcome:
        case State.APPROVED:
            return f"approved: {_each(cap)}"
        case State.EXPIRED:
            return "expired: nobody answered in time"
        case _:
            why = f": {escape(clip(cap.answer, _WHY))}" if cap.answer else ""
            return f"{cap.outcome}{why}"


def still_said(item: Item, decided: Decided) -> Iterable[str]:
    """What earlier answers did and this one leaves as it is."""
    for one in item.changed:
        if isinstance(decided.decision, Keep) and _went_down(one):
            down = f"lowered from {_or_none(one.was)} to {_or_none(one.now)}"
            yield f"The {one.kind} cap {down} stays: going up is asked for with *Cap…*"
        elif not _is_said(one, decided.decision):
            yield f"{one.kind.title()} cap now {_or_none(one.now)} (was {_or_none(one.was)})"
    was, now = item.figures.tier, decided.tier or item.figures.tier
    if now is not was and not isinstance(decided.decision, Reroute):
        yield f"Tier now {now} (was {was})"
    yield from map(_asked, decided.asked)


def _went_down(changed: Changed) -> bool:
    return changed.was is not None and changed.now is not None and changed.now < changed.was


def _is_said(changed: Changed, decision: Decision | Unreviewed) -> bool:
    match decision:
        case Cap(kind, amount, was, request):
            by_answer = request is not None or was == changed.was
            return (kind, amount) == (changed.kind, changed.now) and by_answer
        case _:
            return False


def _or_none(amount: Decimal | None) -> str:
    return "none" if amount is None else say(amount)


def _either(people: Sequence[str]) -> str:
    return " or ".join(map(person, people)) or "an admin"
