from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bot.break_glass import BreakGlass, Review
from bot.cards import proven as proven_cards
from bot.cards import requests as request_cards
from bot.cards import small_raises as cards
from bot.cards.exception_notes import Exceptional, exception_notes
from bot.cards.requests import Asking
from bot.chain import chain_for
from bot.outcomes import Happened, Outcome
from bot.periods import BEGINNING, Calendar, CapKind
from bot.policy import PerClass, Policy
from bot.proven import Proven, check_may_mark, read_reason
from bot.raise_limits import beyond_limits
from bot.refusal import NotAllowed, Refusal
from bot.request_clocks import first_clocks
from bot.request_effects import effect
from bot.request_size import is_expedited
from bot.requests import Path, State, Step, Until
from bot.small_raises import (
    NotTakenBack,
    SmallRaise,
    check_may_be_taken_back,
    goes_by_itself,
)
from bot.workflows import Caps, Kind
from playground.blockkit import problems
from tests.builders import (
    ANA,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_draft,
    a_request,
    a_standing,
    a_workflow,
    an_organisation,
    an_override,
)

POLICY = Policy()
WEEK = a_standing()
PROVEN = Proven("search-ranking", "3 of 3 outcomes met.", SAM, MONDAY)


def small(**named):
    return a_draft(**{"amount": Decimal(20), **named})


@pytest.mark.parametrize(
    ("draft", "standing", "policy", "by_itself"),
    [
        pytest.param(small(), WEEK, POLICY, True, id="the owner's, this week"),
        pytest.param(small(asked_by=MIA), WEEK, POLICY, True, id="the backup's"),
        pytest.param(small(asked_by=ANA), WEEK, POLICY, False, id="the approver's"),
        pytest.param(small(asked_by="U0ZOE"), WEEK, POLICY, False, id="a member's"),
        pytest.param(small(amount=Decimal(25)), WEEK, POLICY, True, id="just small"),
        pytest.param(small(amount=Decimal("25.01")), WEEK, POLICY, False, id="just too large"),
        pytest.param(small(until=Until.PERMANENT), WEEK, POLICY, False, id="for good"),
        pytest.param(
            small(until=Until.DAYS, days=8), WEEK, POLICY, False, id="20 in each of two weeks"
        ),
        pytest.param(
            small(amount=Decimal(12), until=Until.DAYS, days=8),
            WEEK,
            POLICY,
            True,
            id="12 in each of two weeks",
        ),
        pytest.param(
            small(), WEEK, Policy(small_raise_up_to=Decimal(0)), False, id="switched off by size"
        ),
        pytest.param(
            small(), WEEK, Policy(small_raises_a_month=0), False, id="switched off by number"
        ),
        pytest.param(
            small(),
            a_standing(overrides=(an_override(amount=Decimal(490)),)),
            POLICY,
            False,
            id="on top of what finance would be asked for",
        ),
    ],
)
def test_what_goes_through_by_itself(draft, standing, policy, by_itself):
    assert goes_by_itself(draft, standing, policy, MONDAY) is by_itself


GRANTED = a_request(
    amount=Decimal(20),
    path=Path.SMALL,
    state=State.APPROVED,
    answered_by="budget-bot",
    answered_at=MONDAY,
)


def test_it_is_taken_back_for_a_day():
    check_may_be_taken_back(GRANTED, MONDAY + timedelta(hours=23))

    with pytest.raises(NotTakenBack, match="over"):
        check_may_be_taken_back(GRANTED, MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    "named", [{"path": Path.NORMAL}, {"state": State.WAITING}, {"path": Path.BREAK_GLASS}]
)
def test_nothing_else_is_taken_back(named):
    with pytest.raises(NotTakenBack):
        check_may_be_taken_back(replace(GRANTED, **named), MONDAY)


LIMITS = Policy(
    largest_raise=PerClass(Decimal(100), Decimal(1_000), Decimal(10_000)),
    longest_raise_days=PerClass(Decimal(7), Decimal(30), Decimal(120)),
)
EXPERIMENT = a_standing(workflow=a_workflow(kind=Kind.EXPERIMENT))


