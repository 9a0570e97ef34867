from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.approval import check_may_answer
from bot.chain import Chain, NobodyMayApprove, barred, chain_for
from bot.delegations import Delegation
from bot.refusal import NotAllowed
from bot.requests import Approval, Step
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_request,
    a_standing,
    a_team,
    a_workflow,
    an_organisation,
)

KIM, LEE = "U0KIM", "U0LEE"
SMALL, BIG = Decimal(100), Decimal(600)
NO_APPROVER = a_standing(team=a_team(approver=None))
FINS, ADMINS = Step.FINANCE, Step.ADMINS


def stands_in(by, to, days=1):
    return Delegation(f"{by}-{to}", by, to, MONDAY, MONDAY + timedelta(days=days), "away")


def links(request, standing=None, **organisation):
    """The groups in order, each with those who may answer it."""
    chain = chain_for(request, standing or a_standing(), an_organisation(**organisation), MONDAY)
    return [(link.step, link.people) for link in chain.links]


@pytest.mark.parametrize(
    ("amount", "standing", "organisation", "expected"),
    [
        pytest.param(SMALL, None, {}, [(Step.APPROVER, (ANA,))], id="small: the approver"),
        pytest.param(
            BIG, None, {}, [(Step.APPROVER, (ANA,)), (FINS, (FIN,))], id="big: then finance"
        ),
        pytest.param(SMALL, NO_APPROVER, {}, [(FINS, (FIN,))], id="finance for an approver"),
        pytest.param(BIG, NO_APPROVER, {}, [(FINS, (FIN,))], id="finance for both, once"),
        pytest.param(
            BIG,
            None,
            {"finance": ()},
            [(Step.APPROVER, (ANA,)), (ADMINS, (SAM,))],
            id="admins for finance",
        ),
        pytest.param(
            BIG, NO_APPROVER, {"finance": ()}, [(ADMINS, (SAM,))], id="admins for both, once"
        ),
        pytest.param(
            BIG,
            None,
            {"finance": (OWEN, FIN)},
            [(Step.APPROVER, (ANA,)), (FINS, (FIN,))],
            id="the owner left out of finance",
        ),
        pytest.param(
            SMALL,
            None,
            {"delegations": (stands_in(ANA, KIM),)},
            [(Step.APPROVER, (ANA, KIM))],
            id="and whoever stands in",
        ),
        pytest.param(
            SMALL,
            None,
            {"delegations": (stands_in(ANA, OWEN),)},
            [(Step.APPROVER, (ANA,))],
            id="the owner stands in for nobody",
        ),
        pytest.param(
            SMALL,
            None,
            {"delegations": (stands_in(ANA, MIA),)},
            [(Step.APPROVER, (ANA,))],
            id="nor does the requester",
        ),
        pytest.param(
            SMALL,
            a_standing(team=a_team(approver=OWEN)),
            {"delegations": (stands_in(OWEN, KIM),)},
            [(FINS, (FIN,))],
            id="an owner who approves passes nothing on",
        ),
        pytest.param(
            SMALL,
            None,
            {"delegations": (replace(stands_in(ANA, KIM), end=MONDAY),)},
            [(Step.APPROVER, (ANA,))],
            id="nobody stands in after the end",
        ),
    ],
)
def test_who_is_asked_and_in_which_order(amount, standing, organisation, expected):
    assert links(a_request(amount=amount, asked_by=MIA), standing, **organisation) == expected


@pytest.mark.parametrize("amount", [SMALL, BIG])
def test_above_and_below_the_limit_it_is_refused_when_nobody_is_left(amount):
    with pytest.raises(NobodyMayApprove):
        links(a_request(amount=amount), NO_APPROVER, finance=(OWEN,), admins=())


def test_a_big_one_is_refused_when_nobody_is_left_after_the_approver():
    with pytest.raises(NobodyMayApprove):
        links(a_request(amount=BIG), finance=(), admins=(OWEN,))


def yes(by, step=Step.APPROVER, instead_of=None):
    return Approval(step, by, instead_of, MONDAY)


def the_chain(request, **organisation):
    return chain_for(request, a_standing(), an_organisation(**organisation), MONDAY)


def test_after_the_first_yes_it_waits_for_the_next_step():
    chain = the_chain(a_request(amount=BIG, approvals=(yes(ANA),)))

    assert (chain.running.step, chain.number) == (FINS, 2)
    assert chain.waits is chain.running


