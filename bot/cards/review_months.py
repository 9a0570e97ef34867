"""The month's question, on the first review of a calendar month."""

from collections.abc import Iterable
from decimal import Decimal

from bot.cards.review_figures import month_said
from bot.money import say
from bot.review_figures import Counted
from bot.reviews import Review


def months_question(review: Review, zone: str) -> Iterable[str]:
    """`November: $3,120.00 of $4,000.00; is each still worth it?`"""
    months = [item.figures.month for item in review.items if item.figures.month is not None]
    if not months:
        return
    spent = say(sum((one.spent for one in months), Decimal(0)))
    yield f"*{month_said(months[0], zone)}*: {spent}{_of_caps(months)}; is each still worth it?"


def _of_caps(months: list[Counted]) -> str:
    caps = [one.cap for one in months if one.cap]
    if not caps:
        return ""
    without = len(months) - len(caps)
    aside = f" ({without} had no monthly cap in force)" if without else ""
    return f" of {say(sum(caps, Decimal(0)))}{aside}"
