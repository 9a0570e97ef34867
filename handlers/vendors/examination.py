"""Is a source well? Asked for its last whole day, once; nothing is booked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.charges import DAY, Charge, Stretch, utc_day
from bot.health import Finding, broken, doubtful, well
from bot.money import ZERO, say
from bot.source_words import through
from bot.usage import Usage
from handlers.desk import Desk
from handlers.vendors.asking import Asking, Patience, client
from handlers.vendors.connector import Connector, Told
from handlers.vendors.lines import check
from handlers.vendors.trouble import (
    NotLetIn,
    NotPermitted,
    NotTheirs,
    NotThere,
    Trouble,
    Unanswered,
    Unfit,
)
from handlers.vendors.vendor import Vendor

_ONCE = Patience(attempts=1)


@dataclass(frozen=True)
class Sum:
    """How much a source told: dollars, and where there are none tokens."""

    rows: int = 0
    dollars: Decimal = ZERO
    tokens: int = 0

    @classmethod
    def of(cls, told: Told) -> "Sum":
        lines: list[Charge | Usage] = [*told.charges, *(told.usage or ())]
        return cls(
            len(lines),
            sum((line.cost or ZERO for line in lines), ZERO),
            sum((line.input_tokens or 0) + (line.output_tokens or 0) for line in lines),
        )

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.rows + other.rows, self.dollars + other.dollars, self.tokens + other.tokens)

    def __str__(self) -> str:
        much = f"{self.tokens:,} tokens" if self.tokens and not self.dollars else say(self.dollars)
        return f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}, {much}"


async def examined(connector: Connector, desk: Desk) -> tuple[Finding, ...]:
    now = desk.now()
    day = Stretch(utc_day(now) - DAY, utc_day(now))
    try:
        async with client() as http:
            asking = Asking(http, connector.vendor, desk.now, _ONCE)
            pages = await connector.fetch(asking, day)
        told = connector.parse(pages, day, now)
        check(connector.vendor.name, told.charges, day)
    except Trouble as trouble:
        return tuple(_troubled(connector, trouble))
    return tuple(_fine(connector, told, day, now))


def _troubled(connector: Connector, trouble: Trouble) -> Iterator[Finding]:
    """What works as far as it was tried, and then what does not."""
    vendor = connector.vendor
    if isinstance(trouble, Unanswered):
        yield broken(
            "address",
            str(trouble),
            f"Look at {vendor.url}, at HTTPS_PROXY, and at its status page.",
        )
        return
    if isinstance(trouble, NotTheirs):
        says = f"{vendor.url} does not look like {vendor.name}'s address"
        yield broken("address", f"{says}.", str(trouble))
        return
    yield well("address", f"{vendor.url} answers")
    yield from _refused(vendor, trouble)


def _refused(vendor: Vendor, trouble: Trouble) -> Iterator[Finding]:
    if isinstance(trouble, NotLetIn) and not isinstance(trouble, NotPermitted):
        yield broken("credential", str(trouble), f"Set {vendor.credential} anew.")
        return
    # What is not there, and a question that is refused, say nothing of the credential.
    if not isinstance(trouble, NotThere | Unfit):
        yield well("credential", f"{vendor.credential} is accepted")
    if isinstance(trouble, NotPermitted):
        where = f" Or look at {vendor.setting}." if isinstance(trouble, NotThere) else ""
        yield broken("permission", str(trouble), f"Make another one, or let it read this.{where}")
        return
    if not isinstance(trouble, Unfit):
        yield well("permission", "it may read this")
    yield broken("answer", str(trouble), "Nothing is booked from such an answer.")


def _fine(connector: Connector, told: Told, day: Stretch, now: datetime) -> Iterator[Finding]:
    vendor = connector.vendor
    yield well("address", f"{vendor.url} answers")
    yield well("credential", f"{vendor.credential} is accepted")
    yield well("permission", "it may read this")
    yield _rows(told, day)
    yield well("currency", "US dollars")
    yield _freshness(connector, told, now)


def _rows(told: Told, day: Stretch) -> Finding:
    much = Sum.of(told)
    said = f"{day.start:%d %b %Y} (UTC): {much}"
    if much.rows:
        return well("last day", said)
    return doubtful(
        "last day",
        said,
        "Right if nothing was called on that day; else look whether "
        "the credential is of the organisation that pays.",
    )


def _freshness(connector: Connector, told: Told, now: datetime) -> Finding:
    again = f"asked again every {connector.every.total_seconds() / 60:.0f} minutes"
    if told.through is None:
        return well("freshness", f"{connector.vendor.name} does not say how fresh; {again}")
    said = f"complete {through(told.through)}; {again}"
    if now - told.through > 2 * DAY:
        return doubtful("freshness", said, "The vendor is late; budgets may be low.")
    return well("freshness", said)