@pytest.mark.parametrize(
    ("draft", "standing", "fields"),
    [
        pytest.param(a_draft(amount=Decimal(100)), EXPERIMENT, [], id="just the largest"),
        pytest.param(a_draft(amount=Decimal("100.01")), EXPERIMENT, ["amount"], id="a cent more"),
        pytest.param(
            a_draft(amount=Decimal(60), until=Until.DAYS, days=7),
            EXPERIMENT,
            ["amount"],
            id="60 in each of two weeks",
        ),
        pytest.param(
            a_draft(amount=Decimal(10), until=Until.DAYS, days=8),
            EXPERIMENT,
            ["days"],
            id="a day too long",
        ),
        pytest.param(
            a_draft(amount=Decimal(10), until=Until.MONTH),
            EXPERIMENT,
            ["until"],
            id="until the month's end, eight days on",
        ),
        pytest.param(
            a_draft(amount=Decimal(101), until=Until.PERMANENT),
            EXPERIMENT,
            ["amount"],
            id="for good has a size and no length",
        ),
        pytest.param(
            a_draft(amount=Decimal(10_000)), WEEK, [], id="production gets more in one raise"
        ),
        pytest.param(
            a_draft(amount=Decimal(10), until=Until.DAYS, days=120), WEEK, [], id="and for longer"
        ),
    ],
)
def test_size_and_length_have_limits_for_each_class(draft, standing, fields):
    found = list(beyond_limits(draft, standing, LIMITS, MONDAY))

    assert [one.field for one in found] == fields
    assert all("An admin changes that" in str(one) for one in found)


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("America/Los_Angeles", "2026-10-30T12:00-07:00"),
        ("Pacific/Auckland", "2026-09-25T12:00+12:00"),
        ("America/Sao_Paulo", "2028-02-28T12:00-03:00"),
        ("Asia/Kolkata", "2026-12-28T12:00+05:30"),
    ],
)
def test_days_are_counted_on_the_wall_whatever_the_clock_does(zone, now):
    workflow = a_workflow(kind=Kind.EXPERIMENT, calendars=(Calendar(BEGINNING, zone),))
    week = a_draft(amount=Decimal(1), until=Until.DAYS, days=7)
    moment = datetime.fromisoformat(now)

    assert not list(beyond_limits(week, a_standing(workflow=workflow), LIMITS, moment))
    longer = replace(week, days=8)
    assert list(beyond_limits(longer, a_standing(workflow=workflow), LIMITS, moment))


@pytest.mark.parametrize(
    ("amount", "proven", "steps", "expedited"),
    [
        pytest.param(500, None, [Step.APPROVER], False, id="what the approver decides anyway"),
        pytest.param(501, None, [Step.APPROVER, Step.FINANCE], False, id="without proof"),
        pytest.param(501, PROVEN, [Step.APPROVER], True, id="with proof"),
        pytest.param(2_000, PROVEN, [Step.APPROVER], True, id="up to its own limit"),
        pytest.param(2_001, PROVEN, [Step.APPROVER, Step.FINANCE], False, id="above it"),
        pytest.param(20, PROVEN, [Step.APPROVER], False, id="a small one"),
    ],
)
def test_proven_return_spares_finance_up_to_a_limit(amount, proven, steps, expedited):
    standing = a_standing(proven=proven)
    draft = a_draft(amount=Decimal(amount))
    chain = chain_for(draft, standing, an_organisation(), MONDAY)

    assert [link.step for link in chain.links] == steps
    assert is_expedited(draft, standing, an_organisation().policy, MONDAY) is expedited


def test_only_admins_mark_and_they_say_why():
    check_may_mark(SAM, (SAM,))

    with pytest.raises(NotAllowed, match=SAM):
        check_may_mark(ANA, (SAM,))
    with pytest.raises(Refusal, match="expedite search-ranking"):
        read_reason(" \u200b", "search-ranking")
    with pytest.raises(Refusal, match="300"):
        read_reason("x" * 301, "search-ranking")


HOSTILE = "<!channel> *x* \u202e\x00\n`y` :boom: " * 15
LOUDLY = replace(PROVEN, reason=HOSTILE)
LOUD = a_standing(workflow=a_workflow(name=HOSTILE), proven=LOUDLY)
WORST = replace(GRANTED, reason=HOSTILE, outcome=HOSTILE, target=HOSTILE)
ASKING = Asking(
    WORST,
    LOUD,
    effect(WORST, LOUD, MONDAY),
    (),
    chain_for(WORST, LOUD, an_organisation(), MONDAY),
    "Europe/Berlin",
    first_clocks(POLICY, MONDAY),
    expedited=True,
)
SMALL = SmallRaise(Decimal(25), 1, 2)


