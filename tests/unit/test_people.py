from datetime import timedelta

import pytest

from bot.delegations import Absence
from bot.people import answerable
from tests.builders import MIA, MONDAY, OWEN, a_workflow, an_organisation

AWAY = Absence(OWEN, MONDAY, MONDAY + timedelta(days=3))


@pytest.mark.parametrize(
    ("named", "days", "addressed"),
    [
        pytest.param({}, -1, (OWEN,), id="the owner, before they leave"),
        pytest.param({}, 0, (OWEN, MIA), id="the backup beside them while they are away"),
        pytest.param({}, 3, (OWEN,), id="the owner, once they are back"),
        pytest.param({"backup": None}, 0, (OWEN,), id="nobody else without a backup"),
        pytest.param({"backup": OWEN}, 0, (OWEN,), id="nobody twice"),
        pytest.param({"owner": None}, 0, (MIA,), id="the backup where nobody owns it"),
        pytest.param({"owner": None, "backup": None}, 0, (), id="nobody at all"),
    ],
)
def test_whom_to_address(named, days, addressed):
    organisation = an_organisation(absences=(AWAY,))
    now = MONDAY + timedelta(days=days)

    assert answerable(a_workflow(**named), organisation, now) == addressed
