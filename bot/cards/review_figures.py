"""What a reply of the weekly review shows: figures, and what they speak for."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_EVEN

from bot.cards.forecasts import roughly
from bot.cards.freshness import freshness
from bot.cards.kit import clip, escape, named, said
from bot.money import percent, say, say_percent
from bot.names import tidy
from bot.periods import CapKind, local_day
from bot.recommendations import LONG_KEPT, in_words
from bot.review_decisions import Choice, Recommendation
from bot.review_figures import Came, Counted, Figures, Open, Running
from bot.workflows import Status

_LISTED = 5
_WORDS = 140
_HALF_A_DAY = timedelta(hours=12)
_TOLD = 2


def figures_said(figures: Figures, zone: str) -> list[str]:
    caps = [_counted(one, figures, zone) for one in figures.counted]
    rest = [*_booked(figures), *_overrides(figures, zone), *_asked(figures.requests)]
    return [
        *caps,
        *_month(figures, zone),
        *([" · ".join(rest)] if rest else []),
        *map(_came, figures.came[-_TOLD:]),
        *(f"Explained: “{_words(one)}”" for one in figures.explanations[-_TOLD:]),
        *_running(figures.running),
        *filter(None, [freshness(figures.feeds, zone, at=said)]),
    ]


def suggested(found: Recommendation | None) -> Iterable[str]:
    """What the figures speak for."""
    if found is not None:
        yield f"💡 *{_VERBS[found.choice]}*: {escape(found.why)}"


_VERBS = {
    Choice.KEEP: "Keep",
    Choice.CAP: "Cap",
    Choice.REROUTE: "Reroute",
    Choice.RETIRE: "Retire",
    Choice.UNREVIEWED: "Keep",
}


def kept_barren(running: Running) -> str | None:
    """`kept five weeks without an outcome`, from the fourth on."""
    if running.kept < LONG_KEPT:
        return None
    return f"kept {in_words(running.kept)} weeks without an outcome"


def left_unreviewed(weeks: int) -> str:
    return f"unreviewed {in_words(weeks)} weeks running" if weeks > 1 else "unreviewed last week"


def _running(running: Running) -> Iterable[str]:
    barren = kept_barren(running)
    said = [barren] if barren else []
    said += [left_unreviewed(running.unreviewed)] if running.unreviewed else []
    if said:
        yield f"⚠️ {', '.join(said).capitalize()}"


def _month(figures: Figures, zone: str) -> Iterable[str]:
    if figures.month is not None:
        month = figures.month
        yield f"{month_said(month, zone)}: {say(month.spent)}{_of_cap(month, figures.status)}"


def month_said(month: Counted, zone: str) -> str:
    return f"{local_day(month.start + _HALF_A_DAY, zone):%B}"


def _came(one: Came) -> str:
    promised = f"“{_words(one.promised)}”: " if one.promised else ""
    evidence = f" – {_words(one.evidence)}" if one.evidence else ""
    return f"Outcome {promised}{one.answer.words}{evidence}"


def _asked(requests: Sequence[Open]) -> Iterable[str]:
    for one in requests[:_LISTED]:
        yield f"asked for +{say(one.amount)} {one.cap}, unanswered"


def _words(text: str) -> str:
    return escape(clip(tidy(text), _WORDS))


def _counted(one: Counted, figures: Figures, zone: str) -> str:
    stretch = {
        CapKind.WEEKLY: "Week",
        CapKind.MONTHLY: f"{local_day(one.start + _HALF_A_DAY, zone):%B} so far",
        CapKind.TOTAL: "Since activation",
    }[one.kind]
    more = {CapKind.WEEKLY: f", {_change(figures)}", CapKind.MONTHLY: _ahead(figures, zone)}
    of_cap = _of_cap(one, figures.status)
    return f"{stretch}: {say(one.spent)}{of_cap}{more.get(one.kind, '')}"


def _ahead(figures: Figures, zone: str) -> str:
    found = figures.forecast
    if found is None:
        return ""
    hits = f", hits the cap {local_day(found.hits_at, zone):%a %-d %b}" if found.hits_at else ""
    spread = f"{roughly(found.low)} to {roughly(found.high)}"
    return f"; forecast {roughly(found.expected)} ({spread}){hits}"


def _of_cap(one: Counted, status: Status) -> str:
    if one.cap is None:
        return ""
    if status is not Status.ACTIVE:
        return " (paused: no cap in force)"
    return f" of {say(one.cap)} ({say_percent(percent(one.spent, one.cap))})"


def _change(figures: Figures) -> str:
    if figures.before is None:
        return "first week"
    if figures.before <= 0:
        return "nothing the week before"
    change = (figures.week - figures.before) * 100 / figures.before
    whole = int(change.to_integral_value(rounding=ROUND_HALF_EVEN))
    if whole == 0:
        return "as in the week before"
    return f"{'+' if whole > 0 else '−'}{abs(whole):,} % on the week before"


def _booked(figures: Figures) -> Iterable[str]:
    if figures.late:
        yield f"late {'+' if figures.late > 0 else ''}{say(figures.late)} for earlier weeks"
    if figures.assumed:
        yield f"{say(figures.assumed)} of the week assumed (unknown model)"
    if figures.unmetered:
        records = "record" if figures.unmetered == 1 else "records"
        yield f"{figures.unmetered} {records} without a cost"
    if figures.top_model:
        yield f"most on {named(figures.top_model)}: {say(figures.top_cost)}"


def _overrides(figures: Figures, zone: str) -> Iterable[str]:
    found, week = figures.overrides, figures.of(CapKind.WEEKLY)
    for one in found[:_LISTED]:
        until = said(one.until, zone, now=week.start if week else None)
        yield f"override +{say(one.amount)} {one.cap} until {until}"
    if len(found) > _LISTED:
        yield f"{len(found) - _LISTED} more overrides"
