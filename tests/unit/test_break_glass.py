from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.break_glass import (
    AlreadyReviewed,
    BreakGlass,
    Reach,
    Review,
    check_amount,
    check_may_break,
    check_may_review,
    may_break,
    moved_on,
    reviewed,
    reviewers,
)
from bot.cards import break_glass as cards
from bot.delegations import Delegation
from bot.edits import Wrong
from bot.incidents import Incident, read, taken
from bot.periods import CapKind, local_day
from bot.policy import Policy
from bot.refusal import NotAllowed, Refusal
from bot.workflows import Caps
from bot.working_days import end_of_next, next_morning, next_working_day
from playground.blockkit import problems
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_standing,
    a_team,
    a_workflow,
    an_organisation,
)

KIM = "U0KIM"
ZONES = ("Pacific/Auckland", "Asia/Kolkata", "America/Sao_Paulo", "America/Los_Angeles")
STANDS_IN = Delegation("d", ANA, KIM, MONDAY, MONDAY + timedelta(days=1), "Holiday.")


@pytest.mark.parametrize(
    ("day", "following"),
    [
        pytest.param(date(2026, 11, 23), date(2026, 11, 24), id="Monday"),
        pytest.param(date(2026, 11, 27), date(2026, 11, 30), id="Friday"),
        pytest.param(date(2026, 11, 28), date(2026, 11, 30), id="Saturday"),
        pytest.param(date(2026, 11, 29), date(2026, 11, 30), id="Sunday"),
        pytest.param(date(2026, 7, 31), date(2026, 8, 3), id="Friday at a month's end"),
        pytest.param(date(2028, 2, 28), date(2028, 2, 29), id="before a leap day"),
        pytest.param(date(2026, 12, 31), date(2027, 1, 1), id="New Year's Eve"),
    ],
)
def test_working_days_are_monday_to_friday(day, following):
    assert next_working_day(day) == following


@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        pytest.param(
            "Pacific/Auckland", "2026-11-27T00:00+13:00", "2026-12-01T00:00+13:00", id="Auckland"
        ),
        pytest.param(
            "Asia/Kolkata", "2026-11-30T23:59+05:30", "2026-12-02T00:00+05:30", id="Kolkata"
        ),
        pytest.param(
            "America/Sao_Paulo", "2026-11-28T12:00-03:00", "2026-12-01T00:00-03:00", id="São Paulo"
        ),
        pytest.param(
            "America/Los_Angeles",
            "2026-10-30T18:00-07:00",
            "2026-11-03T00:00-08:00",
            id="Los Angeles, over the end of summer time",
        ),
        pytest.param(
            "Pacific/Auckland",
            "2026-09-25T18:00+12:00",
            "2026-09-29T00:00+13:00",
            id="Auckland, over its beginning",
        ),
    ],
)
def test_the_money_ends_with_the_next_working_day_of_the_team(zone, now, end):
    assert end_of_next(datetime.fromisoformat(now), zone) == datetime.fromisoformat(end)


@given(
    now=st.integers(0, 3 * 365 * 24 * 60).map(lambda one: MONDAY + timedelta(minutes=one)),
    zone=st.sampled_from(ZONES),
)
def test_it_is_looked_at_on_a_working_day_at_nine_before_the_money_ends(now, zone):
    morning, end = next_morning(now, zone, time(9)), end_of_next(now, zone)
    local = morning.astimezone(ZoneInfo(zone))

    assert local.time() == time(9)
    assert local.weekday() < 5
    assert now < morning < end
    assert local_day(now, zone) < local.date() <= local_day(now, zone) + timedelta(days=3)


@pytest.mark.parametrize("by", [OWEN, MIA, ANA, SAM, KIM])
def test_those_who_answer_for_it_may_and_who_stands_in(by):
    organisation = an_organisation(delegations=(STANDS_IN,))

    assert may_break(by, a_workflow(), a_team(), organisation, MONDAY)


@pytest.mark.parametrize(
    ("by", "now"),
    [
        pytest.param(FIN, MONDAY, id="finance"),
        pytest.param("U0ZOE", MONDAY, id="a member"),
        pytest.param(KIM, MONDAY + timedelta(days=1), id="who stood in until now"),
    ],
)
def test_nobody_else_may(by, now):
    organisation = an_organisation(delegations=(STANDS_IN,))

    with pytest.raises(NotAllowed, match=OWEN):
        check_may_break(by, a_workflow(), a_team(), organisation, now)


