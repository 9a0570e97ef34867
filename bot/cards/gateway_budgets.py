"""What a gateway says of its own budgets."""

from decimal import Decimal

from bot.cards.changed import said
from bot.cards.kit import escape, named
from bot.gateway_budgets import BudgetEvent, BudgetHint
from bot.money import say
from bot.notices import Card

_HAS = {
    BudgetEvent.CROSSED: "has used up its budget there",
    BudgetEvent.NEARLY: "has nearly used up its budget there",
    BudgetEvent.SOFT_CROSSED: "has crossed its soft budget there",
    BudgetEvent.THRESHOLD: "has little left of its budget there",
    BudgetEvent.PROJECTED: "is expected to use up its budget there",
}
_DAY = len("2026-12-01")


def hinted(hint: BudgetHint, *, asks: bool) -> Card:
    """`asks`: the gateway's own log of calls is asked at once."""
    who = f"{escape(hint.group) or 'somebody'} *{named(hint.name or hint.whose)}*"
    next_ = (
        "budget-bot asks its log of calls now, and its own figures follow from that."
        if asks
        else "budget-bot's own figures follow from the calls it is told of."
    )
    return said(
        f"LiteLLM says: {who} {_HAS[hint.event]}{_by(hint)}: {_spent(hint.spent, hint.budget)}. "
        f"This is LiteLLM's own count. {next_}"
    )


def _by(hint: BudgetHint) -> str:
    day = hint.expected_by[:_DAY]
    return f" by {escape(day)}" if day and hint.event is BudgetEvent.PROJECTED else ""


def _spent(spent: Decimal, budget: Decimal | None) -> str:
    return f"{say(spent)} spent" if budget is None else f"{say(spent)} of {say(budget)}"
