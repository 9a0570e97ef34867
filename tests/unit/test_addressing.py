from datetime import timedelta

import pytest

from bot.addressing import answerers, escalates_to
from bot.delegations import Delegation
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation

EVE = "U0EVE"
NOBODY = a_team(approver=None)
STANDING_IN = tuple(
    Delegation(f"d-{by}", by, EVE, MONDAY, MONDAY + timedelta(days=1), "Away.")
    for by in (ANA, FIN, SAM)
)


@pytest.mark.parametrize(
    ("workflow", "team", "named", "hears"),
    [
        pytest.param(a_workflow(approver=MIA), a_team(), {}, (MIA,), id="its own approver"),
        pytest.param(a_workflow(), a_team(), {}, (ANA,), id="else its team's"),
        pytest.param(a_workflow(), NOBODY, {}, (FIN,), id="else finance"),
        pytest.param(a_workflow(), NOBODY, {"finance": ()}, (SAM,), id="else admins"),
        pytest.param(a_workflow(), NOBODY, {"finance": (), "admins": ()}, (), id="nobody"),
    ],
)
def test_who_hears_what_is_left_unanswered(workflow, team, named, hears):
    assert escalates_to(workflow, team, an_organisation(**named), MONDAY) == hears


@pytest.mark.parametrize(
    ("team", "named", "hears"),
    [(a_team(), {}, ANA), (NOBODY, {}, FIN), (NOBODY, {"finance": ()}, SAM)],
)
def test_who_stands_in_hears_it_beside_them_while_they_do(team, named, hears):
    organisation = an_organisation(delegations=STANDING_IN, **named)
    later = MONDAY + timedelta(days=1)

    assert escalates_to(a_workflow(), team, organisation, MONDAY) == (hears, EVE)
    assert escalates_to(a_workflow(), team, organisation, later) == (hears,)


def test_where_everybody_of_a_group_has_left_the_next_one_hears_it():
    organisation = an_organisation(delegations=STANDING_IN)

    heard = escalates_to(a_workflow(), a_team(), organisation, MONDAY, gone=(ANA, EVE))

    assert heard == (FIN,)


@pytest.mark.parametrize(
    ("workflow", "team", "expected"),
    [
        (a_workflow(), a_team(), (OWEN, MIA, ANA, SAM)),
        (a_workflow(approver=EVE), a_team(), (OWEN, MIA, EVE, SAM)),
        (a_workflow(), NOBODY, (OWEN, MIA, FIN, SAM)),
        (a_workflow(owner=None, backup=None), a_team(approver=SAM), (SAM,)),
    ],
)
def test_whoever_is_asked_may_answer(workflow, team, expected):
    assert answerers(workflow, team, an_organisation()) == expected