@pytest.mark.parametrize("amount", ["0", "0.001", "-5", "500.01"])
def test_the_amount_has_its_limit_which_is_named(amount):
    with pytest.raises(Refusal) as refused:
        check_amount(Decimal(amount), Decimal(500), Reach(1, "week"))

    assert refused.value.field == "amount"


ONE = BreakGlass("b-1", "search-ranking", MIA, MONDAY, Review.ASKED, MONDAY)


@pytest.mark.parametrize(
    ("one", "organisation", "team", "may"),
    [
        pytest.param(ONE, an_organisation(), a_team(), {ANA, FIN}, id="approver and finance"),
        pytest.param(
            replace(ONE, by=ANA), an_organisation(), a_team(), {FIN}, id="not who took it"
        ),
        pytest.param(
            ONE,
            an_organisation(finance=(OWEN,)),
            a_team(approver=None),
            {SAM},
            id="admins where only the owner is left",
        ),
        pytest.param(
            ONE,
            an_organisation(delegations=(STANDS_IN,)),
            a_team(),
            {ANA, FIN, KIM},
            id="with who stands in",
        ),
        pytest.param(
            replace(ONE, by=KIM),
            an_organisation(delegations=(STANDS_IN,)),
            a_team(),
            {ANA, FIN},
            id="not who stood in and took it",
        ),
        pytest.param(
            replace(ONE, by=SAM),
            an_organisation(finance=()),
            a_team(approver=None),
            set(),
            id="nobody",
        ),
    ],
)
def test_others_than_who_took_it_look_at_it(one, organisation, team, may):
    found = reviewers(one, OWEN, a_workflow(), team, organisation, MONDAY)

    assert {each.person for each in found} == may


def test_whoever_owned_it_then_stays_barred_as_its_owner_of_today_is():
    organisation = an_organisation(finance=(FIN, OWEN, KIM))

    found = reviewers(ONE, OWEN, a_workflow(owner=KIM), a_team(), organisation, MONDAY)

    assert {each.person for each in found} == {ANA, FIN}


def test_the_clock_asks_reminds_and_leaves_it():
    friday = datetime(2026, 11, 27, 8, tzinfo=UTC)
    asked = moved_on(replace(ONE, state=Review.OPEN), "Europe/Berlin", friday)
    reminded = moved_on(asked, "Europe/Berlin", asked.due_at or friday)
    left = moved_on(reminded, "Europe/Berlin", reminded.due_at or friday)

    assert (asked.state, asked.due_at) == (Review.ASKED, datetime(2026, 11, 30, 8, tzinfo=UTC))
    assert (reminded.state, reminded.due_at) == (
        Review.REMINDED,
        datetime(2026, 12, 1, 8, tzinfo=UTC),
    )
    assert (left.state, left.due_at) == (Review.NOT_REVIEWED, None)


@pytest.mark.parametrize("state", [Review.OPEN, Review.RIGHT, Review.WRONG, Review.NOT_REVIEWED])
def test_it_is_answered_only_while_it_waits(state):
    may = reviewers(ONE, OWEN, a_workflow(), a_team(), an_organisation(), MONDAY)

    with pytest.raises(AlreadyReviewed):
        check_may_review(ANA, replace(ONE, state=state), may)


def test_a_no_has_a_reason():
    with pytest.raises(Refusal) as refused:
        reviewed(ONE, Review.WRONG, ANA, " \u200b", MONDAY)

    assert refused.value.field == "note"
    assert reviewed(ONE, Review.RIGHT, ANA, "", MONDAY).answered_by == ANA


INCIDENT = Incident("b-1", "search-ranking", CapKind.WEEKLY, Decimal(200), "Outage.", MIA)


def test_all_that_is_wrong_is_said_at_once():
    bad = replace(INCIDENT, cap=CapKind.TOTAL, amount=Decimal(501), reason="\x00")

    with pytest.raises(Wrong) as wrong:
        read(bad, a_workflow(), Policy(), MONDAY)

    assert [one.field for one in wrong.value.found] == ["cap", "amount", "reason"]


def test_taken_on_a_friday_it_lasts_over_the_weekend_in_each_period():
    friday = datetime(2026, 11, 27, 10, tzinfo=UTC)
    new = taken(INCIDENT, a_standing(), "C0SEARCH", friday)

    assert new.effect.end == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert new.effect.periods == 2
    assert new.override.end == new.effect.end
    assert new.asked_at == datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert new.again_at == datetime(2026, 11, 30, 23, tzinfo=UTC)


