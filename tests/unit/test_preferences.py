from dataclasses import replace
from datetime import time

import pytest

from bot.edits import Wrong
from bot.hours import NO_QUIET_HOURS, QuietHours
from bot.preferences import NONE, OWN, THEIRS, Entered, chosen_of, read_preferences
from bot.reach import Digest, Preferences

ALL_OWN = Entered(OWN, "22:00", "06:30", OWN, "09:15")


@pytest.mark.parametrize(
    ("entered", "chosen"),
    [
        pytest.param(
            ALL_OWN,
            Preferences(QuietHours(time(22), time(6, 30)), Digest(time(9, 15))),
            id="one's own",
        ),
        pytest.param(
            replace(ALL_OWN, quiet=NONE, digest=NONE),
            Preferences(NO_QUIET_HOURS, Digest(None)),
            id="none, whatever times stand below",
        ),
        pytest.param(
            Entered(THEIRS, "", "", THEIRS, ""), Preferences(), id="as the organisation has it"
        ),
    ],
)
def test_what_is_entered_is_what_is_kept(entered, chosen):
    assert read_preferences(entered) == chosen
    assert chosen_of(chosen) == (entered.quiet, entered.digest)


@pytest.mark.parametrize(
    ("entered", "fields"),
    [
        pytest.param(replace(ALL_OWN, quiet_to="22:00"), ["quiet_to"], id="no length"),
        pytest.param(replace(ALL_OWN, quiet_from=""), ["quiet_from"], id="no start"),
        pytest.param(replace(ALL_OWN, digest_at="25:99"), ["digest_at"], id="no time"),
        pytest.param(replace(ALL_OWN, quiet_to="\x00"), ["quiet_to"], id="NUL"),
        pytest.param(replace(ALL_OWN, quiet="loud"), ["quiet"], id="no choice"),
        pytest.param(
            Entered(OWN, "", "", OWN, ""),
            ["quiet_from", "quiet_to", "digest_at"],
            id="everything in one round",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_it(entered, fields):
    with pytest.raises(Wrong) as wrong:
        read_preferences(entered)

    assert [one.field for one in wrong.value.found] == fields
