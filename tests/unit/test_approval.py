from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.approval import approvers_for, check_may_answer
from bot.chain import NobodyMayApprove, chain_for
from bot.periods import CapKind
from bot.policy import Policy
from bot.refusal import NotAllowed
from bot.request_size import granted_already
from bot.requests import State, Step, Until
from bot.workflows import Caps
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_draft,
    a_request,
    a_standing,
    a_team,
    a_workflow,
    an_organisation,
    an_override,
)

ORGANISATION = an_organisation()
KIM = "U0KIM"


def who(draft=None, standing=None, organisation=ORGANISATION):
    found = approvers_for(draft or a_draft(), standing or a_standing(), organisation, MONDAY)
    return found.step, found.people


def steps(draft=None, standing=None, organisation=ORGANISATION):
    """The groups whose yes it needs, in order."""
    chain = chain_for(draft or a_draft(), standing or a_standing(), organisation, MONDAY)
    return tuple(link.step for link in chain.links)


ALONE, THEN_FINANCE = (Step.APPROVER,), (Step.APPROVER, Step.FINANCE)


def test_the_teams_approver_answers():
    assert who() == (Step.APPROVER, (ANA,))


def test_the_workflows_own_approver_comes_before_the_teams():
    assert who(standing=a_standing(workflow=a_workflow(approver=KIM))) == (Step.APPROVER, (KIM,))


@pytest.mark.parametrize(
    "standing",
    [
        pytest.param(a_standing(team=a_team(approver=None)), id="there is none"),
        pytest.param(a_standing(workflow=a_workflow(owner=ANA)), id="the approver owns it"),
    ],
)
def test_without_an_approver_it_is_finance(standing):
    assert who(standing=standing) == (Step.FINANCE, (FIN,))


def test_the_requester_is_never_asked():
    assert who(a_draft(asked_by=ANA)) == (Step.FINANCE, (FIN,))


def test_without_finance_it_is_the_admins():
    organisation = an_organisation(finance=(), admins=(SAM, ANA, SAM))

    assert who(a_draft(asked_by=ANA), organisation=organisation) == (Step.ADMINS, (SAM,))


def test_with_nobody_left_it_is_refused_naming_what_to_set():
    organisation = an_organisation(finance=(OWEN,), admins=(ANA,))

    with pytest.raises(NobodyMayApprove, match="approver for team search, or `finance`"):
        who(a_draft(asked_by=ANA), organisation=organisation)


@pytest.mark.parametrize(
    ("amount", "chain"),
    [("500", ALONE), ("500.000000001", THEN_FINANCE), ("501", THEN_FINANCE)],
)
def test_above_the_limit_it_is_finance_after_the_approver(amount, chain):
    assert steps(a_draft(amount=Decimal(amount))) == chain
    assert who(a_draft(amount=Decimal(amount))) == (Step.APPROVER, (ANA,))


@pytest.mark.parametrize(
    ("amount", "days", "chain"),
    [
        pytest.param(400, 90, THEN_FINANCE, id="400 on each of 91 days"),
        pytest.param(250, 1, ALONE, id="250 on each of two days"),
        pytest.param("250.01", 1, THEN_FINANCE, id="a cent more"),
    ],
)
def test_money_given_in_several_periods_is_compared_as_a_whole(amount, days, chain):
    standing = a_standing(workflow=a_workflow(caps=Caps(daily=Decimal(60))))
    draft = a_draft(cap=CapKind.DAILY, amount=Decimal(amount), until=Until.DAYS, days=days)

    assert steps(draft, standing) == chain


def test_so_is_what_was_granted_for_several_periods():
    fortnight = an_override(amount=Decimal(225), end=MONDAY + timedelta(days=9))

    assert granted_already(a_draft(), a_standing(overrides=(fortnight,)), MONDAY) == 450
    assert steps(standing=a_standing(overrides=(fortnight,))) == THEN_FINANCE


def test_above_the_limit_the_admins_stand_in_for_finance():
    organisation = an_organisation(finance=())

    assert steps(a_draft(amount=Decimal(501)), organisation=organisation) == (
        Step.APPROVER,
        Step.ADMINS,
    )


