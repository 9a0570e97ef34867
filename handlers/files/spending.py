"""The `sources:`, `prices:` and `tiers:` of a contract file: where spend is heard of, what
calls cost, and which model is of which tier.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from typing import Any

from ruamel.yaml.nodes import Node

from bot.names import is_visible
from bot.prices import OwnPrice
from bot.providers import standard_provider
from bot.refusal import Refusal
from bot.sources import Lane, Signal, SourceSetting, is_book_keeping
from bot.tiers import TierRule
from bot.workflows import Tier
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
    setting, places = SourceSetting(**values), sheet.places(node)
    for field, reason in setting.misfits():
        sheet.problem(places[field], f"{where}.{field}", reason)
    return setting


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


def tier_rules(sheet: Sheet, node: Node) -> tuple[TierRule, ...]:
    """Globs by tier, in the order in which the file has them."""
    readers = {tier.value: partial(_patterns, sheet, tier) for tier in Tier}
    found = sheet.fields(node, "tiers", readers)
    return tuple(chain.from_iterable(found.values()))


def _patterns(sheet: Sheet, tier: Tier, node: Node) -> tuple[TierRule, ...]:
    return sheet.each(node, f"tiers.{tier}", lambda item, _: _pattern(sheet, tier, item))


def _pattern(sheet: Sheet, tier: Tier, node: Node) -> TierRule:
    pattern = _label(node)
    sheet.once("tiers", pattern.lower(), place_of(node))
    return TierRule(tier, pattern)


def _label(node: Node) -> str:
    text = text_of(node).strip()
    if not is_visible(text) or len(text) > _LONGEST or not text.isprintable():
        raise Refusal(f"takes 1 to {_LONGEST} characters on one line")
    return text


def _source(node: Node) -> str:
    name = _label(node)
    if is_book_keeping(name):
        raise Refusal("is the bot's own book-keeping: it always counts")
    return name


def _provider(node: Node) -> str:
    return standard_provider(_label(node))
