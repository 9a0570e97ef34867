"""Where a cap's period will end, in words."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from bot.cards.kit import when
from bot.forecast import Forecast, Sureness
from bot.money import say

_WHOLE_FROM = Decimal(10)
# A forecast below both, USD and per cent of the cap, is no news.
_LITTLE, _LITTLE_PERCENT = Decimal(1), 1
_HALF_AN_HOUR = timedelta(minutes=30)


def roughly(amount: Decimal) -> str:
    """A figure that is none to the cent: `$310`, below ten dollars `$3.10`."""
    if abs(amount) < _WHOLE_FROM:
        return say(amount)
    return say(amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)).removesuffix(".00")


def worth_saying(found: Forecast, cap: Decimal) -> bool:
    return found.expected >= _LITTLE or found.expected * 100 >= cap * _LITTLE_PERCENT


def foreseen(found: Forecast, cap: Decimal, zone: str) -> str:
    """`Forecast $310 by Mon 30 Nov ($280 to $350, fairly sure), hits the cap about Thu 26 Nov`"""
    return f"{expected(found, zone)}, {_against(found, cap, zone)}."


def _against(found: Forecast, cap: Decimal, zone: str) -> str:
    if found.hits_at is not None:
        return f"hits the cap {about(found.hits_at, zone)}"
    over = found.expected - cap
    return f"{roughly(over)} above the cap" if over > 0 else "inside the cap"


_SURE = {Sureness.LOW: "unsure", Sureness.FAIR: "fairly sure", Sureness.GOOD: "sure"}


def about(moment: datetime, zone: str) -> str:
    """`about Thu 26 Nov 15:00`: the nearest whole hour of the team's, which is all one can know."""
    there = (moment + _HALF_AN_HOUR).astimezone(ZoneInfo(zone))
    return f"about {when(there.replace(minute=0, second=0, microsecond=0), zone)}"


def expected(found: Forecast, zone: str) -> str:
    """`Forecast $310 by Mon 30 Nov ($280 to $350, fairly sure)`"""
    said = roughly(found.expected)
    alike = {roughly(found.low), said, roughly(found.high)} == {said}
    figure = f"about {said}" if alike else said
    return f"Forecast {figure} by {when(found.until, zone)} ({spread(found)})"


def spread(found: Forecast) -> str:
    """`$280 to $350, fairly sure`; ends that round to one figure are not said twice."""
    low, high = roughly(found.low), roughly(found.high)
    ends = f"{low} to {high}, " if low != high else ""
    return f"{ends}{_SURE[found.sure]}"
