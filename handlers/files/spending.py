"""The `sources:` and `prices:` of a contract file: where spend is heard of, and what calls cost."""

from collections.abc import Callable, Mapping
from typing import Any

from ruamel.yaml.nodes import Node

from bot.names import is_visible
from bot.prices import OwnPrice
from bot.providers import standard_provider
from bot.refusal import Refusal
from bot.sources import ADJUSTMENTS, RECONCILED, Lane, Signal, SourceSetting
from handlers.files.fields import amount, one_of
from handlers.files.nodes import place_of, text_of
from handlers.files.sheet import Sheet

_LONGEST = 200
_TOKENS = ("input", "output", "cache_read", "cache_write")


def source_setting(sheet: Sheet, node: Node, where: str) -> SourceSetting | None:
    readers: Mapping[str, Callable[[Node], Any]] = {
        "name": _source,
        "lane": one_of(Lane),
        "account": _provider,
        "signal": one_of(Signal),
    }
    values = sheet.fields(node, where, readers, required=("name",))
    if "name" not in values:
        return None
    sheet.once("sources", values["name"], place_of(node))
    return SourceSetting(**values)


def own_price(sheet: Sheet, node: Node, where: str) -> OwnPrice | None:
    """USD per million tokens."""
    readers: Mapping[str, Callable[[Node], Any]] = {
        "model": _label,
        "provider": _provider,
        **dict.fromkeys(_TOKENS, amount),
    }
    required = ("model", "input", "output")
    values = sheet.fields(node, where, readers, required=required)
    if any(name not in values for name in required):
        return None
    price = OwnPrice(**values)
    sheet.once("prices", "/".join(filter(None, (price.provider, price.model))), place_of(node))
    return price


def _label(node: Node) -> str:
    text = text_of(node).strip()
    if not is_visible(text) or len(text) > _LONGEST or not text.isprintable():
        raise Refusal(f"takes 1 to {_LONGEST} characters on one line")
    return text


def _source(node: Node) -> str:
    name = _label(node)
    if name == ADJUSTMENTS or name.startswith(RECONCILED):
        raise Refusal("is the bot's own book-keeping: it always counts")
    return name


def _provider(node: Node) -> str:
    return standard_provider(_label(node))
