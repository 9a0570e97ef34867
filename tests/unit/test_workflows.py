from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delegations import Delegation
from bot.edits import NoLimit, at_once, wrong
from bot.moves import Move, is_over, made
from bot.people import may_activate, may_edit
from bot.periods import CapKind
from bot.proposals import proposal
from bot.refusal import NotAllowed, Refusal
from bot.workflows import (
    Caps,
    Kind,
    NotARecord,
    NotThatWay,
    Status,
    Workflow,
    activated,
    checked,
    contradictions,
    missing,
    moved,
)
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation

TODAY = date(2026, 11, 23)
money = st.integers(1, 1_000).map(Decimal)


@st.composite
def caps(draw):
    """Caps that do not contradict each other."""
    day, week, month = sorted(draw(st.tuples(money, money, money)))
    some = draw(st.lists(st.booleans(), min_size=4, max_size=4))
    values = (day, week, month, draw(money))
    return Caps(*(value if there else None for value, there in zip(values, some, strict=True)))


@pytest.mark.parametrize(
    ("kind", "lacks"),
    [
        (Kind.EXPERIMENT, ("owner", "monthly_cap or total_cap", "ends_on")),
        (Kind.TEAM_TOOL, ("owner", "weekly_cap", "monthly_cap", "review_date")),
        (
            Kind.PRODUCTION,
            (
                *("owner", "weekly_cap", "monthly_cap", "review_date"),
                *("success_metric", "exception_rule", "approver", "enforcement"),
            ),
        ),
    ],
)
def test_each_class_says_what_it_needs(kind, lacks):
    bare = Workflow("a", "A", "search", kind=kind)

    assert missing(bare, a_team(approver=None)) == lacks


@pytest.mark.parametrize("caps", [Caps(monthly=Decimal(1)), Caps(total=Decimal(1))])
def test_one_of_two_caps_is_enough_for_an_experiment(caps):
    trial = a_workflow(kind=Kind.EXPERIMENT, caps=caps, ends_on=TODAY)

    assert missing(trial, a_team()) == ()


def test_the_team_s_approver_serves_where_the_workflow_names_none():
    assert "approver" not in missing(a_workflow(approver=None), a_team(approver=ANA))
    assert "approver" not in missing(a_workflow(approver=ANA), a_team(approver=None))


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"key": "Search"}, "key"),
        ({"key": "search\n"}, "key"),
        ({"key": ""}, "key"),
        ({"key": "k" * 64}, "key"),
        ({"name": " \u200b"}, "name"),
        ({"name": "n" * 301}, "name"),
        ({"tool": "t" * 2_001}, "tool"),
        ({"soft_limit": 0}, "soft_limit"),
        ({"hard_limit": 1_001}, "hard_limit"),
        ({"soft_limit": 101}, "soft_limit"),
        ({"caps": Caps(weekly=Decimal(0))}, "weekly_cap"),
        ({"caps": Caps(weekly=Decimal(10), monthly=Decimal(9))}, "weekly_cap"),
        ({"caps": Caps(daily=Decimal(10), weekly=Decimal(9))}, "daily_cap"),
        ({"caps": Caps(daily=Decimal(10), monthly=Decimal(9))}, "daily_cap"),
    ],
)
def test_a_contradiction_names_its_field(named, field):
    with pytest.raises(NotARecord) as refused:
        checked(a_workflow(**named))

    assert refused.value.field == field


def test_everything_that_contradicts_is_named_at_once():
    found = contradictions(a_workflow(key="", name="", caps=Caps(daily=Decimal(0))))

    assert [one.field for one in found] == ["key", "name", "daily_cap"]


WAYS = {
    (Status.PROPOSED, Status.ACTIVE),
    (Status.PROPOSED, Status.RETIRED),
    (Status.ACTIVE, Status.PAUSED),
    (Status.ACTIVE, Status.RETIRED),
    (Status.ACTIVE, Status.ENDED),
    (Status.PAUSED, Status.ACTIVE),
    (Status.PAUSED, Status.RETIRED),
    (Status.PAUSED, Status.ENDED),
    (Status.ENDED, Status.ACTIVE),
    (Status.ENDED, Status.RETIRED),
}


@pytest.mark.parametrize("start", Status)
@pytest.mark.parametrize("end", Status)
def test_a_workflow_moves_only_the_ways_there_are(start, end):
    workflow = a_workflow(status=start)

    if (start, end) in WAYS:
        assert moved(workflow, end, MONDAY).status is end
    else:
        with pytest.raises(NotThatWay, match=start.value):
            moved(workflow, end, MONDAY)


