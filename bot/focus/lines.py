"""Charges out of a FOCUS file: a line a UTC day and whatever else tells lines apart."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from bot.attribution import Clues
from bot.charges import Category, Charge
from bot.focus.cells import BETWEEN, EPOCH, cleaned, is_output, read_sku, tokens
from bot.money import LARGEST, is_amount, say
from bot.refusal import Refusal
from bot.sources import BILL
from bot.usage import LONGEST, MOST_TAGS

# Providers tell a day hours late, and restate it for a while.
_RESTATED = 2
_CLOSED = timedelta(days=3)
_LONGEST = LONGEST["user"]
_REMEMBERED = 5_000
_NAME = re.compile(r"[\w.-]{1,60}", re.ASCII)


class NoName(Refusal):
    """No name of a bill or an account."""


class TooMuch(Refusal):
    """A line of more money than can be counted."""


@dataclass(frozen=True)
class Term:
    """A billing period of an account: what a newer file replaces as a whole. Days since 1970, UTC.

    `through`: usage is told up to here.
    """

    account: str
    first: int
    end: int
    through: int

    @property
    def start(self) -> datetime:
        return instant(self.first)

    def is_final(self, until: int, now: datetime) -> bool:
        """Whether a day is told for good, as far as one can know."""
        told = self.through >= self.end and now >= instant(self.end) + _CLOSED
        return told or until + _RESTATED <= self.through


class Line(NamedTuple):
    """Rows that differ in nothing but the hour, added up. `day` and `until`: days since 1970.

    Budgets look at EffectiveCost, which spreads over the months what was paid ahead.
    """

    day: int
    until: int
    category: str
    correction: bool
    payer: str
    sub_account: str
    sub_account_name: str
    service: str
    resource: str
    meter: str
    details: str
    unit: str
    tags: str
    effective: Decimal
    list_cost: Decimal | None
    quantity: Decimal | None

    def charge(self, term: Term, now: datetime) -> Charge:
        """`cost` is EffectiveCost. Raises TooMuch."""
        if not is_amount(self.effective):
            raise TooMuch(f"One day's line of {self.meter} comes to more than {say(LARGEST)}.")
        sku = read_sku(self.details)
        counted = tokens(self.unit, self.quantity)
        output = is_output(sku, self.meter)
        return Charge(
            id=self._id(term),
            account=term.account,
            start=instant(self.day),
            end=instant(self.until),
            cost=self.effective,
            final=term.is_final(self.until, now),
            provider=term.account,
            model=sku.model,
            item=_item(self.service, self.meter, correction=self.correction),
            clues=_clues(self.sub_account),
            tags=_tags(self.tags, self.resource, self.sub_account_name),
            category=_CATEGORIES[self.category],
            list_cost=self.list_cost,
            input_tokens=None if output else counted,
            output_tokens=counted if output else None,
        )

    def _id(self, term: Term) -> str:
        """All but the money and the amounts, so that a newer file changes the line."""
        # Of itself, `payer` to `tags`.
        said = "\x1f".join(
            (
                _when(term.account, term.first, term.end, self.day, self.until),
                self.category,
                "correction" if self.correction else "",
                *self[4:13],
            )
        )
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


_CATEGORIES = {one.value: one for one in Category}


# The same texts come again every day.
@lru_cache(_REMEMBERED)
def _when(account: str, *days: int) -> str:
    return "\x1f".join((*map(str, days), account))


@lru_cache(_REMEMBERED)
def _clues(sub_account: str) -> Clues:
    return Clues(project=cleaned(sub_account, LONGEST["project"]))


@lru_cache(_REMEMBERED)
def _item(service: str, meter: str, *, correction: bool) -> str:
    parts = "Correction" if correction else "", service, meter
    return cleaned(": ".join(part for part in parts if part), _LONGEST)


@lru_cache(_REMEMBERED)
def _tags(tags: str, resource: str, sub_account_name: str) -> tuple[str, ...]:
    own = (("resource", resource), ("sub_account", sub_account_name))
    added = tuple(cleaned(f"{name}:{value}", _LONGEST) for name, value in own if value)
    said = tuple(tags.split(BETWEEN)) if tags else ()
    return said[: MOST_TAGS - len(added)] + added


@lru_cache(_REMEMBERED)
def instant(day: int) -> datetime:
    return EPOCH + timedelta(days=day)


def merged(terms: Iterable[Term]) -> list[tuple[Term, ...]]:
    """Those that overlap are together."""
    found: list[tuple[Term, ...]] = []
    end = 0
    for term in sorted(terms, key=lambda term: (term.first, term.end, term.account)):
        if found and term.first < end:
            found[-1] += (term,)
        else:
            found.append((term,))
        end = max(end, term.end)
    return found


def read_name(text: str) -> str:
    """Raises NoName."""
    if not _NAME.fullmatch(text.strip()):
        raise NoName("Write it in up to 60 letters, digits, dots, dashes and underscores.")
    return text.strip()


def source_name(name: str) -> str:
    """Of the bills that a file brings: by the name it was given, else by the account."""
    return f"{BILL}focus-{name}"
