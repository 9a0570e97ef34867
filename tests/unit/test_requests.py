from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.askable import check_active, check_askable, check_grantable, problems
from bot.money import LARGEST
from bot.periods import CapKind
from bot.request_effects import effect, override_of, raised, stops_first
from bot.requests import NotAskable, Until, raises
from bot.workflows import Caps, Status
from tests.builders import (
    ANA,
    MIA,
    MONDAY,
    a_draft,
    a_request,
    a_standing,
    a_watch,
    a_workflow,
    an_override,
)

DAILY, WEEKLY, MONTHLY, TOTAL = CapKind
ALL_CAPS = Caps(Decimal(50), Decimal(250), Decimal(900), Decimal(5000))
EVERYTHING = a_standing(workflow=a_workflow(caps=ALL_CAPS))
NEXT_MONDAY = datetime(2026, 11, 29, 23, tzinfo=UTC)
DECEMBER = datetime(2026, 11, 30, 23, tzinfo=UTC)


def wrong(draft, standing=EVERYTHING, now=MONDAY):
    return {problem.field: str(problem) for problem in problems(draft, standing, now)}


def test_a_plain_request_has_nothing_against_it():
    assert wrong(a_draft()) == {}


@pytest.mark.parametrize(
    ("named", "field", "says"),
    [
        pytest.param({"amount": Decimal(0)}, "amount", "$0.01", id="zero"),
        pytest.param({"amount": Decimal(-5)}, "amount", "$0.01", id="less than nothing"),
        pytest.param({"amount": Decimal("0.009")}, "amount", "$0.01", id="below a cent"),
        pytest.param({"amount": LARGEST}, "amount", "largest", id="too much with the cap"),
        pytest.param({"reason": "  "}, "reason", "Say why", id="no reason"),
        pytest.param({"reason": "x" * 701}, "reason", "700", id="a long reason"),
        pytest.param({"target": "x" * 101}, "target", "100", id="a long target"),
        pytest.param({"until": Until.DAYS}, "days", "from 1 to 366", id="no days"),
        pytest.param({"until": Until.DAYS, "days": 0}, "days", "from 1 to 366", id="no whole day"),
        pytest.param({"until": Until.DAYS, "days": 367}, "days", "from 1 to 366", id="367 days"),
        pytest.param({"cap": TOTAL}, "until", "has no end", id="the end of a total cap"),
        pytest.param(
            {"amount": Decimal(651), "until": Until.PERMANENT},
            "amount",
            "The weekly cap $901.00 is above the monthly cap $900.00.",
            id="a raise above the longer period's cap",
        ),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field(named, field, says):
    found = wrong(a_draft(**named))

    assert list(found) == [field]
    assert says in found[field]


def test_everything_that_is_wrong_is_said_at_once():
    draft = a_draft(amount=Decimal(0), until=Until.DAYS, reason="")

    assert set(wrong(draft)) == {"amount", "days", "reason"}


def test_a_cap_it_does_not_have_is_refused_naming_those_it_has():
    found = wrong(a_draft(cap=DAILY), a_standing())

    assert found["cap"] == (
        "search-ranking has no daily cap; it has a weekly cap and a monthly cap."
    )


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (Status.PROPOSED, "activates it"),
        (Status.PAUSED, "/budget resume search-ranking"),
        (Status.RETIRED, "register a new workflow"),
        (Status.ENDED, "/budget edit search-ranking"),
    ],
)
def test_only_an_active_workflow_gets_more_and_the_rest_hear_what_to_do(status, says):
    workflow = a_workflow(status=status)

    found = wrong(a_draft(), a_standing(workflow=workflow))

    assert says in found["workflow"]
    with pytest.raises(NotAskable, match=says.split()[0]):
        check_active(workflow)


def test_for_a_time_a_cap_may_stand_above_that_of_a_longer_period():
    assert wrong(a_draft(amount=Decimal(5000))) == {}


def test_a_raise_may_lean_on_a_raise_that_waits_but_is_not_granted_before_it():
    monthly = a_request(cap=MONTHLY, amount=Decimal(1000), until=Until.PERMANENT)
    weekly = a_request(cap=WEEKLY, amount=Decimal(700), until=Until.PERMANENT)
    standing = a_standing(waiting=(monthly,))

    check_askable(weekly, standing, MONDAY)
    with pytest.raises(NotAskable, match="Raise that one first"):
        check_grantable(weekly, standing, MONDAY)


def test_a_lent_amount_that_waits_is_nothing_to_lean_on():
    lent = a_request(cap=MONTHLY, amount=Decimal(1000), until=Until.MONTH)
    weekly = a_draft(amount=Decimal(700), until=Until.PERMANENT)

    assert "amount" in wrong(weekly, a_standing(waiting=(lent,)))


@pytest.mark.parametrize(
    ("named", "end"),
    [
        pytest.param({"until": Until.PERIOD}, NEXT_MONDAY, id="its own week"),
        pytest.param({"cap": MONTHLY}, DECEMBER, id="its own month"),
        pytest.param({"cap": DAILY}, datetime(2026, 11, 23, 23, tzinfo=UTC), id="its own day"),
        pytest.param({"cap": DAILY, "until": Until.WEEK}, NEXT_MONDAY, id="this week"),
        pytest.param({"until": Until.MONTH}, DECEMBER, id="this month"),
        pytest.param({"cap": TOTAL, "until": Until.MONTH}, DECEMBER, id="a total cap's month"),
        pytest.param({"until": Until.DAYS, "days": 3}, MONDAY + timedelta(days=3), id="days"),
        pytest.param({"until": Until.PERMANENT}, None, id="for good"),
    ],
)
def test_it_lasts_from_approval_until(named, end):
    assert effect(a_draft(**named), EVERYTHING, MONDAY).end == end