@pytest.mark.parametrize(
    "organisation",
    [
        pytest.param({"finance": (FIN, ANA)}, id="in both"),
        pytest.param({"delegations": (stands_in(FIN, ANA),)}, id="standing in for the second"),
    ],
)
def test_one_person_in_two_steps_is_asked_once(organisation):
    chain = the_chain(a_request(amount=BIG), **organisation)

    assert chain.agreed(yes(ANA)).waits is None


def test_whoever_stood_in_for_one_step_is_asked_for_the_other_unless_in_it():
    delegations = (stands_in(ANA, KIM),)

    alone = the_chain(a_request(amount=BIG), delegations=delegations)
    both = the_chain(a_request(amount=BIG), delegations=delegations, finance=(KIM,))

    assert alone.agreed(yes(KIM, instead_of=ANA)).waits is alone.links[1]
    assert both.agreed(yes(KIM, instead_of=ANA)).waits is None


def test_one_that_went_on_to_finance_stays_there_though_the_limit_is_raised():
    chain = the_chain(a_request(amount=SMALL, approvals=(yes(ANA),)))

    assert chain.running.step is FINS


def test_where_all_have_said_yes_already_the_last_may_say_it_again():
    chain = the_chain(a_request(amount=BIG, approvals=(yes(ANA),)), finance=(ANA,))

    assert chain.waits is None
    assert chain.running.people == (ANA,)


@pytest.mark.parametrize(
    ("approvals", "people"),
    [
        pytest.param((), (ANA, FIN), id="finance beside the approver"),
        pytest.param((yes(ANA),), (FIN, SAM), id="the admins beside finance"),
    ],
)
def test_once_escalated_the_next_group_may_answer_as_well(approvals, people):
    request = a_request(amount=BIG, approvals=approvals)

    before = the_chain(request).running
    after = the_chain(replace(request, escalated_at=MONDAY)).running

    assert before.people == people[:1]
    assert after.people == people


def test_the_last_group_has_nobody_beyond_it():
    chain = chain_for(a_request(), NO_APPROVER, an_organisation(finance=()), MONDAY)

    assert chain.running.beyond is None
    assert chain.running.people == (SAM,)


@pytest.mark.parametrize(
    ("by", "request_", "says"),
    [
        pytest.param(ANA, a_request(amount=BIG, approvals=(yes(ANA),)), "already", id="twice"),
        pytest.param(FIN, a_request(amount=BIG), "after the step before", id="too early"),
        pytest.param(SAM, a_request(amount=BIG), "not its approver", id="not asked at all"),
    ],
)
def test_whoever_is_not_asked_now_hears_why(by, request_, says):
    with pytest.raises(NotAllowed, match=says):
        check_may_answer(by, request_, a_standing(), the_chain(request_))


persons = st.sampled_from([OWEN, MIA, ANA, FIN, SAM, KIM, LEE])
groups = st.lists(persons, max_size=3).map(tuple)


@given(
    no_say=st.tuples(persons, persons, persons),
    groups_=st.tuples(st.lists(persons, max_size=1), groups, groups),
    delegations=st.lists(st.builds(stands_in, persons, persons), max_size=4).map(tuple),
    amount=st.sampled_from([SMALL, BIG]),
    escalated=st.booleans(),
)
def test_nobody_barred_is_ever_asked_and_every_chain_can_be_answered(
    no_say, groups_, delegations, amount, escalated
):
    (asked_by, *owners), (approvers, finance, admins) = no_say, groups_
    approver = next(iter(approvers), None)
    request = a_request(
        asked_by=asked_by,
        owner=owners[0],
        amount=amount,
        escalated_at=MONDAY if escalated else None,
    )
    standing = a_standing(workflow=a_workflow(owner=owners[1]), team=a_team(approver=approver))
    organisation = an_organisation(finance=finance, admins=admins, delegations=delegations)
    no = {asked_by, *owners}
    try:
        chain = chain_for(request, standing, organisation, MONDAY)
    except NobodyMayApprove:
        assert amount == BIG or not {approver, *finance, *admins} - no - {None}
        return

    assert barred(request, standing) == no
    for link in chain.links:
        assert link.people
        assert not {*link.people} & no
        assert len({*link.people}) == len(link.people)
    assert answered(chain) <= len(chain.links) <= 2


def answered(chain: Chain) -> int:
    """How many have to say yes until all is said."""
    count = 0
    while chain.waits is not None:
        count += 1
        link = chain.waits
        chain = chain.agreed(Approval(link.step, link.people[-1], None, MONDAY))
    return count
