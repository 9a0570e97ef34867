"""What changed between two stretches of spend: volume, a person, tokens per request, the model.

The steps of a price-volume-mix analysis, each at the old price of what the steps before it left:
records, then tokens a record, then which models took the tokens; what is left is the price of a
token. Whole nano-dollars, so that the parts add up to the difference exactly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from bot.money import ZERO, from_nanos, to_nanos

_NANOS = 10**9


class Cause(StrEnum):
    """`PERSON`: the part of the volume that is one person's. `MODEL`: the same tokens from other
    models. `PRICE`: what is left: prices, caching, output for input. `CALL`: what is left where
    tokens are unknown.
    """

    VOLUME = "volume"
    PERSON = "person"
    TOKENS = "tokens"
    MODEL = "model"
    PRICE = "price"
    CALL = "call"


@dataclass(frozen=True)
class Used:
    """USD, and the records and tokens that it bought."""

    cost: Decimal = ZERO
    records: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True)
class Mix:
    """A stretch of spend by model, which is all of it, and by person (ids), as far as known."""

    by_model: Mapping[str, Used] = field(default_factory=dict)
    by_person: Mapping[str, Used] = field(default_factory=dict)

    @property
    def cost(self) -> Decimal:
        return sum((used.cost for used in self.by_model.values()), ZERO)

    @property
    def records(self) -> int:
        return sum(used.records for used in self.by_model.values())

    @property
    def tokens(self) -> int:
        return sum(used.tokens for used in self.by_model.values())


@dataclass(frozen=True)
class Driver:
    """`amount`: USD more (or less). `name`: the model or person. `was` and `is_now`: records, of a
    model its per cent of the tokens, tokens a record, or USD a million tokens (a record without).
    """

    cause: Cause
    amount: Decimal
    was: Decimal
    is_now: Decimal
    name: str = ""


def changed(before: Mix, after: Mix) -> tuple[Driver, ...]:
    """The causes, the biggest first; their amounts add up to what `after` cost more."""
    found = (*_volume(before, after), *_each(before, after))
    left = to_nanos(after.cost) - to_nanos(before.cost) - sum(to_nanos(one.amount) for one in found)
    known = _known(before) and _known(after)
    cause, price_of = (Cause.PRICE, _price) if known else (Cause.CALL, _each_call)
    price = Driver(cause, from_nanos(left), _said(price_of(before)), _said(price_of(after)))
    parts = (one for one in (*found, price) if one.amount)
    return tuple(sorted(parts, key=lambda one: abs(one.amount), reverse=True))


def _volume(before: Mix, after: Mix) -> Iterator[Driver]:
    known = before if before.records else after
    each = _over(_nanos(known), known.records)
    whole = each * (after.records - before.records)
    if not before.records or not after.records:
        whole = Fraction(_nanos(after) - _nanos(before))
    person = _person(before, after)
    theirs = _usd(each * _gained(person, before, after)) if person is not None else ZERO
    if person is not None:
        was, is_now = (_used(mix.by_person, person).records for mix in (before, after))
        yield Driver(Cause.PERSON, theirs, Decimal(was), Decimal(is_now), person)
    records = Decimal(before.records), Decimal(after.records)
    yield Driver(Cause.VOLUME, _usd(whole) - theirs, *records)


def _person(before: Mix, after: Mix) -> str | None:
    """Whoever made at least half of the change in volume, where others are there too."""
    people = sorted({*before.by_person, *after.by_person} - {""})
    change = after.records - before.records
    if len(people) <= 1 or change == 0:
        return None
    first = max(people, key=lambda one: _gained(one, before, after) * (1 if change > 0 else -1))
    gained = _gained(first, before, after)
    return first if gained * change > 0 and abs(gained) * 2 >= abs(change) else None


def _gained(person: str, before: Mix, after: Mix) -> int:
    return _used(after.by_person, person).records - _used(before.by_person, person).records


def _each(before: Mix, after: Mix) -> Iterator[Driver]:
    """What a record costs more, as far as tokens and models explain it."""
    if not (_known(before) and _known(after) and before.records and after.records):
        return
    was, is_now = (Fraction(mix.tokens, mix.records) for mix in (before, after))
    more = after.records * (is_now - was) * _over(_nanos(before), before.tokens)
    yield Driver(Cause.TOKENS, _usd(more), _said(was), _said(is_now))
    yield _models(before, after)


def _models(before: Mix, after: Mix) -> Driver:
    """Tokens that moved to a model cost so much more than the mean token did."""
    models = sorted({*before.by_model, *after.by_model})
    parts = {model: _moved(model, before, after) for model in models}
    whole = sum(parts.values(), Fraction(0))
    sign = 1 if whole >= 0 else -1
    name = max(models, key=lambda model: parts[model] * sign)
    was, is_now = (_said(100 * _share(mix, name)) for mix in (before, after))
    return Driver(Cause.MODEL, _usd(whole), was, is_now, name)


def _moved(model: str, before: Mix, after: Mix) -> Fraction:
    old, new = _used(before.by_model, model), _used(after.by_model, model)
    known = old if old.tokens else new
    dearer = _over(to_nanos(known.cost), known.tokens) - _over(_nanos(before), before.tokens)
    return after.tokens * (_share(after, model) - _share(before, model)) * dearer


def _share(mix: Mix, model: str) -> Fraction:
    return _over(_used(mix.by_model, model).tokens, mix.tokens)


def _price(mix: Mix) -> Fraction:
    return _over(_nanos(mix), mix.tokens) * 1_000_000 / _NANOS


def _each_call(mix: Mix) -> Fraction:
    return _over(_nanos(mix), mix.records) / _NANOS


def _known(mix: Mix) -> bool:
    """Whether tokens explain its cost: no model cost something without any."""
    costly = [used for used in mix.by_model.values() if used.cost]
    return bool(costly) and all(used.tokens for used in costly)


def _used(known: Mapping[str, Used], name: str) -> Used:
    return known.get(name, Used())


def _nanos(mix: Mix) -> int:
    return to_nanos(mix.cost)


def _over(whole: int, parts: int) -> Fraction:
    return Fraction(whole, parts) if parts else Fraction(0)


def _usd(nanos: Fraction) -> Decimal:
    return from_nanos(round(nanos))


def _said(figure: Fraction) -> Decimal:
    """To four digits behind the point: it is shown, nothing is added up from it."""
    return Decimal(round(figure * 10_000)).scaleb(-4)
