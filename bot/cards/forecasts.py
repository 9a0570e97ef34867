"""Where a cap's period will end, in words."""

from decimal import ROUND_HALF_EVEN, Decimal

from bot.cards.kit import when
from bot.forecast import Forecast
from bot.money import say

_WHOLE_FROM = Decimal(10)


def roughly(amount: Decimal) -> str:
    """A figure that is none to the cent: `$310`, below ten dollars `$3.10`."""
    if abs(amount) < _WHOLE_FROM:
        return say(amount)
    return say(amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)).removesuffix(".00")


def foreseen(found: Forecast, zone: str) -> str:
    """`Forecast $310 by Mon 30 Nov ($280 to $350, fair); hits the cap Thu 26 Nov.`"""
    at = f", hits the cap {when(found.hits_at, zone)}" if found.hits_at else ", below the cap"
    return f"{expected(found, zone)}{at}."


def expected(found: Forecast, zone: str) -> str:
    """`Forecast $310 by Mon 30 Nov ($280 to $350, fair)`"""
    spread = f"{roughly(found.low)} to {roughly(found.high)}, {found.sure}"
    return f"Forecast {roughly(found.expected)} by {when(found.until, zone)} ({spread})"