def test_the_first_activation_is_kept_through_a_pause():
    proposed = a_workflow(status=Status.PROPOSED, activated_at=None)
    active = activated(proposed, a_team(), ANA, MONDAY)
    later = MONDAY + timedelta(days=3)

    again = moved(moved(active, Status.PAUSED, later), Status.ACTIVE, later)

    assert (active.agreed_by, active.agreed_at) == (ANA, MONDAY)
    assert (again.activated_at, again.status_since) == (MONDAY, later)


@pytest.mark.parametrize(
    ("by", "edits", "activates"),
    [
        (OWEN, True, True),
        (MIA, True, False),
        (ANA, True, True),
        (SAM, True, True),
        (FIN, False, False),
    ],
)
def test_who_may_do_what(by, edits, activates):
    seen = a_workflow(), a_team(), an_organisation(), MONDAY

    assert (may_edit(by, *seen), may_activate(by, *seen)) == (edits, activates)


def test_finance_may_edit_where_nobody_approves():
    assert may_edit(FIN, a_workflow(), a_team(approver=None), an_organisation(), MONDAY)


def test_who_stands_in_for_the_owner_starts_what_they_propose():
    stands_in = Delegation("d-1", OWEN, FIN, MONDAY, MONDAY + timedelta(days=1), "Holiday.")
    organisation = an_organisation(delegations=(stands_in,))

    made = proposal(a_workflow(), a_team(), FIN, organisation, MONDAY)

    assert made.may_start


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("status", Status)
def test_a_move_is_made_from_where_it_makes_sense(move, status):
    ends_on = TODAY + timedelta(days=1)
    workflow = a_workflow(status=status, ends_on=ends_on)
    sense = {
        Move.ACTIVATE: {Status.PROPOSED, Status.ENDED},
        Move.PAUSE: {Status.ACTIVE},
        Move.RESUME: {Status.PAUSED},
    }

    try:
        after = made(move, workflow, a_team(), OWEN, an_organisation(), MONDAY).status
    except NotThatWay:
        after = status

    assert (after is not status) == (status in sense[move])


def test_who_may_not_is_told_so_before_what_cannot_be():
    retired = a_workflow(status=Status.RETIRED)

    with pytest.raises(NotAllowed):
        made(Move.PAUSE, retired, a_team(), FIN, an_organisation(), MONDAY)


@given(before=caps(), wanted=caps(), status=st.sampled_from(Status))
def test_no_edit_raises_an_agreed_cap(before, wanted, status):
    workflow = a_workflow(caps=before, status=status)

    try:
        after = at_once(workflow, replace(workflow, caps=wanted)).caps
    except (NoLimit, NotARecord):
        return

    agreed = status in {Status.ACTIVE, Status.PAUSED, Status.ENDED}
    for kind in CapKind:
        base, cap = before.of(kind), after.of(kind)
        if agreed and base is not None:
            assert cap is not None
            assert cap <= base
        else:
            assert cap == wanted.of(kind)


@given(before=caps(), wanted=caps())
def test_what_holds_at_once_never_contradicts_itself(before, wanted):
    workflow = a_workflow(caps=before)

    with suppress(NoLimit, NotARecord):
        after = at_once(workflow, replace(workflow, caps=wanted))
        assert list(contradictions(after)) == []


def test_a_new_cap_that_only_fits_below_a_raised_one_waits_for_it():
    before = a_workflow(caps=Caps(monthly=Decimal(100)))
    wanted = replace(before, caps=Caps(weekly=Decimal(150), monthly=Decimal(200)))

    with pytest.raises(NotARecord, match="once that raise is approved") as refused:
        at_once(before, wanted)
    assert refused.value.field == "weekly_cap"


def test_a_past_date_that_was_there_before_bothers_nobody():
    before = a_workflow(review_date=date(2026, 11, 1))

    assert wrong(before, replace(before, tool="Cursor"), a_team(), TODAY) == ()
    (found,) = wrong(before, replace(before, review_date=date(2026, 11, 2)), a_team(), TODAY)
    assert found.field == "review_date"


def test_what_was_missing_before_does_not_stop_an_edit():
    before = a_workflow(exception_rule="")

    assert wrong(before, replace(before, tool="Cursor"), a_team(), TODAY) == ()


def test_a_last_day_is_over_when_it_is_over_where_the_workflow_is():
    workflow = a_workflow()

    assert not is_over(TODAY, workflow, MONDAY)
    assert is_over(TODAY - timedelta(days=1), workflow, MONDAY)
    assert not is_over(None, workflow, MONDAY)


def test_every_refusal_is_one_a_person_can_read():
    with pytest.raises(Refusal, match="still needs its review date"):
        activated(a_workflow(status=Status.PROPOSED, review_date=None), a_team(), OWEN, MONDAY)
