"""Model tiers in words."""

from collections.abc import Mapping
from decimal import Decimal

from bot.money import ZERO, percent, say_parts, say_percent
from bot.tiers import Tier


def tier_said(tier: Tier | None) -> str:
    return "no known tier" if tier is None else tier.value


def by_tier_said(tiers: Mapping[Tier | None, Decimal]) -> str:
    """`premium $88.00 (88 %), no known tier $12.00 (12 %)`."""
    whole = sum(tiers.values(), ZERO)
    return ", ".join(
        f"{tier_said(tier)} {said}{_share(cost, whole)}"
        for (tier, cost), said in zip(tiers.items(), say_parts([*tiers.values()]), strict=True)
    )


def _share(cost: Decimal, whole: Decimal) -> str:
    return f" ({say_percent(percent(cost, whole))})" if whole > 0 else ""
