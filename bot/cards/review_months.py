"""The month's question on the first review of a calendar month, and what the last one came to."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from bot.cards.kit import named
from bot.cards.review_figures import month_said
from bot.cards.review_lines import lines
from bot.money import say
from bot.notices import Card
from bot.review_decisions import Choice
from bot.review_figures import Counted
from bot.review_months import RollUp
from bot.reviews import Review

_LISTED = 20
_ANSWERS = {
    Choice.KEEP: "kept",
    Choice.CAP: "capped",
    Choice.REROUTE: "rerouted",
    Choice.RETIRE: "to be retired",
    Choice.UNREVIEWED: "kept unreviewed",
}
_HOW = (
    "Saved is what was forecast when a cap was lowered, a tier changed or a last day set, less "
    "what the month has cost."
)


def months_question(review: Review, zone: str) -> Iterable[str]:
    """`November: $3,120.00 of $4,000.00; is each still worth it?`"""
    months = [item.figures.month for item in review.items if item.figures.month is not None]
    if not months:
        return
    spent = say(sum((one.spent for one in months), Decimal(0)))
    yield f"*{month_said(months[0], zone)}*: {spent}{_of_caps(months)}; is each still worth it?"


def _of_caps(months: Sequence[Counted]) -> str:
    caps = [one.cap for one in months if one.cap]
    if not caps:
        return ""
    without = len(months) - len(caps)
    aside = f" ({without} had no monthly cap in force)" if without else ""
    return f" of {say(sum(caps, Decimal(0)))}{aside}"


def of_team(found: RollUp, month: str) -> Card:
    """In the thread of the team's first review of the next month."""
    return lines([f"*The reviews of {month}*: {answers_said(found)}", _saved(found)], _HOW)


def of_all(found: Sequence[RollUp], whole: RollUp, names: Mapping[str, str], month: str) -> Card:
    """To finance."""
    shown = [f"*The weekly reviews of {month}, all teams*: {answers_said(whole)}", _saved(whole)]
    shown += [
        f"• {named(names.get(one.team, one.team))}: {answers_said(one)}; {_saved(one).lower()}"
        for one in found[:_LISTED]
    ]
    more = len(found) - _LISTED
    shown += [f"• and {more} more teams"] if more > 0 else []
    return lines(shown, _HOW)


def answers_said(found: RollUp) -> str:
    said = [f"{found.answers[choice]:,} {word}" for choice, word in _ANSWERS.items()
            if found.answers[choice]]  # fmt: skip
    said += [f"{found.undecided:,} undecided"] if found.undecided else []
    if found.raises:
        noun = "raise" if found.raises == 1 else "raises"
        said.append(f"{found.raises:,} {noun} granted (+{say(found.raised)})")
    return ", ".join(said) or "nothing was asked"


def _saved(found: RollUp) -> str:
    if not found.known:
        return "Saved: not known" if found.unknown else "Saved: nothing was lowered"
    aside = f", {found.unknown} not known" if found.unknown else ""
    of = f"({found.known} {'answer' if found.known == 1 else 'answers'}{aside})"
    if found.saved < 0:
        return f"Saved: nothing; {say(-found.saved)} more than was forecast {of}"
    return f"Saved: {say(found.saved)} against the forecast {of}"
