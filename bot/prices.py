"""What a call costs, from genai-prices' bundled table at the price of its date.

The library's own calculation takes a quarter of a millisecond a call. Here the table is asked once
per model and quarter of an hour (the finest step of a price that changes with the time of day), and
the rest is whole numbers. A test holds both against each other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from genai_prices.data import providers as PROVIDERS  # noqa: N812 - a table
from genai_prices.data_snapshot import find_provider_by_id
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

_QUARTER = 900
_QUARTERS_A_DAY = 96
# Prices have at most 18 digits after the point and are per million tokens.
_DIGITS = 18
_PER_NANO = 10 ** (_DIGITS + 6 - 9)


class Tokens(NamedTuple):
    """`input` includes what was read from and written to a cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


class Price(NamedTuple):
    """Whole nano-dollars. `assumed`: the model has no price, so the dearest one was taken."""

    nanos: int
    assumed: bool


# (starts above this many input tokens, 10⁻²⁴ USD a token), the highest first; the last is the base.
_Steps = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Rates:
    input: _Steps
    output: _Steps
    cache_read: _Steps
    cache_write: _Steps
    call: int
    assumed: bool = False

    def prices(self, tokens: Tokens) -> bool:
        """Whether every kind of token that was used has a price of its own."""
        return bool(self.input or not tokens.input) and bool(self.output or not tokens.output)


def price(provider: str, model: str, tokens: Tokens, at: datetime) -> Price:
    """The cost of one call. `provider` may be empty. A model without a price is never free: it costs
    what its provider's dearest does, else the dearest of the whole table.
    """
    quarter = int(at.timestamp()) // _QUARTER
    rates = _rates(provider, model, quarter)
    if rates is None or not rates.prices(tokens):
        rates = _dearest_rates(provider, model, quarter // _QUARTERS_A_DAY)
    return Price(_nanos(rates, tokens), rates.assumed)


def _nanos(rates: _Rates, tokens: Tokens) -> int:
    total, plain = rates.call, tokens.input
    if tokens.cache_read and rates.cache_read:
        plain -= tokens.cache_read
        total += tokens.cache_read * _step(rates.cache_read, tokens.input)
    if tokens.cache_write and rates.cache_write:
        plain -= tokens.cache_write
        total += tokens.cache_write * _step(rates.cache_write, tokens.input)
    if plain:
        total += plain * _step(rates.input, tokens.input)
    if tokens.output:
        total += tokens.output * _step(rates.output, tokens.input)
    return _half_even(total)


def _step(steps: _Steps, inputs: int) -> int:
    if len(steps) == 1:
        return steps[0][1]
    return next(rate for above, rate in steps if inputs > above)


def _half_even(total: int) -> int:
    nanos, rest = divmod(total, _PER_NANO)
    return nanos + (rest * 2 > _PER_NANO or (rest * 2 == _PER_NANO and nanos % 2 == 1))


@lru_cache(maxsize=8192)
def _rates(provider: str, model: str, quarter: int) -> _Rates | None:
    found = _model(provider, model)
    return None if found is None else _read(found.get_prices(_moment(quarter)))


@lru_cache(maxsize=4096)
def _model(provider: str, model: str) -> ModelInfo | None:
    sells = _provider(provider, model)
    return None if sells is None else sells.find_model(model, all_providers=PROVIDERS)


def _provider(provider: str, model: str) -> Provider | None:
    named = find_provider_by_id(PROVIDERS, provider) if provider else None
    return named or next(
        (one for one in PROVIDERS if one.model_match and one.model_match.is_match(model.lower())),
        None,
    )


def _moment(quarter: int) -> datetime:
    return datetime.fromtimestamp(quarter * _QUARTER, UTC)


def _read(prices: ModelPrice) -> _Rates:
    return _Rates(
        _steps(prices.input_mtok),
        _steps(prices.output_mtok),
        _steps(prices.cache_read_mtok),
        _steps(prices.cache_write_mtok),
        # Per thousand calls, while tokens are per million.
        sum(rate * 1000 for _, rate in _steps(prices.requests_kcount)),
    )


def _steps(listed: Decimal | TieredPrices | None) -> _Steps:
    if listed is None:
        return ()
    if isinstance(listed, TieredPrices):
        tiers = tuple((tier.start, _whole(tier.price)) for tier in reversed(listed.tiers))
        return (*tiers, (-1, _whole(listed.base)))
    return ((-1, _whole(listed)),)


def _whole(listed: Decimal) -> int:
    return int(listed.scaleb(_DIGITS))


@lru_cache(maxsize=4096)
def _dearest_rates(provider: str, model: str, day: int) -> _Rates:
    """Of the provider's models that day, else of every provider's."""
    sells = _provider(provider, model)
    mine = _dearest(sells.models if sells else (), day)
    if mine.input[0][1] and mine.output[0][1]:
        return mine
    return _dearest_of_all(day)


@lru_cache(maxsize=1024)
def _dearest_of_all(day: int) -> _Rates:
    return _dearest((model for sells in PROVIDERS for model in sells.models), day)


def _dearest(models: Iterable[ModelInfo], day: int) -> _Rates:
    moment = _moment(day * _QUARTERS_A_DAY)
    listed = [model.get_prices(moment) for model in models]
    inputs = max(_all(each.input_mtok for each in listed), default=0)
    outputs = max(_all(each.output_mtok for each in listed), default=0)
    return _Rates(((-1, inputs),), ((-1, outputs),), (), (), 0, assumed=True)


def _all(listed: Iterable[Decimal | TieredPrices | None]) -> Iterator[int]:
    return (rate for each in listed for _, rate in _steps(each))
