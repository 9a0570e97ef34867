from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forecast import Forecast, Sureness
from bot.periods import CapKind
from bot.recommendations import recommend
from bot.review_answers import answered
from bot.review_decisions import Cap, Choice, Keep, Recommendation, Reroute, Retire
from bot.review_figures import Counted, Extra, Open, Running
from bot.workflows import Caps, Status, Tier, checked
from tests.builders import MONDAY, a_review_item, a_workflow, some_figures

STEADY = (Decimal(112), Decimal(140), Decimal(130), Decimal(135))
QUIET = (Decimal(100), Decimal(101), Decimal("99.5"), Decimal(102))
NOTHING = (Decimal(0),) * 4
AHEAD = Forecast(
    Decimal(1200), Decimal(1100), Decimal(1300), datetime(2026, 12, 1, tzinfo=UTC), None,
    Sureness.FAIR,
)  # fmt: skip
RUNS = (Extra(CapKind.WEEKLY, Decimal(100), MONDAY + timedelta(days=3)),)


def seen(weeks=STEADY, **named):
    counted = (
        Counted(CapKind.WEEKLY, MONDAY, weeks[0], Decimal(250)),
        Counted(CapKind.MONTHLY, MONDAY, Decimal(212), Decimal(900)),
    )
    idle = len(weeks) if not any(weeks) else 0
    return some_figures(**{"counted": counted, "weeks": weeks, "idle": idle, **named})


CASES = [
    pytest.param(
        {"retire_on": date(2026, 11, 30)}, {}, Choice.KEEP, "its last day is set: 30 Nov 2026.",
        id="leaving",
    ),
    pytest.param(
        {"status": Status.PAUSED}, {}, Choice.KEEP, "it is paused and still spent",
        id="paused and spending",
    ),
    pytest.param(
        {}, {"weeks": NOTHING}, Choice.RETIRE, "nothing was recorded for four weeks.", id="idle"
    ),
    pytest.param(
        {}, {"weeks": NOTHING[:3]}, Choice.KEEP, "nothing was recorded for three weeks",
        id="not idle for long",
    ),
    pytest.param(
        {}, {"weeks": NOTHING, "idle": 0}, Choice.KEEP, "", id="records that cost nothing"
    ),
    pytest.param(
        {}, {"weeks": NOTHING, "outcome_at": MONDAY - timedelta(days=9)}, Choice.KEEP, "",
        id="idle after an outcome",
    ),
    pytest.param(
        {}, {"weeks": QUIET, "overrides": RUNS}, Choice.KEEP, "an exception is in force",
        id="an exception runs",
    ),
    pytest.param(
        {}, {"weeks": QUIET, "overrides": (replace(RUNS[0], until=MONDAY),)}, Choice.CAP, "",
        id="an exception has ended",
    ),
    pytest.param(
        {}, {"weeks": QUIET, "requests": (Open(CapKind.WEEKLY, Decimal(50)),)}, Choice.KEEP,
        "a request for more waits", id="more is asked for",
    ),
    pytest.param(
        {}, {"weeks": QUIET, "explanations": ("Load test.",)}, Choice.KEEP,
        "its alert was explained", id="explained",
    ),
    pytest.param(
        {"tier": Tier.PREMIUM}, {"top_cost": Decimal(104)}, Choice.REROUTE,
        "premium is its default tier, 92 % went to one model, and no outcome is on record.",
        id="premium",
    ),
    pytest.param(
        {"tier": Tier.PREMIUM}, {"top_cost": Decimal(60), "premium": Decimal(104)}, Choice.REROUTE,
        "premium is its default tier, 92 % on premium models, and no outcome is on record.",
        id="premium models",
    ),
    pytest.param(
        {"tier": Tier.PREMIUM}, {"premium": Decimal(0)}, Choice.REROUTE,
        "its default tier, 0 % on premium models, and", id="no premium model",
    ),
    pytest.param(
        {"tier": Tier.PREMIUM}, {"premium": Decimal(28), "untiered": Decimal(84)}, Choice.REROUTE,
        "25 % on premium models (75 % on models of no known tier), and", id="unknown models",
    ),
    pytest.param(
        {"tier": Tier.PREMIUM}, {"outcome_at": MONDAY - timedelta(days=9)}, Choice.KEEP, "",
        id="premium with an outcome",
    ),
    pytest.param(
        {}, {"forecast": AHEAD}, Choice.KEEP, "$1,200.00 is forecast of $900.00 this month",
        id="forecast above the cap",
    ),
    pytest.param(
        {}, {"weeks": QUIET}, Choice.CAP,
        "weekly $130.00 would fit: at most 40 % was used, three weeks running.", id="roomy",
    ),
    pytest.param({}, {"weeks": QUIET[:2]}, Choice.KEEP, "", id="roomy, but not for long"),
    pytest.param(
        {"caps": Caps(daily=Decimal(140), weekly=Decimal(250), monthly=Decimal(900))},
        {"weeks": QUIET}, Choice.KEEP, "", id="a daily cap is in the way",
    ),
    pytest.param(
        {"caps": Caps(monthly=Decimal(2000))},
        {"weeks": QUIET, "counted": (Counted(CapKind.WEEKLY, MONDAY, QUIET[0], None),)},
        Choice.CAP, "monthly $640.00 would fit: at most 25 % was used", id="only a monthly cap",
    ),
    pytest.param(
        {}, {"running": Running(kept=5)}, Choice.CAP,
        "weekly $160.00 would hold it to what it spends: kept five weeks without an outcome.",
        id="kept without an outcome",
    ),
    pytest.param(
        {}, {"running": Running(kept=5), "weeks": (Decimal(240),) * 4}, Choice.KEEP,
        "kept five weeks without an outcome: name what it achieves, or cap it.",
        id="kept without an outcome, close to its cap",
    ),
    pytest.param(
        {}, {"weeks": (Decimal(200), *STEADY[:2])}, Choice.KEEP,
        "$200.00 after $112.00 the week before: ask why first.", id="rising",
    ),
    pytest.param({}, {}, Choice.KEEP, "44 % of its weekly cap, and nothing unusual.", id="usual"),
    pytest.param({}, {"weeks": STEADY[:1]}, Choice.KEEP, "it is too new to judge.", id="new"),
]  # fmt: skip


