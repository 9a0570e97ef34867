"""What changed between two stretches of spend, in words. Who it was is for the owner alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from bot.cards import kit
from bot.drivers import Cause, Driver, Mix, changed
from bot.money import ZERO, percent, say, say_parts

_SHOWN = 3
# Per cent of the difference: below, a cause explains nothing.
_WORTH = 10
# Per cent of the spend from which on one person stands for it.
_MOST = 50


@dataclass(frozen=True)
class Compared:
    """Two stretches; `since` says what the earlier one was: `the same days of last week`."""

    before: Mix
    after: Mix
    since: str


def what_changed(compared: Compared, *, to_owner: bool) -> Iterator[str]:
    """A line in all, then the causes that pull its way, the biggest first. Nothing where there is
    nothing to compare with.
    """
    before, after = compared.before, compared.after
    difference = after.cost - before.cost
    if before.records and difference:
        yield f"What changed: {_signed(difference)} against {compared.since} ({say(before.cost)})."
        shown = _worth(changed(before, after), difference)
        left = difference - sum((one.amount for one in shown), ZERO)
        *said, rest = say_parts((*(one.amount for one in shown), left))
        for one, amount in zip(shown, said, strict=True):
            yield f"• {_plus(one.amount)}{amount} from {_cause(one, to_owner=to_owner)}"
        if shown and left:
            yield f"• {_plus(left)}{rest} from all the rest"
    yield from _concentration(after, to_owner=to_owner)


def _worth(found: tuple[Driver, ...], difference: Decimal) -> list[Driver]:
    return [
        one
        for one in found
        if one.amount * difference > 0 and percent(abs(one.amount), abs(difference)) >= _WORTH
    ][:_SHOWN]


def _cause(one: Driver, *, to_owner: bool) -> str:
    if one.cause is Cause.MODEL:
        shares = f"{_figure(one.was)} % → {_figure(one.is_now)} % of the tokens"
        return f"{kit.named(one.name) if one.name.strip() else 'no model named'} ({shares})"
    if one.cause is Cause.TOKENS:
        return f"tokens per call {_times(one)}({_figure(one.was)} → {_figure(one.is_now)})"
    calls = f"{_figure(one.was)} → {_figure(one.is_now)}"
    if one.cause is Cause.PERSON:
        return f"the calls of {_who(one.name, to_owner=to_owner)} ({calls})"
    if one.cause is Cause.VOLUME:
        return f"the number of calls {_times(one)}({calls})"
    if one.cause is Cause.CALL:
        went = "up" if one.is_now > one.was else "down"
        return f"the cost per call, which went {went} ({say(one.was)} → {say(one.is_now)})"
    return "what a token costs: prices, caching, or output for input"


def _concentration(mix: Mix, *, to_owner: bool) -> Iterator[str]:
    people = {name: used.cost for name, used in mix.by_person.items() if name.strip()}
    if not people:
        return
    first = max(people, key=lambda name: (people[name], name))
    share = percent(people[first], mix.cost)
    if share >= _MOST:
        who = _who(first, to_owner=to_owner)
        yield f"By {who}: {share} % of it."


def _who(name: str, *, to_owner: bool) -> str:
    return kit.person(kit.clip(name, kit.NAME_SHOWN)) if to_owner else "one person"


def _signed(amount: Decimal) -> str:
    return f"{_plus(amount)}{say(amount)}"


def _plus(amount: Decimal) -> str:
    return "+" if amount > 0 else ""


def _times(one: Driver) -> str:
    """`×2.1 `"""
    if one.was <= 0:
        return ""
    return f"×{(one.is_now / one.was).quantize(Decimal('0.1'), rounding=ROUND_HALF_EVEN)} "


def _figure(value: Decimal) -> str:
    return f"{value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN):,}"
