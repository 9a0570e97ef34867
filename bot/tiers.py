"""Which model is of which tier: as the organisation says, else by what its output costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.list_prices import listed_output
from bot.money import ZERO


class Tier(StrEnum):
    CHEAP = "cheap"
    STANDARD = "standard"
    PREMIUM = "premium"


@dataclass(frozen=True)
class TierRule:
    """`pattern` is a glob on the model's id; small and capital letters are the same."""

    tier: Tier
    pattern: str

    def fits(self, model: str) -> bool:
        return fnmatchcase(model.lower(), self.pattern.lower())


# USD per million output tokens at list price, up to and with; above the last one is premium.
STEPS = ((Decimal(5), Tier.CHEAP), (Decimal(20), Tier.STANDARD))

MOST_LOOKED_UP = 200


def tier_of(model: str, rules: Iterable[TierRule], at: datetime) -> Tier | None:
    """Of the first rule that fits, else by the list price of that day; None where it has none."""
    said = next((rule.tier for rule in rules if rule.fits(model)), None)
    if said is not None:
        return said
    listed = listed_output(model, at)
    if listed is None:
        return None
    return next((tier for most, tier in STEPS if listed <= most), Tier.PREMIUM)


def by_tier(
    models: Iterable[tuple[str, Decimal]], rules: Iterable[TierRule], at: datetime
) -> Mapping[Tier | None, Decimal]:
    """USD of (model, USD), premium first and None, of no known tier, last; only what is there.

    Of `models`, the dearest first, as many are looked up as a real workflow uses: who invents names
    of models holds up nobody.
    """
    known = tuple(rules)
    sums: dict[Tier | None, Decimal] = {}
    for number, (model, cost) in enumerate(models):
        tier = tier_of(model, known, at) if number < MOST_LOOKED_UP else None
        sums[tier] = sums.get(tier, ZERO) + cost
    order = (Tier.PREMIUM, Tier.STANDARD, Tier.CHEAP, None)
    return {tier: sums[tier] for tier in order if tier in sums}
