"""What a model's output costs at list price: genai-prices' table, whoever serves the model."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from genai_prices.data import providers as PROVIDERS  # noqa: N812 - a table
from genai_prices.types import ModelPrice, Provider, TieredPrices


def listed_output(model: str, at: datetime) -> Decimal | None:
    """USD per million output tokens that UTC day, in a short call; of a model that puts none out,
    per million input tokens. Its maker's price, else the dearest. None where it has no price.
    """
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return _listed_output(model.strip().lower(), day)


@lru_cache(maxsize=4096)
def _listed_output(model: str, day: datetime) -> Decimal | None:
    for name in _names(model):
        maker = (one for one in PROVIDERS if one.model_match and one.model_match.is_match(name))
        for sellers in (maker, PROVIDERS):
            known = [*_listed(sellers, name, day)]
            if known:
                return max(known)
    return None


def _names(model: str) -> Iterator[str]:
    """A gateway puts provider and region before it, with slashes."""
    yield model
    for name in {model.partition("/")[2]: None, model.rpartition("/")[2]: None}:
        if name not in {"", model}:
            yield name


def _listed(sellers: Iterable[Provider], model: str, day: datetime) -> Iterator[Decimal]:
    for seller in sellers:
        found = seller.find_model(model, all_providers=PROVIDERS)
        price = None if found is None else _main_price(found.get_prices(day))
        if price is not None:
            yield price


def _main_price(prices: ModelPrice) -> Decimal | None:
    listed = prices.input_mtok if prices.output_mtok is None else prices.output_mtok
    return listed.base if isinstance(listed, TieredPrices) else listed
