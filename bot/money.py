"""Exact US dollars. Stored as whole nano-dollars (10⁻⁹ USD), shown to the cent."""

import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from bot.names import quoted
from bot.refusal import Refusal

NANO = Decimal("0.000000001")
_PLACES = Decimal(9)
CENT = Decimal("0.01")
_SMALLEST_SAID = Decimal("0.0001")
ZERO = Decimal(0)
_NOTHING = Decimal("0.00")

# Nine whole digits of billions fit a BIGINT of nano-dollars with room for sums.
LARGEST = Decimal(1_000_000_000)

_WRITTEN = re.compile(
    r"^(?:US?\$|\$|USD)?\s*(\d[\d,' _]*(?:\.\d+)?|\.\d+)\s*(?:USD|\$|dollars?)?$", re.IGNORECASE
)
_GROUPED = re.compile(r"^\d{1,3}(?:[,' _]\d{3})*(?:\.\d+)?$|^\d*(?:\.\d+)?$")


class NotMoney(Refusal):
    """The text is no amount of US dollars."""


def is_amount(number: Decimal) -> bool:
    """Whether it is no larger than what is counted, either way. `abs` fails where no such number
    fits Python's arithmetic: 1e999999999.
    """
    return number.is_finite() and number.copy_abs() <= LARGEST


def to_nanos(amount: Decimal) -> int:
    """Whole nano-dollars, rounded half-even: the one rounding a record's cost ever gets."""
    # Multiplying first would round to the context's 28 digits, and then a second time.
    return int(amount.quantize(NANO, ROUND_HALF_EVEN).scaleb(_PLACES))


def from_nanos(nanos: int) -> Decimal:
    return Decimal(nanos).scaleb(-9)


def read_usd(text: str, *, field: str | None = None) -> Decimal:
    """An amount as a person writes it: `400`, `$1,200.50`, `1 200 USD`, rounded as it will be
    stored, so that a speck of a cent is seen to be nothing. Raises NotMoney.
    """
    written = _WRITTEN.match(text.strip())
    if written is None or not _GROUPED.match(written[1].strip()):
        raise NotMoney(
            f"{quoted(text)} is no amount in US dollars. Write it like 250 or 1,250.50.",
            field=field,
        )
    amount = Decimal(re.sub(r"[,' _]", "", written[1]))
    if amount > LARGEST:
        raise NotMoney(f"That is more than {say(LARGEST)}, the largest amount.", field=field)
    return from_nanos(to_nanos(amount))


def say(amount: Decimal) -> str:
    """To the cent, below a cent to four digits: `$1,250.50`, `$0.0042`, `−$5.00`."""
    sign = "−" if amount < 0 else ""
    size = abs(amount)
    if ZERO < size < CENT:
        return f"{sign}${size.quantize(_SMALLEST_SAID, rounding=ROUND_HALF_EVEN)}"
    return f"{sign}${size.quantize(CENT, rounding=ROUND_HALF_EVEN):,}"


def is_over(left: Decimal) -> bool:
    """Whether it shows to the cent, in which caps are said, that more than all is spent."""
    return left.quantize(CENT, rounding=ROUND_HALF_EVEN) < 0


def say_left(left: Decimal) -> str:
    """`$95.00 left`, `$5.00 over`."""
    return f"{say(-left)} over" if is_over(left) else f"{say(max(left, ZERO))} left"


def as_typed(amount: Decimal) -> str:
    """As a person fills it in, exactly: `60`, `60.50`, `0.0042`."""
    cents = amount.quantize(CENT)
    if amount != cents or amount == amount.to_integral_value():
        return f"{amount.normalize():f}"
    return f"{cents:f}"


def say_however_little(amount: Decimal) -> str:
    """As `say` does, and whole where that would round it away: `$0.000000001`."""
    size = abs(amount)
    if not ZERO < size < _SMALLEST_SAID:
        return say(amount)
    return f"{'−' if amount < ZERO else ''}${size:f}"


def say_parts(parts: Sequence[Decimal]) -> tuple[str, ...]:
    """Each as `say` does, give or take the last digit, so that those said add up to their sum as
    `say` says it. What loses the most by rounding down gets what is left.
    """
    whole = sum(parts, ZERO)
    step = _SMALLEST_SAID if _is_little(whole, parts) else CENT
    said = [part.quantize(step, rounding=ROUND_FLOOR) for part in parts]
    left = int((whole.quantize(step, rounding=ROUND_HALF_EVEN) - sum(said, ZERO)) / step)
    by_loss = sorted(range(len(parts)), key=lambda each: said[each] - parts[each])
    for each in by_loss[:left]:
        said[each] += step
    return tuple(f"{'−' if part < ZERO else ''}${abs(part) or _NOTHING:,}" for part in said)


def _is_little(whole: Decimal, parts: Sequence[Decimal]) -> bool:
    """Whether to the cent it would be nothing."""
    largest = max((abs(part) for part in parts), default=ZERO)
    return ZERO < (abs(whole) or largest) < CENT


def percent(part: Decimal, whole: Decimal) -> int:
    """Whole per cents of `whole`, rounded down: 89.99 % has not reached 90. 0 of nothing."""
    if whole <= 0:
        return 0
    return int(part * 100 // whole) if part >= 0 else -int(-part * 100 // whole)


def say_percent(per_cent: int) -> str:
    """`62 %`; `−5 %`, with the minus that amounts have."""
    return f"{'−' if per_cent < 0 else ''}{abs(per_cent)} %"
