"""Where a cap's period will end, in words."""

from decimal import ROUND_HALF_EVEN, Decimal

from bot.cards.kit import when
from bot.forecast import Forecast, Sureness
from bot.money import say

_WHOLE_FROM = Decimal(10)


def roughly(amount: Decimal) -> str:
    """A figure that is none to the cent: `$310`, below ten dollars `$3.10`."""
    if abs(amount) < _WHOLE_FROM:
        return say(amount)
    return say(amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)).removesuffix(".00")


def foreseen(found: Forecast, cap: Decimal, zone: str) -> str:
    """`Forecast $310 by Mon 30 Nov ($280 to $350, fairly sure), hits the cap Thu 26 Nov.`"""
    return f"{expected(found, zone)}, {_against(found, cap, zone)}."


def _against(found: Forecast, cap: Decimal, zone: str) -> str:
    if found.hits_at is not None:
        return f"hits the cap {when(found.hits_at, zone)}"
    over = found.expected - cap
    return f"{roughly(over)} above the cap" if over > 0 else "inside the cap"


_SURE = {Sureness.LOW: "unsure", Sureness.FAIR: "fairly sure", Sureness.GOOD: "sure"}


def expected(found: Forecast, zone: str) -> str:
    """`Forecast $310 by Mon 30 Nov ($280 to $350, fairly sure)`"""
    return f"Forecast {roughly(found.expected)} by {when(found.until, zone)} ({spread(found)})"


def spread(found: Forecast) -> str:
    """`$280 to $350, fairly sure`"""
    return f"{roughly(found.low)} to {roughly(found.high)}, {_SURE[found.sure]}"