@pytest.mark.parametrize(
    ("now", "end"),
    [
        pytest.param(
            datetime(2026, 10, 24, 10, tzinfo=UTC),
            datetime(2026, 10, 26, 11, tzinfo=UTC),
            id="over the hour that is repeated",
        ),
        pytest.param(
            datetime(2026, 3, 28, 10, tzinfo=UTC),
            datetime(2026, 3, 30, 9, tzinfo=UTC),
            id="over the hour that is skipped",
        ),
    ],
)
def test_days_end_at_the_same_local_time_when_daylight_saving_changes(now, end):
    draft = a_draft(until=Until.DAYS, days=2)

    assert effect(draft, EVERYTHING, now).end == end


def test_the_week_in_which_daylight_saving_ends_has_one_hour_more():
    thursday = datetime(2026, 10, 22, 10, tzinfo=UTC)

    assert effect(a_draft(), EVERYTHING, thursday).end == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "periods"),
    [
        pytest.param({}, 1, id="its own week"),
        pytest.param({"until": Until.MONTH}, 2, id="into the next week"),
        pytest.param({"until": Until.DAYS, "days": 7}, 2, id="a week from Monday noon"),
        pytest.param({"until": Until.DAYS, "days": 90}, 13, id="ninety days"),
        pytest.param({"cap": DAILY, "until": Until.WEEK}, 7, id="each day of a week"),
        pytest.param({"cap": TOTAL, "until": Until.MONTH}, 1, id="a total cap has one"),
    ],
)
def test_the_whole_amount_is_there_in_every_period_it_touches(named, periods):
    assert effect(a_draft(**named), EVERYTHING, MONDAY).periods == periods


def test_it_comes_on_top_of_what_is_in_force_already():
    standing = a_standing(overrides=(an_override(),))

    lent = effect(a_draft(), standing, MONDAY)
    for_good = effect(a_draft(until=Until.PERMANENT), standing, MONDAY)

    assert (lent.before, lent.after) == (Decimal(350), Decimal(450))
    assert (for_good.before, for_good.after) == (Decimal(250), Decimal(350))


def test_a_cap_that_is_gone_cannot_be_added_to():
    with pytest.raises(NotAskable, match="has no total cap"):
        effect(a_draft(cap=TOTAL), a_standing(), MONDAY)


def test_an_override_starts_at_approval():
    later = MONDAY + timedelta(hours=5)

    override = override_of(a_request(), NEXT_MONDAY, ANA, later)

    assert (override.start, override.end, override.amount) == (later, NEXT_MONDAY, Decimal(100))
    assert (override.request, override.granted_by, override.cap) == ("r-1", ANA, WEEKLY)


def test_a_permanent_raise_adds_to_the_base_as_it_has_become():
    lowered = a_workflow(caps=Caps(weekly=Decimal(200), monthly=Decimal(900)))

    assert raised(a_request(until=Until.PERMANENT), lowered).caps.weekly == Decimal(300)


def test_an_edit_asks_for_each_raised_cap_the_longest_period_first():
    wanted = Caps(weekly=Decimal(1000), monthly=Decimal(4000), total=Decimal(9))

    drafts = raises(a_workflow(), wanted, by=MIA, reason="More people.")

    assert [(one.cap, one.amount, one.permanent) for one in drafts] == [
        (MONTHLY, Decimal(3100), True),
        (WEEKLY, Decimal(750), True),
    ]
    assert {one.asked_by for one in drafts} == {MIA}


def test_an_edit_that_lowers_or_adds_caps_asks_for_nothing():
    wanted = Caps(daily=Decimal(10), weekly=Decimal(200), monthly=Decimal(900))

    assert raises(a_workflow(), wanted, by=MIA, reason="Less.") == ()


def states(**spent):
    return [
        a_watch(kind=CapKind(kind), cap=getattr(ALL_CAPS, kind), spent=Decimal(usd)).state
        for kind, usd in spent.items()
    ]


@pytest.mark.parametrize(
    ("spent", "first"),
    [
        pytest.param({"weekly": 240, "monthly": 860}, MONTHLY, id="less left in the month"),
        pytest.param({"weekly": 240, "monthly": 790}, None, id="just enough left in the month"),
        pytest.param({"weekly": 240, "monthly": 791}, MONTHLY, id="a dollar too little"),
        pytest.param({"daily": 10, "weekly": 240}, None, id="a day starts again before"),
        pytest.param({"daily": 50, "weekly": 240}, DAILY, id="a day that is used up"),
        pytest.param({"weekly": 240}, None, id="no other cap"),
        pytest.param({"monthly": 900}, None, id="the cap itself unknown"),
    ],
)
def test_the_cap_that_stops_it_first_is_named(spent, first):
    found = stops_first(a_draft(), states(**spent))

    assert (found and found.cap.kind) == first
