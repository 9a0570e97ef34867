"""What one source of bills is: who is asked for what, how often, and how the answer is read."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.charges import DAY, Charge, Stretch
from bot.pulls import Settling, Window
from bot.usage import Usage
from handlers.vendors.asking import Asking
from handlers.vendors.vendor import Vendor

# Decoded JSON, its fractions as Decimal.
Page = Any


@dataclass(frozen=True)
class Told:
    """What a source said of a step: the charges of a bill, or a gateway's records of calls.

    `through`: it has told all up to here, where it says so. Where it does not, today is not whole.
    """

    charges: tuple[Charge, ...] = ()
    usage: tuple[Usage, ...] | None = None
    through: datetime | None = None


# Every page of a stretch. Raises Trouble.
Fetch = Callable[[Asking, Stretch], Awaitable[Sequence[Page]]]
# What the pages say; `now` is when they were had. Pure. Raises NotUnderstood.
Parse = Callable[[Sequence[Page], Stretch, datetime], Told]


@dataclass(frozen=True)
class Glance:
    """One question that tells whether the others of a step are worth asking.

    `again`: every page, or None where what is asked first still comes to the outline `settled`, as
    it did when the step was booked as final. `outline`: what that came to.
    """

    again: Callable[[Asking, Stretch, str], Awaitable[Sequence[Page] | None]]
    outline: Callable[[Sequence[Page], Stretch], str]


@dataclass(frozen=True)
class Connector:
    """`account` is the provider's name of the vendor's billing account. Each `step` is fetched,
    then booked whole. Charges come from `parse` with `final` False; `settling` decides it.
    `oldest`: the first instant the vendor still tells of.
    """

    source: str
    account: str
    vendor: Vendor
    fetch: Fetch
    parse: Parse
    every: timedelta
    window: Window
    settling: Settling
    step: timedelta = DAY
    oldest: Callable[[datetime], datetime] | None = None
    glance: Glance | None = None
