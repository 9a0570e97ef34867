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
from genai_prices.types import ModelInfo, ModelPrice, Provider, Tier, TieredPrices

from bot.providers import priced_as

_QUARTER = 900
_QUARTERS_A_DAY = 96
# Prices are per million tokens and have at most 18 digits after the point.
_DIGITS = 18
_PER_NANO: int = 10 ** (_DIGITS + 6 - 9)
_HALF = _PER_NANO // 2


class Tokens(NamedTuple):
    """`input` includes what was read from and written to a cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True)
class OwnPrice:
    """What this organisation pays for a model, in USD per million tokens: a discount, or a model
    of its own. `provider` empty: whoever serves it. Cache prices left out are the input price.
    """

    model: str
    input: Decimal
    output: Decimal
    provider: str = ""
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """10⁻²⁴ USD a token, where a call has more than `above` input tokens."""

    above: int
    input: int
    output: int
    cache_read: int
    cache_write: int


@dataclass(frozen=True, slots=True)
class _Rates:
    """`steps` from the highest to the base; `sells` says which of input and output has a price."""

    steps: tuple[_Step, ...]
    call: int = 0
    sells: tuple[bool, bool] = (True, True)
    assumed: bool = False


def price(
    provider: str, model: str, tokens: Tokens, at: datetime, *, bucket: bool = False
) -> tuple[int, bool]:
    """The cost of one call in whole nano-dollars, and whether it is assumed.

    `provider` may be empty. A model without a price is never free: it is assumed to cost what its
    provider's dearest does, else the dearest of the whole table. A `bucket` is many calls of which
    nobody knows the sizes: each token costs what it does in a short one.
    """
    quarter = int(at.timestamp()) // _QUARTER
    rates = _rates(provider, model, quarter)
    if rates is None or not _prices(rates, tokens):
        rates = _dearest_rates(provider, model, quarter // _QUARTERS_A_DAY)
    if bucket:
        rates = _Rates(rates.steps[-1:], assumed=rates.assumed)
    return _nanos(rates, tokens), rates.assumed


class PriceList:
    """The organisation's own prices."""

    def __init__(self, prices: Iterable[OwnPrice] = ()) -> None:
        self._steps = {(one.provider, one.model): _own_step(one) for one in prices}

    def __bool__(self) -> bool:
        return bool(self._steps)

    def price(self, provider: str, model: str, tokens: Tokens) -> int | None:
        """In whole nano-dollars; None where nothing of one's own is agreed for the model."""
        step = self._steps.get((provider, model)) or self._steps.get(("", model))
        return None if step is None else _nanos(_Rates((step,)), tokens)


def _own_step(own: OwnPrice) -> _Step:
    read, written = own.cache_read, own.cache_write
    listed = (
        own.input,
        own.output,
        *(own.input if one is None else one for one in (read, written)),
    )
    return _Step(-1, *(_rate(one, -1) for one in listed))


def _prices(rates: _Rates, tokens: Tokens) -> bool:
    """Whether all that was used has a price."""
    inputs, outputs = rates.sells
    return (inputs or not tokens.input) and (outputs or not tokens.output)


def _nanos(rates: _Rates, tokens: Tokens) -> int:
    inputs, outputs, read, written = tokens
    for step in rates.steps:
        if inputs > step.above:
            break
    total = (
        rates.call
        + step.input * (inputs - read - written)
        + step.output * outputs
        + step.cache_read * read
        + step.cache_write * written
    )
    nanos, rest = divmod(total, _PER_NANO)
    # Half-even, in whole numbers.
    up = rest > _HALF or (rest == _HALF and nanos % 2 == 1)
    return nanos + up


@lru_cache(maxsize=8192)
def _rates(provider: str, model: str, quarter: int) -> _Rates | None:
    found = _model(provider, model)
    return None if found is None else _read(found.get_prices(_moment(quarter)))


@lru_cache(maxsize=4096)
def _model(provider: str, model: str) -> ModelInfo | None:
    sells = _provider(provider, model)
    return None if sells is None else sells.find_model(model, all_providers=PROVIDERS)


def _provider(provider: str, model: str) -> Provider | None:
    named = find_provider_by_id(PROVIDERS, priced_as(provider)) if provider else None
    return named or next(
        (one for one in PROVIDERS if one.model_match and one.model_match.is_match(model.lower())),
        None,
    )


def _moment(quarter: int) -> datetime:
    return datetime.fromtimestamp(quarter * _QUARTER, UTC)


def _read(prices: ModelPrice) -> _Rates:
    sold = (prices.input_mtok, prices.output_mtok)
    # What is read from or written to a cache is plain input where it has no price of its own.
    listed = (
        *sold,
        prices.cache_read_mtok or sold[0],
        prices.cache_write_mtok or sold[0],
    )
    edges = {-1, *(tier.start for each in listed for tier in _tiers(each))}
    return _Rates(
        tuple(_Step(at, *(_rate(each, at) for each in listed)) for at in sorted(edges)[::-1]),
        # Per thousand calls, while tokens are per million.
        _rate(prices.requests_kcount, -1) * 1000,
        (sold[0] is not None, sold[1] is not None),
    )


_Listed = Decimal | TieredPrices | None


def _tiers(listed: _Listed) -> list[Tier]:
    return listed.tiers if isinstance(listed, TieredPrices) else []


def _rate(listed: _Listed, above: int) -> int:
    """For more than `above` input tokens: the highest tier that starts there or below."""
    if isinstance(listed, TieredPrices):
        base = listed.base
        listed = next((t.price for t in reversed(listed.tiers) if t.start <= above), base)
    return 0 if listed is None else int(listed.scaleb(_DIGITS))


@lru_cache(maxsize=4096)
def _dearest_rates(provider: str, model: str, day: int) -> _Rates:
    """Of the provider's models that day, else of every provider's."""
    sells = _provider(provider, model)
    mine = _dearest(sells.models if sells else (), day)
    if mine.steps[0].input and mine.steps[0].output:
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
    return _Rates((_Step(-1, inputs, outputs, inputs, inputs),), assumed=True)


def _all(listed: Iterable[_Listed]) -> Iterator[int]:
    for each in listed:
        yield _rate(each, -1)
        yield from (_rate(each, tier.start) for tier in _tiers(each))
