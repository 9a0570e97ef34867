"""What a weekly review recommends, and why: the first rule that applies. The owner decides.

1. A last day is set, or the workflow is paused and still spends: keep.
2. Nothing was recorded for four weeks: retire, unless something speaks for it.
3. An exception runs or is asked for, or an alert was explained: keep until that is over.
4. The premium tier is its default and no outcome says why: reroute to standard.
5. The forecast is above the month's cap: keep the cap.
6. Less than half of a cap was used three weeks running: a cap that fits the largest week.
7. Kept four reviews running without an outcome: hold it to what it spends.
8. It spends half as much again as in the week before: keep, and ask why.
9. Nothing of this: keep.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from bot.money import percent, say, say_percent
from bot.periods import CapKind
from bot.review_decisions import Choice, Recommendation
from bot.review_figures import Figures
from bot.workflows import Status, Tier, Workflow

FRUITFUL = timedelta(weeks=8)
LONG_KEPT = 4
_IDLE = 4
_ROOMY = 3
_HALF = 50
_SPARE = Decimal("1.25")
_CLOSE = Decimal("1.1")
_WEEKS_A_MONTH = 5
_WORTH = Decimal("0.9")
_STEEP = Decimal("1.5")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

Rule = Callable[[Workflow, Figures, datetime], Recommendation | None]


def recommend(workflow: Workflow, figures: Figures, now: datetime) -> Recommendation:
    found = (rule(workflow, figures, now) for rule in _RULES)
    return next((one for one in found if one is not None), _keep(_usual(figures)))


def in_words(count: int) -> str:
    return _WORDS[count] if count < len(_WORDS) else f"{count:,}"


def is_fruitful(figures: Figures, now: datetime) -> bool:
    """Something that was promised has happened, lately."""
    return figures.outcome_at is not None and figures.outcome_at > now - FRUITFUL


def _leaving(workflow: Workflow, figures: Figures, _now: datetime) -> Recommendation | None:
    if workflow.retire_on is not None:
        return _keep(f"its last day is set: {workflow.retire_on:%-d %b %Y}.")
    if workflow.status is Status.PAUSED and figures.week > 0:
        return _keep("it is paused and still spent: find out by whom, or retire it.")
    return None


def _idle(_workflow: Workflow, figures: Figures, now: datetime) -> Recommendation | None:
    if figures.idle < _IDLE or is_fruitful(figures, now) or _exception(figures, now):
        return None
    return Recommendation(
        Choice.RETIRE, f"nothing was recorded for {in_words(figures.idle)} weeks."
    )


def _excepted(_workflow: Workflow, figures: Figures, now: datetime) -> Recommendation | None:
    why = _exception(figures, now)
    return _keep(why) if why else None


def _exception(figures: Figures, now: datetime) -> str | None:
    if any(one.until > now for one in figures.overrides):
        return "an exception is in force; look again when it has ended."
    if figures.requests:
        return "a request for more waits for its answer."
    if figures.explanations:
        return "its alert was explained; see whether that holds next week."
    return None


def _premium(workflow: Workflow, figures: Figures, now: datetime) -> Recommendation | None:
    if workflow.tier is not Tier.PREMIUM or figures.week <= 0 or is_fruitful(figures, now):
        return None
    return Recommendation(
        Choice.REROUTE,
        f"premium is its default tier, {_models(figures)}, and no outcome is on record.",
        tier=Tier.STANDARD,
    )


def _models(figures: Figures) -> str:
    """How much of the week is premium models', as far as their tiers are known."""
    if figures.premium is None:
        share = _share(figures.top_cost, figures)
        return f"{share} % went to one model" if share else "nothing says which model"
    said = f"{_share(figures.premium, figures)} % on premium models"
    unknown = _share(figures.untiered, figures)
    return f"{said} ({unknown} % on models of no known tier)" if unknown else said


def _share(cost: Decimal, figures: Figures) -> int:
    """Per cent of the week; a credit can make parts larger than the whole."""
    return min(max(percent(cost, figures.week), 0), 100)


