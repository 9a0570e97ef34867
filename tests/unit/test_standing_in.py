from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.absences import NoSuchDays, read_away
from bot.cards import standing_in as cards
from bot.cards.terms import days_said
from bot.delegations import Absence, Delegation
from bot.handovers import (
    Handover,
    channels_of,
    check_may_end,
    delegation_of,
    problems,
    says_of,
    stretch,
)
from bot.people import Person
from bot.refusal import NotAllowed
from bot.workflows import Status
from playground.blockkit import problems as slack_problems
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation

TODAY = date(2026, 11, 23)
ZOE = "U0ZOE"
PERSON = Person(ZOE, "Zoe", "Europe/Berlin", outsider=False, deleted=False, read_at=MONDAY)


def a_handover(**named):
    plain = Handover("d-1", ANA, ZOE, TODAY, TODAY + timedelta(days=7), "Holiday.")
    return replace(plain, **named)


def fields(handover, to=PERSON, running=(), zone="Europe/Berlin"):
    return {one.field for one in problems(handover, to, running, zone, TODAY)}


def test_a_handover_of_a_week_has_no_problem():
    assert fields(a_handover()) == set()


@pytest.mark.parametrize(
    ("named", "to", "field"),
    [
        pytest.param({"to": ANA}, PERSON, "to", id="to oneself"),
        pytest.param({}, None, "to", id="to nobody Slack knows"),
        pytest.param({}, replace(PERSON, outsider=True), "to", id="to a guest"),
        pytest.param({}, replace(PERSON, deleted=True), "to", id="to somebody who left"),
        pytest.param({"first": date(2026, 11, 22)}, PERSON, "first", id="from yesterday"),
        pytest.param({"last": date(2026, 11, 22)}, PERSON, "last", id="over already"),
        pytest.param({"last": date(2027, 11, 24)}, PERSON, "last", id="for more than a year"),
        pytest.param({"reason": " \u200b\n"}, PERSON, "reason", id="without a visible reason"),
        pytest.param({"reason": "x" * 301}, PERSON, "reason", id="with a novel for a reason"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(named, to, field):
    assert field in fields(a_handover(**named), to)


def test_a_whole_year_may_be_handed_over():
    assert fields(a_handover(last=date(2027, 11, 23))) == set()


def test_the_same_person_is_not_named_twice_for_the_same_days():
    running = [delegation_of(a_handover(), "Europe/Berlin")]
    later = a_handover(id="d-2", first=date(2026, 12, 1), last=date(2026, 12, 2))

    assert fields(a_handover(id="d-2"), running=running) == {"to"}
    assert fields(later, running=running) == set()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        pytest.param("Pacific/Auckland", date(2026, 9, 27), 23, id="Auckland springs forward"),
        pytest.param("America/Los_Angeles", date(2026, 11, 1), 25, id="Los Angeles falls back"),
        pytest.param("Asia/Kolkata", date(2028, 2, 29), 24, id="a leap day in Kolkata"),
        pytest.param("America/Sao_Paulo", date(2026, 12, 31), 24, id="São Paulo's last day"),
    ],
)
def test_days_are_the_persons_own_and_both_ends_count(zone, day, hours):
    start, end = stretch(day, day, zone)

    assert end - start == timedelta(hours=hours)
    assert days_said(start, end, zone) == f"{day:%a %-d %b %Y}"


@pytest.mark.parametrize(
    ("person", "roles"),
    [
        pytest.param(ANA, ("approver",), id="the team's approver"),
        pytest.param(FIN, ("finance",), id="finance"),
        pytest.param(SAM, ("admin",), id="an admin"),
        pytest.param(OWEN, ("owner or backup",), id="the owner"),
        pytest.param(MIA, ("owner or backup",), id="the backup"),
        pytest.param(ZOE, (), id="a member"),
    ],
)
def test_what_somebody_can_hand_over_follows_from_their_roles(person, roles):
    assert says_of(person, an_organisation(), [a_team()], [a_workflow()]) == roles


def test_an_owner_of_what_is_retired_has_nothing_to_hand_over():
    assert says_of(OWEN, an_organisation(), [a_team()], [a_workflow(status=Status.RETIRED)]) == ()


def test_those_who_wait_for_an_approver_are_where_the_approver_decides():
    own = a_workflow(key="support", approver=ANA, channel="C0SUPPORT")

    assert channels_of(ANA, [a_team()], [a_workflow(), own]) == ("C0SEARCH", "C0SUPPORT")
    assert channels_of(FIN, [a_team()], [a_workflow(), own]) == ()


@pytest.mark.parametrize("by", [ANA, ZOE, SAM])
def test_the_two_and_an_admin_may_end_it(by):
    check_may_end(by, delegation_of(a_handover(), "Europe/Berlin"), (SAM,))


def test_nobody_else_may_end_it():
    with pytest.raises(NotAllowed, match=ANA):
        check_may_end(OWEN, delegation_of(a_handover(), "Europe/Berlin"), (SAM,))


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        pytest.param("to 1 Dec", TODAY, date(2026, 12, 1), id="from now on"),
        pytest.param("until Friday", TODAY, date(2026, 11, 27), id="until a weekday"),
        pytest.param("24 Nov to 1 Dec", date(2026, 11, 24), date(2026, 12, 1), id="both days"),
        pytest.param("from tomorrow to 30.11.", date(2026, 11, 24), date(2026, 11, 30), id="dots"),
        pytest.param("2026-12-01 - 2026-12-03", date(2026, 12, 1), date(2026, 12, 3), id="ISO"),
        pytest.param("28 Dec \u2013 3 Jan", date(2026, 12, 28), date(2027, 1, 3), id="new year"),
        pytest.param("20 Nov to 1 Dec", TODAY, date(2026, 12, 1), id="away since Friday"),
        pytest.param("today to today", TODAY, TODAY, id="a day"),
        pytest.param("FROM 24 NOV TO 1 DEC", date(2026, 11, 24), date(2026, 12, 1), id="loudly"),
    ],
)
def test_days_away_are_read_as_people_write_them(words, first, last):
    away = read_away(words, TODAY)

    assert (away.first, away.last) == (first, last)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "tomorrow",
        "to",
        "to never",
        "1 Dec to 24 Nov",
        "to 20 Nov",
        "to 1 Dec 2030",
        "31 Feb to 1 Mar",
        "a to b to c",
        "<!channel> to *1 Dec*",
        "\x00 to \u202e",
    ],
)
def test_what_are_no_days_is_refused_with_an_example(words):
    with pytest.raises(NoSuchDays) as refused:
        read_away(words, TODAY)

    assert "<!" not in str(refused.value)


