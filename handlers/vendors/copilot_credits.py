"""GitHub's AI credit reports as charges.

A report has no column for people. The organisation's is had, and then each person's: what nobody
accounts for is a line without a person. What the plan's pool covers costs nothing and has a list
price.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

import msgspec

from bot.charges import Charge, Stretch
from bot.money import ZERO
from handlers.vendors.connector import Page, Told
from handlers.vendors.lines import line_id, text
from handlers.vendors.replies import dollars, read_reply
from handlers.vendors.trouble import NotUnderstood

NAME = "GitHub"
ACCOUNT = "github.copilot"
_DIGITS = 24


class _Period(msgspec.Struct):
    year: int
    month: int | None = None
    day: int | None = None


class _Item(msgspec.Struct, rename="camel"):
    product: str
    sku: str
    gross_amount: Decimal
    net_amount: Decimal
    model: str | None = None


class Report(msgspec.Struct, rename="camel"):
    usage_items: list[_Item]
    time_period: _Period
    user: str | None = None


class What(NamedTuple):
    product: str
    sku: str
    model: str


class Worth(NamedTuple):
    """What was used at list price, and what of it is charged."""

    gross: Decimal = ZERO
    net: Decimal = ZERO

    def plus(self, other: "Worth") -> "Worth":
        return Worth(self.gross + other.gross, self.net + other.net)

    def minus(self, other: "Worth") -> "Worth":
        return Worth(self.gross - other.gross, self.net - other.net)


Sums = dict[What, Worth]


def parse(organisation: str, pages: Sequence[Page], stretch: Stretch, _: datetime) -> Told:
    """Raises NotUnderstood."""
    left = Sums()
    charges = list[Charge]()
    for page in pages:
        said = sums_of(report_of(page["report"], page["user"], stretch))
        if page["user"] is None:
            left = said
            continue
        left = less(left, said)
        charges += _charges(organisation, said, page["user"], stretch)
    return Told((*charges, *_charges(organisation, left, "", stretch)))


def _charges(organisation: str, sums: Sums, user: str, stretch: Stretch) -> Iterator[Charge]:
    for what, worth in sums.items():
        if any(worth):
            yield Charge(
                id=line_id("aic", organisation, f"{stretch.start:%Y-%m-%d}", user, *what),
                account=ACCOUNT,
                start=stretch.start,
                end=stretch.end,
                cost=worth.net,
                list_cost=worth.gross,
                final=False,
                provider=ACCOUNT,
                model=text(what.model),
                item=text(what.sku),
                person=text(user),
            )


def asked(stretch: Stretch) -> list[tuple[str, str | int]]:
    day = stretch.start
    return [("year", day.year), ("month", day.month), ("day", day.day)]


def report_of(page: Page, user: str | None, stretch: Stretch) -> Report:
    """Raises NotUnderstood, also where it is the report of another day or of somebody else."""
    report = read_reply(page, Report, NAME)
    if msgspec.structs.astuple(report.time_period) != stretch.start.timetuple()[:3]:
        raise NotUnderstood(
            f"{NAME} was asked for {stretch.start:%d %b %Y} and tells of another time.",
            field="timePeriod",
        )
    if report.user is not None and report.user.lower() != (user or "").lower():
        raise NotUnderstood(f"{NAME} was asked for one user and tells of another.", field="user")
    return report


def sums_of(report: Report) -> Sums:
    """Raises NotUnderstood."""
    sums: Sums = defaultdict(Worth)
    for place, item in enumerate(report.usage_items):
        where = f"usageItems[{place}]"
        worth = Worth(
            dollars(item.gross_amount, NAME, f"{where}.grossAmount"),
            dollars(item.net_amount, NAME, f"{where}.netAmount"),
        )
        what = What(item.product, item.sku, item.model or "")
        sums[what] = sums[what].plus(worth)
    return sums


def outline(pages: Sequence[Page], stretch: Stretch) -> str:
    """What the organisation's report comes to. Raises NotUnderstood."""
    return outline_of(pages[0]["report"], stretch)


def outline_of(whole: Page, stretch: Stretch) -> str:
    sums = sorted(sums_of(report_of(whole, None, stretch)).items())
    said = [(*what, *(f"{amount.normalize():f}" for amount in worth)) for what, worth in sums]
    return sha256(msgspec.json.encode(said)).hexdigest()[:_DIGITS]


def less(left: Mapping[What, Worth], said: Mapping[What, Worth]) -> Sums:
    known = dict.fromkeys((*left, *said))
    return {what: left.get(what, Worth()).minus(said.get(what, Worth())) for what in known}