def _over(_workflow: Workflow, figures: Figures, _now: datetime) -> Recommendation | None:
    month, ahead = figures.of(CapKind.MONTHLY), figures.forecast
    if month is None or not month.cap or ahead is None or ahead.expected <= month.cap:
        return None
    return _keep(
        f"{say(ahead.expected)} is forecast of {say(month.cap)} this month: hold the cap, and ask "
        "for more only with an outcome to show."
    )


def _roomy(workflow: Workflow, figures: Figures, _now: datetime) -> Recommendation | None:
    lately = figures.weeks[:_ROOMY]
    if len(lately) < _ROOMY or max(lately) <= 0 or _is_steep(figures):
        return None
    for kind, cap, used in _caps(workflow, figures):
        share = percent(used, cap)
        fits = _fitting(used * _SPARE)
        if share < _HALF and _is_lower(workflow, figures, kind, fits):
            why = f"at most {share} % was used, {in_words(_ROOMY)} weeks running"
            return _cap(kind, fits, f"would fit: {why}.")
    return None


def _barren(workflow: Workflow, figures: Figures, now: datetime) -> Recommendation | None:
    if figures.running.kept < LONG_KEPT or figures.week <= 0 or is_fruitful(figures, now):
        return None
    since = f"kept {in_words(figures.running.kept)} weeks without an outcome"
    for kind, _, used in _caps(workflow, figures):
        fits = _fitting(used * _CLOSE)
        if _is_lower(workflow, figures, kind, fits):
            return _cap(kind, fits, f"would hold it to what it spends: {since}.")
    return _keep(f"{since}: name what it achieves, or cap it.")


def _rising(_workflow: Workflow, figures: Figures, _now: datetime) -> Recommendation | None:
    if not _is_steep(figures):
        return None
    return _keep(
        f"{say(figures.week)} after {say(figures.weeks[1])} the week before: ask why first."
    )


def _usual(figures: Figures) -> str:
    week = figures.of(CapKind.WEEKLY)
    if len(figures.weeks) <= 1:
        return "it is too new to judge."
    if figures.idle:
        return f"nothing was recorded for {in_words(figures.idle)} {_weeks(figures.idle)} so far."
    if week is not None and week.cap:
        return (
            f"{say_percent(percent(week.spent, week.cap))} of its weekly cap, and nothing unusual."
        )
    return "nothing unusual."


_RULES: tuple[Rule, ...] = (
    _leaving,
    _idle,
    _excepted,
    _premium,
    _over,
    _roomy,
    _barren,
    _rising,
)


def _keep(why: str) -> Recommendation:
    return Recommendation(Choice.KEEP, why)


def _cap(kind: CapKind, amount: Decimal, why: str) -> Recommendation:
    return Recommendation(Choice.CAP, f"{kind} {say(amount)} {why}", kind, amount)


def _caps(workflow: Workflow, figures: Figures) -> Iterator[tuple[CapKind, Decimal, Decimal]]:
    """The cap that could be lowered (USD), and the most it held lately: the weekly one, else the
    monthly one as if each week were the largest.
    """
    most = max(figures.weeks, default=Decimal(0))
    if workflow.caps.weekly is not None:
        yield CapKind.WEEKLY, workflow.caps.weekly, most
    elif workflow.caps.monthly is not None:
        yield CapKind.MONTHLY, workflow.caps.monthly, most * _WEEKS_A_MONTH


def _is_lower(workflow: Workflow, figures: Figures, kind: CapKind, amount: Decimal) -> bool:
    """It is worth changing, contradicts no other cap, and leaves room for what is spent already."""
    caps, held = workflow.caps, figures.of(kind)
    base = caps.of(kind)
    return (
        base is not None
        and max(caps.daily or amount, amount) == amount
        and amount <= base * _WORTH
        and (held is None or held.spent < amount)
    )


def _is_steep(figures: Figures) -> bool:
    return len(figures.weeks) > 1 and 0 < figures.weeks[1] * _STEEP <= figures.week


def _fitting(amount: Decimal) -> Decimal:
    """Rounded up to two digits, to a dollar at least."""
    if amount <= 1:
        return Decimal(1)
    unit = Decimal(1).scaleb(amount.adjusted() - 1)
    return (amount / unit).to_integral_value(ROUND_CEILING) * unit


def _weeks(count: int) -> str:
    return "week" if count == 1 else "weeks"
