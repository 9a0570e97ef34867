"""Decoded JSON as a vendor documents it, checked; what is not is refused by the field's name."""

import re
from decimal import Decimal
from typing import TypeVar

import msgspec

from bot.money import LARGEST, NANO, is_amount, say
from bot.usage import MOST
from handlers.vendors.trouble import NotUnderstood

# Beyond it, Python's arithmetic has no such number.
_MOST_DIGITS = 20
_WHERE = re.compile(r"(?P<wrong>.*?) - at `\$\.?(?P<field>.*)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `(?P<name>\w+)`")

_Reply = TypeVar("_Reply")


def read_reply(page: object, kind: type[_Reply], vendor: str) -> _Reply:
    """Fields nobody documents are left alone. Raises NotUnderstood."""
    try:
        return msgspec.convert(page, kind)
    except msgspec.ValidationError as error:
        # It names types and places, never what stood there.
        raise _not_documented(str(error), vendor) from None


def _not_documented(message: str, vendor: str) -> NotUnderstood:
    said = _WHERE.fullmatch(message)
    wrong, where = (said["wrong"], said["field"]) if said else (message, "")
    missing = _MISSING.search(wrong)
    if missing:
        field = f"{where}.{missing['name']}".lstrip(".")
        return NotUnderstood(f"{vendor} sends an answer without {field}.", field=field)
    field = where or "the answer"
    types = wrong.lower().replace("`", "")
    return NotUnderstood(
        f"{vendor} sends {field} otherwise than it documents: {types}.", field=field
    )


def dollars(amount: Decimal, vendor: str, field: str) -> Decimal:
    """To the nano-dollar, as it will be stored, so that parts add up to their total. Raises
    NotUnderstood.
    """
    if not is_amount(amount):
        raise NotUnderstood(
            f"{vendor} sends {field} as no amount of money up to {say(LARGEST)}.", field=field
        )
    return amount.quantize(NANO) + 0


def cents(amount: Decimal, vendor: str, field: str) -> Decimal:
    """Fractional cents, in dollars. Raises NotUnderstood."""
    in_reach = amount.is_finite() and amount.adjusted() < _MOST_DIGITS
    return dollars(amount.scaleb(-2) if in_reach else amount, vendor, field)


def count(number: Decimal | int | None, vendor: str, field: str) -> int | None:
    """A whole number from 0; JSON may write it as 5.0. Raises NotUnderstood."""
    if number is None:
        return None
    if not Decimal(number).is_finite() or not 0 <= number <= MOST or number % 1:
        raise NotUnderstood(f"{vendor} sends {field} as no whole number from 0.", field=field)
    return int(number)