@pytest.mark.parametrize(
    "override",
    [
        pytest.param(an_override(amount=Decimal(450)), id="running"),
        pytest.param(an_override(amount=Decimal(450), ended_at=MONDAY), id="ended early"),
        pytest.param(
            an_override(amount=Decimal(450), start=MONDAY - timedelta(days=9)),
            id="granted last week, reaching into this",
        ),
    ],
)
def test_what_was_granted_for_the_period_counts_towards_the_limit(override):
    assert steps(standing=a_standing(overrides=(override,))) == THEN_FINANCE


@pytest.mark.parametrize(
    "override",
    [
        pytest.param(an_override(amount=Decimal(450), cap=CapKind.MONTHLY), id="another cap"),
        pytest.param(
            an_override(
                amount=Decimal(450),
                start=MONDAY - timedelta(days=9),
                end=MONDAY - timedelta(days=7),
            ),
            id="of the week before",
        ),
    ],
)
def test_what_was_granted_elsewhere_does_not_count(override):
    assert steps(standing=a_standing(overrides=(override,))) == ALONE


@pytest.mark.parametrize(
    ("at", "chain"), [(MONDAY, THEN_FINANCE), (MONDAY - timedelta(days=7), ALONE)]
)
def test_raises_of_the_base_within_the_period_count_too(at, chain):
    raised = a_request(
        amount=Decimal(450), until=Until.PERMANENT, state=State.APPROVED, answered_at=at
    )

    assert steps(standing=a_standing(raised=(raised,))) == chain


@given(
    parts=st.lists(st.decimals(min_value="0.01", max_value=800, places=2), min_size=1, max_size=8),
    lent=st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_splitting_never_avoids_finance(parts, lent):
    standing, asked = a_standing(), set()
    for part, for_a_time in zip(parts, lent, strict=False):
        asked |= {*steps(a_draft(amount=part), standing)}
        granted = (
            {"overrides": (*standing.overrides, an_override(amount=part))}
            if for_a_time
            else {"raised": (*standing.raised, a_request(amount=part, answered_at=MONDAY))}
        )
        standing = a_standing(
            **{"overrides": standing.overrides, "raised": standing.raised} | granted
        )

    assert granted_already(a_draft(), standing, MONDAY) == sum(parts)
    assert (Step.FINANCE in asked) == (sum(parts) > Policy().finance_over)


def check(by, request=None, standing=None, organisation=ORGANISATION):
    request, standing = request or a_request(), standing or a_standing()
    chain = chain_for(request, standing, organisation, MONDAY)
    return check_may_answer(by, request, standing, chain)


def test_the_approver_may_answer():
    check(ANA)


@pytest.mark.parametrize(
    ("by", "says"),
    [
        pytest.param(MIA, "You are not its approver. <@U0ANA> may", id="a member"),
        pytest.param(OWEN, "own request", id="the requester"),
        pytest.param(SAM, "You are not its approver", id="an admin while there is an approver"),
    ],
)
def test_others_are_told_who_may(by, says):
    with pytest.raises(NotAllowed, match=says):
        check(by)


def test_an_owner_does_not_answer_what_somebody_else_asked():
    with pytest.raises(NotAllowed, match="An owner does not approve"):
        check(OWEN, a_request(asked_by=MIA))


def test_whoever_was_owner_when_it_was_asked_stays_barred():
    standing = a_standing(workflow=a_workflow(owner=MIA), team=a_team(approver=OWEN))

    with pytest.raises(NotAllowed, match="An owner does not approve"):
        check(OWEN, a_request(asked_by=KIM), standing)


def test_a_new_owner_is_barred_though_they_were_asked():
    standing = a_standing(workflow=a_workflow(owner=ANA))

    with pytest.raises(NotAllowed, match="An owner does not approve"):
        check(ANA, a_request(asked_by=KIM), standing)


def test_without_an_approver_others_hear_that_it_is_for_finance():
    with pytest.raises(NotAllowed, match=r"for finance\. <@U0FIN> may answer"):
        check(KIM, standing=a_standing(team=a_team(approver=None)))


def test_finance_hears_that_it_comes_to_them_after_the_approver():
    with pytest.raises(NotAllowed, match=r"after the step before\. <@U0ANA> may answer"):
        check(FIN, a_request(amount=Decimal(501)))