@given(words=st.text(max_size=60))
def test_no_text_breaks_the_reading_of_days(words):
    try:
        away = read_away(words, TODAY)
    except NoSuchDays:
        return
    assert TODAY <= away.first <= away.last


HOSTILE = "<!channel> *x* \u202e\x00\n`y` :boom: " * 20
NAMED = Delegation("d-1", ANA, ZOE, MONDAY, MONDAY + timedelta(days=8), HOSTILE)
GONE = Absence(OWEN, MONDAY, MONDAY + timedelta(days=8))
MANY = [a_workflow(key=f"w{n}", name=HOSTILE, backup=MIA if n % 2 else None) for n in range(80)]


@pytest.mark.parametrize(
    "card",
    [
        cards.named_for_channel(NAMED, "Europe/Berlin"),
        cards.named_for_delegate(NAMED, ("approver",), "Europe/Berlin"),
        cards.named(NAMED, "Europe/Berlin"),
        cards.ended(NAMED, SAM),
        cards.away(GONE, MANY, "Europe/Berlin", approves=True),
        cards.away(GONE, [], "Asia/Kolkata", approves=False),
        cards.for_backup(GONE, MANY, "Europe/Berlin"),
        cards.back([GONE] * 90, "Europe/Berlin"),
        cards.back([], "Europe/Berlin"),
    ],
)
def test_each_card_is_one_that_slack_takes_and_mentions_no_channel(card):
    assert slack_problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    assert "<!channel>" not in card.text


def test_who_is_away_reads_what_it_changes():
    card = cards.away(GONE, [a_workflow(), a_workflow(backup=None)], "Europe/Berlin", approves=True)

    assert f"<@{MIA}> is addressed beside you" in card.text
    assert "no backup: only you" in card.text
    assert "/budget delegate" in card.text


def test_instants_are_kept_in_utc():
    delegation = delegation_of(a_handover(), "Europe/Berlin")

    assert delegation.start == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert delegation.end == datetime(2026, 11, 30, 23, tzinfo=UTC)