FRIDAY = datetime(2026, 11, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cap", "most", "words"),
    [
        pytest.param(CapKind.DAILY, "125", "each of 4 days, $500.04 in all", id="over a weekend"),
        pytest.param(CapKind.WEEKLY, "250", "each of 2 weeks, $500.02 in all", id="into a week"),
        pytest.param(CapKind.MONTHLY, "500", "At most $500.00 in an incident (", id="one month"),
    ],
)
def test_what_every_period_gets_stays_together_within_the_limit(cap, most, words):
    daily = a_workflow(caps=Caps(daily=Decimal(50), weekly=Decimal(250), monthly=Decimal(900)))
    within = replace(INCIDENT, cap=cap, amount=Decimal(most))
    beyond = replace(within, amount=Decimal(most) + Decimal("0.01"))

    assert read(within, daily, Policy(), FRIDAY) == within
    with pytest.raises(Wrong) as wrong:
        read(beyond, daily, Policy(), FRIDAY)

    [refused] = wrong.value.found
    assert refused.field == "amount"
    assert words in str(refused)


def test_the_form_says_what_it_gives_before_it_is_sent():
    daily = a_workflow(caps=Caps(daily=Decimal(50), weekly=Decimal(250), monthly=Decimal(900)))

    text = cards.before(daily, Decimal(500), FRIDAY)

    assert "until Tue 1 Dec 00:00 CET" in text
    assert "at most $125.00 in each of 4 days, $500.00 in all" in text
    assert "at most $250.00 in each of 2 weeks, $500.00 in all" in text
    assert "monthly" not in text


@given(most=st.integers(1, 10**7), periods=st.integers(1, 9))
def test_the_largest_amount_it_names_is_taken_and_a_cent_more_is_not(most, periods):
    limit, reach = Decimal(most), Reach(periods, "day")
    largest = reach.each_of(limit)

    check_amount(largest, limit, reach)
    with pytest.raises(Refusal):
        check_amount(largest + Decimal("0.01"), limit, reach)


def test_those_who_hear_of_it_read_what_it_gives_in_all():
    new = taken(replace(INCIDENT, amount=Decimal(250)), a_standing(), "C0SEARCH", FRIDAY)

    assert "($250.00 in each of 2 weeks, $500.00 in all)" in cards.for_channel(new, [ANA]).text


HOSTILE = "<!channel> *x* \u202e\x00\n`y` :boom: " * 18
NEW = taken(replace(INCIDENT, reason=HOSTILE), a_standing(), "C0SEARCH", MONDAY)
LOUD = replace(NEW, workflow=a_workflow(name=HOSTILE))
MAY = reviewers(ONE, OWEN, a_workflow(), a_team(), an_organisation(), MONDAY)
SAID = reviewed(ONE, Review.WRONG, ANA, HOSTILE[:700], MONDAY)


@pytest.mark.parametrize(
    "card",
    [
        cards.for_channel(LOUD, [ANA]),
        cards.for_person(LOUD),
        cards.for_taker(LOUD),
        cards.question(ONE, NEW.request, MAY, (MONDAY, MONDAY), "Europe/Berlin"),
        cards.question(ONE, NEW.request, (), (MONDAY, MONDAY), "Europe/Berlin"),
        cards.asked_privately(ONE, NEW.request, LOUD.workflow, MONDAY, "Europe/Berlin"),
        cards.settled(cards.for_channel(LOUD, [ANA]), SAID, KIM, "Europe/Berlin"),
        cards.settled(None, replace(ONE, state=Review.NOT_REVIEWED), None, "Europe/Berlin"),
        cards.for_those_concerned(SAID, LOUD.workflow, None, "Europe/Berlin"),
    ],
)
def test_each_card_is_one_that_slack_takes_and_mentions_no_channel(card):
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    assert "<!channel>" not in card.text


def test_the_channel_reads_who_what_until_when_and_what_follows():
    text = cards.for_channel(NEW, [ANA]).text

    assert f"<@{MIA}> took +$200.00 on the weekly cap" in text
    assert f"<@{OWEN}>, <@{ANA}>" in text
    assert "until Wed 25 Nov 00:00 CET" in text
    assert "Tue 24 Nov 09:00 CET" in text
