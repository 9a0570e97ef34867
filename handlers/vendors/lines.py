"""What every bill's lines need: texts that can be stored, an id, a fingerprint, a last look."""

from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from operator import attrgetter
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from bot.charges import Charge, Stretch
from bot.money import is_amount
from bot.names import tidy
from bot.usage import MOST
from handlers.vendors.trouble import NotUnderstood

LONGEST = 200
NOTHING = ""


def text(said: object) -> str:
    """What can be kept of a vendor's word: one line, of some length; empty where there is none."""
    return tidy(said)[:LONGEST] if isinstance(said, str) else ""


def line_id(*parts: object) -> str:
    """The same line, the same id. Parts may be of any length and hold any sign."""
    plain = "|".join("" if part is None else str(part) for part in parts)
    if len(plain) <= LONGEST and plain.isascii() and plain.isprintable():
        return plain
    return sha256(plain.encode(errors="surrogatepass")).hexdigest()


def merged(charges: Iterable[Charge]) -> tuple[Charge, ...]:
    """Rows of one line added up, where a vendor tells a line in several."""
    lines: dict[str, Charge] = {}
    for charge in charges:
        known = lines.get(charge.id)
        lines[charge.id] = charge if known is None else _added(known, charge)
    return tuple(lines.values())


def _added(one: Charge, other: Charge) -> Charge:
    """What neither knows stays unknown."""
    return replace(
        one,
        cost=one.cost + other.cost,
        list_cost=_sum(one.list_cost, other.list_cost),
        input_tokens=_sum(one.input_tokens, other.input_tokens),
        output_tokens=_sum(one.output_tokens, other.output_tokens),
        requests=_sum(one.requests, other.requests),
    )


_Number = TypeVar("_Number", int, Decimal)


def _sum(one: _Number | None, other: _Number | None) -> _Number | None:
    if one is None:
        return other
    return one if other is None else one + other


_told = attrgetter(*(name for name in Charge.__struct_fields__ if name != "final"))
# A subclass of an instant is none to it.
_encode = msgspec.json.Encoder(enc_hook=str).encode


def fingerprint(charges: Iterable[Charge]) -> str:
    """The same for the same charges in any order; `NOTHING` for none."""
    lines = sorted(_encode(_told(charge)) for charge in charges)
    return sha256(b"\n".join(lines)).hexdigest()[:16] if lines else NOTHING


def check(vendor: str, charges: Iterable[Charge], step: Stretch) -> None:
    """Raises NotUnderstood: what cannot be a bill of this stretch changes nothing."""
    seen = set[str]()
    for charge in charges:
        if charge.id in seen:
            raise NotUnderstood(f"{vendor} tells the same line twice, of {step.start:%d %b %Y}.")
        seen.add(charge.id)
        if not step.start <= charge.start < step.end:
            raise NotUnderstood(
                f"{vendor} was asked for {step.start:%d %b %Y} and tells of "
                f"{charge.start:%d %b %Y}."
            )
        _check_numbers(vendor, charge)


def _check_numbers(vendor: str, charge: Charge) -> None:
    amounts = (charge.cost, charge.list_cost or Decimal(0))
    if not all(is_amount(amount) for amount in amounts):
        raise NotUnderstood(f"{vendor} tells an amount that can be no line of a bill.")
    counts = (charge.input_tokens, charge.output_tokens, charge.requests)
    if not all(0 <= (count or 0) <= MOST for count in counts):
        raise NotUnderstood(f"{vendor} tells a count that can be no number of tokens or calls.")


def check_currency(vendor: str, currency: str) -> None:
    """Raises NotUnderstood."""
    if currency.upper() != "USD":
        raise NotUnderstood(
            f"{vendor} bills in {text(currency)[:10] or 'no currency'}; only US dollars are booked."
        )