@pytest.mark.parametrize(("workflow", "figures", "choice", "why"), CASES)
def test_what_is_recommended_follows_from_stated_rules(workflow, figures, choice, why):
    found = recommend(a_workflow(**workflow), seen(**figures), MONDAY)

    assert found.choice is choice
    assert why in found.why


money = st.decimals(Decimal(0), Decimal(100_000), places=2)
maybe = st.none() | st.decimals(Decimal("0.01"), Decimal(100_000), places=2)


@st.composite
def anything(draw):
    daily, weekly, monthly = sorted(draw(st.lists(maybe, min_size=3, max_size=3)), key=_last)
    workflow = a_workflow(
        caps=Caps(daily=daily, weekly=weekly, monthly=monthly),
        tier=draw(st.sampled_from(Tier)),
        status=draw(st.sampled_from([Status.ACTIVE, Status.PAUSED])),
        retire_on=draw(st.none() | st.just(date(2026, 11, 30))),
    )
    weeks = tuple(draw(st.lists(money, min_size=1, max_size=4)))
    figures = seen(
        weeks,
        counted=tuple(
            Counted(kind, MONDAY, spent, workflow.caps.of(kind))
            for kind, spent in ((CapKind.WEEKLY, weeks[0]), (CapKind.MONTHLY, draw(money)))
        ),
        top_cost=draw(money),
        premium=draw(st.none() | money),
        untiered=draw(money),
        outcome_at=draw(st.none() | st.just(MONDAY - timedelta(days=9))),
        running=Running(kept=draw(st.integers(0, 60))),
        overrides=draw(st.sampled_from([(), RUNS])),
        forecast=draw(st.sampled_from([None, AHEAD])),
        caps=workflow.caps,
        tier=workflow.tier,
    )
    return workflow, figures


def _last(cap):
    return Decimal("Infinity") if cap is None else cap


def meant(found: Recommendation):
    match found.choice:
        case Choice.CAP:
            assert found.kind is not None
            assert found.amount is not None
            return Cap(found.kind, found.amount)
        case Choice.REROUTE:
            assert found.tier is not None
            return Reroute(found.tier)
        case Choice.RETIRE:
            return Retire(MONDAY.date())
        case _:
            return Keep()


@given(anything())
def test_nothing_is_recommended_that_would_be_refused_or_asked_for(case):
    workflow, figures = case

    found = recommend(workflow, figures, MONDAY)

    after, decision = answered(workflow, a_review_item(figures=figures), meant(found), MONDAY)
    assert checked(after)
    assert not (isinstance(decision, Cap) and decision.raises)


@given(anything())
def test_what_spends_is_never_recommended_to_retire(case):
    workflow, figures = case

    found = recommend(workflow, figures, MONDAY)

    assert found.choice is not Choice.RETIRE or not any(figures.weeks)
