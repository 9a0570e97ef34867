"""One value of a contract file, from its text. Each raises Refusal saying how to write it."""

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from ruamel.yaml.nodes import Node

from bot.hours import QuietHours, read_quiet_hours, read_time
from bot.money import LARGEST, say
from bot.names import is_visible
from bot.periods import check_zone
from bot.policy import WeeklyMoment, check_thresholds, read_weekly_moment
from bot.refusal import Refusal
from bot.workflows import KEY_PATTERN, KEY_RULE, NAME_LENGTH
from handlers.files.nodes import items_of, text_of

# No exponent, no underscore, no leading zero: each means something else to some reader of YAML.
_AMOUNT = re.compile(r"(?:0|[1-9]\d{0,10})(?:\.\d{1,9})?", re.ASCII)
_WHOLE = re.compile(r"0|[1-9]\d{0,5}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

_Enum = TypeVar("_Enum", bound=StrEnum)


def key(node: Node) -> str:
    text = text_of(node)
    if not KEY_PATTERN.fullmatch(text):
        raise Refusal(f"“{text[:70]}” is no key: use {KEY_RULE}")
    return text


def name(node: Node) -> str:
    text = text_of(node)
    if not is_visible(text) or len(text) > NAME_LENGTH:
        raise Refusal(f"takes 1 to {NAME_LENGTH} characters")
    return text


def amount(node: Node) -> Decimal:
    """US dollars."""
    text = text_of(node)
    if not _AMOUNT.fullmatch(text):
        raise Refusal(f"“{text[:40]}” is no amount: write it like 250 or 250.50")
    if Decimal(text) > LARGEST:
        raise Refusal(f"is more than {say(LARGEST)}, the largest amount")
    return Decimal(text)


def whole(node: Node) -> int:
    text = text_of(node)
    if not _WHOLE.fullmatch(text):
        raise Refusal(f"“{text[:40]}” is no whole number: write it like 90")
    return int(text)


def day(node: Node) -> date:
    text = text_of(node)
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise Refusal(f"“{text[:40]}” is no date: write it like 2026-12-07") from None


def zone(node: Node) -> str:
    return check_zone(text_of(node))


def moment(node: Node) -> WeeklyMoment:
    return read_weekly_moment(text_of(node))


def thresholds(node: Node) -> tuple[int, ...]:
    return check_thresholds(tuple(whole(item) for item in items_of(node)))


def hours(node: Node) -> tuple[int, ...]:
    return tuple(whole(item) for item in items_of(node))


def quiet(node: Node) -> QuietHours:
    return read_quiet_hours(text_of(node))


def clock_time(node: Node) -> time | None:
    text = text_of(node)
    return None if text == "none" else read_time(text)


def one_of(kind: type[_Enum]) -> Callable[[Node], _Enum]:
    def read(node: Node) -> _Enum:
        text = text_of(node)
        if text not in {each.value for each in kind}:
            raise Refusal(f"“{text[:40]}” is none of {', '.join(each.value for each in kind)}")
        return kind(text)

    return read