@pytest.mark.parametrize(
    "card",
    [
        cards.for_channel(ASKING, WORST, SMALL, ["The weekly cap is now $270.00."]),
        cards.for_approver(ASKING, WORST, SMALL),
        cards.for_requester(ASKING, WORST, SMALL),
        cards.where_typed(WORST, LOUD.workflow),
        cards.settled(
            cards.for_channel(ASKING, WORST, SMALL, []),
            WORST,
            cards.taken_back((ANA, OWEN), MONDAY, [], "UTC"),
        ),
        cards.settled(None, WORST, cards.taken_back((ANA, None), MONDAY, [], "UTC")),
        cards.for_owner(ASKING, WORST, SMALL, ["The weekly cap is now $270.00."]),
        cards.taken_back_privately(WORST, LOUD.workflow, (ANA, None)),
        proven_cards.marked(LOUD.workflow, LOUDLY, POLICY),
        proven_cards.marked(LOUD.workflow, LOUDLY, Policy(expedited_over=Decimal(1))),
        proven_cards.unmarked(LOUD.workflow, SAM),
        proven_cards.for_finance(WORST, LOUD.workflow, LOUDLY),
        request_cards.asked(ASKING, WORST),
    ],
)
def test_each_card_is_one_that_slack_takes_and_mentions_no_channel(card):
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    assert "<!channel>" not in card.text


def test_the_channel_reads_that_the_policy_did_it_and_who_may_take_it_back():
    standing = a_standing()
    asking = replace(ASKING, draft=GRANTED, standing=standing)
    text = cards.for_channel(asking, GRANTED, SMALL, ["The weekly cap is now $270.00."]).text

    assert "within the policy: up to $25.00, 1 of 2 this month" in text
    assert f"<@{ANA}> may take it back until Tue 24 Nov 10:00 CET" in text


def test_a_request_for_a_total_cap_is_measured_too():
    workflow = a_workflow(kind=Kind.EXPERIMENT, caps=Caps(total=Decimal(100)))
    draft = a_draft(cap=CapKind.TOTAL, amount=Decimal(101), until=Until.DAYS, days=3)

    [found] = beyond_limits(draft, a_standing(workflow=workflow), LIMITS, MONDAY)

    assert found.field == "amount"


SAID = Outcome(
    "r-1",
    "search-ranking",
    OWEN,
    MONDAY,
    CapKind.WEEKLY,
    Decimal(100),
    answer=Happened.PARTLY,
    evidence=HOSTILE,
    by=OWEN,
    at=MONDAY,
)


def test_the_contract_shows_what_was_granted_and_what_came_of_it():
    broken = BreakGlass("r-1", "search-ranking", MIA, MONDAY, Review.WRONG, note="No incident.")
    paths = [replace(GRANTED, path=path) for path in Path]
    known = [
        Exceptional(an_override(), paths[0], SAID),
        Exceptional(an_override(), paths[0], replace(SAID, answer=None)),
        Exceptional(an_override(), paths[1]),
        Exceptional(an_override(), paths[2]),
        Exceptional(an_override(ended_at=MONDAY), paths[3], broken=broken),
        *(Exceptional(an_override()) for _ in range(3)),
    ]

    notes = exception_notes(PROVEN, known, "Europe/Berlin", MONDAY)

    assert len(notes) == 8
    assert "3 of 3 outcomes met" in notes[0]
    assert "it happened in part" in notes[2]
    assert "no answer yet" in notes[3]
    assert "by itself" in notes[4]
    assert "expedited" in notes[5]
    assert "it was not right: “No incident.”" in notes[6]
    assert notes[7] == "• and 3 before"
    assert len("\n".join(notes)) < 3_000
    assert "<!channel>" not in str(notes)


def test_without_exceptions_the_contract_says_nothing_of_them():
    assert exception_notes(None, [], "Europe/Berlin", MONDAY) == ()
