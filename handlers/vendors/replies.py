"""Decoded JSON as a vendor documents it, checked; what is not is refused by the field's name."""

import re
from decimal import Decimal
from typing import TypeVar

import msgspec

from bot.money import LARGEST, NANO, say
from bot.names import tidy
from bot.usage import LONGEST, MOST
from handlers.vendors.trouble import NotUnderstood

_WHERE = re.compile(r"(?P<wrong>.*?) - at `\$\.?(?P<field>.*)`", re.DOTALL)
_NAMED = re.compile(r"missing required field `(?P<name>\w+)`")
_LONGEST = LONGEST["model"]

_Reply = TypeVar("_Reply")


def read_reply(page: object, kind: type[_Reply], vendor: str) -> _Reply:
    """Fields nobody documents are left alone. Raises NotUnderstood."""
    try:
        return msgspec.convert(page, kind)
    except msgspec.ValidationError as error:
        raise _not_documented(str(error), vendor) from None


def _not_documented(message: str, vendor: str) -> NotUnderstood:
    """msgspec names types and places, never what stood there."""
    said = _WHERE.fullmatch(message)
    wrong, where = (said["wrong"], said["field"]) if said else (message, "")
    missing = _NAMED.search(message)
    if missing:
        field = f"{where}.{missing['name']}" if where else missing["name"]
        return NotUnderstood(f"{vendor} sends an answer without {field}.", field=field)
    field = where or "the answer"
    return NotUnderstood(
        f"{vendor} sends {field} otherwise than it documents: {wrong.lower().replace('`', '')}.",
        field=field,
    )


def dollars(amount: Decimal, vendor: str, field: str) -> Decimal:
    """In whole nano-dollars, as it will be stored, so that parts add up to their total. Raises
    NotUnderstood.
    """
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise NotUnderstood(
            f"{vendor} sends {field} as no amount of money up to {say(LARGEST)}.", field=field
        )
    return amount.quantize(NANO) + 0


def cents(amount: Decimal, vendor: str, field: str) -> Decimal:
    """Fractional cents, in dollars. Raises NotUnderstood."""
    return dollars(amount.scaleb(-2) if amount.is_finite() else amount, vendor, field)


def count(number: Decimal | int | None, vendor: str, field: str) -> int | None:
    """A whole number from 0; JSON may write it as 5.0. Raises NotUnderstood."""
    if number is None:
        return None
    whole = Decimal(number)
    if not whole.is_finite() or not 0 <= whole <= MOST or whole != whole.to_integral_value():
        raise NotUnderstood(f"{vendor} sends {field} as no whole number from 0.", field=field)
    return int(whole)


def words(text: str | None) -> str:
    """A name as it can be kept: one line, nothing that turns text round, not without end."""
    return tidy(text or "")[:_LONGEST]
