from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.account_months import DayFigures, Reconciled, as_they_stand
from bot.charges import DAY

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
NOW = FIRST + 9 * DAY
DAYS = st.integers(0, 8).map(lambda number: FIRST + number * DAY)
USD = st.integers(-(10**6), 10**6).map(Decimal)
FIGURES = st.builds(DayFigures, USD, USD, USD, USD, USD, booked=st.booleans(), waits=st.booleans())


NOTED = st.builds(
    Reconciled, st.just("openai"), DAYS, *[USD] * 5, st.booleans(), st.booleans(), st.just(FIRST)
)
BY_DAY = st.lists(NOTED).map(lambda noted: {one.day: one for one in noted})


def stand(noted, figures):
    return as_they_stand("openai", noted.values(), figures, NOW)


@given(BY_DAY, st.dictionaries(DAYS, FIGURES))
def test_each_day_that_is_noted_or_booked_stands_once_and_in_order(noted, figures):
    booked = {day for day, one in figures.items() if one.booked and not one.waits}

    assert [one.day for one in stand(noted, figures)] == sorted(noted.keys() | booked)


@given(BY_DAY, st.dictionaries(DAYS, FIGURES))
def test_a_day_says_what_figures_hold_now_and_not_what_was_noted(noted, figures):
    for one in stand(noted, figures):
        held = figures.get(one.day, DayFigures())
        assert (one.billed, one.realtime, one.waits) == (held.billed, held.realtime, held.waits)
        assert one.counted == held.workflows + held.unattributed + held.unmetered


@given(BY_DAY, st.dictionaries(DAYS, FIGURES))
def test_whether_a_day_is_settled_is_as_noted_and_else_as_booked(noted, figures):
    for one in stand(noted, figures):
        known = noted.get(one.day)
        wanted = (True, False, NOW) if known is None else (known.settled, known.final, known.at)
        assert (one.settled, one.final, one.at) == wanted


def test_what_is_booked_of_a_bill_that_is_gone_does_not_add_up():
    (one,) = stand({}, {FIRST: DayFigures(workflows=Decimal(3), booked=True)})

    assert (one.off, one.adds_up) == (Decimal(3), False)
