from datetime import UTC, datetime

import pytest

from bot.cards.terms import begun_said, days_said

NOVEMBER = datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 12, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "zone", "said"),
    [
        pytest.param(
            *NOVEMBER,
            "America/Denver",
            "Sun 1 Nov 2026 through Mon 30 Nov 2026",
            id="a month over which clocks change",
        ),
        pytest.param(
            datetime(2026, 11, 22, 23, tzinfo=UTC),
            datetime(2026, 11, 23, 23, tzinfo=UTC),
            "Europe/Berlin",
            "Mon 23 Nov 2026",
            id="a day",
        ),
        pytest.param(
            datetime(2026, 4, 23, 22, tzinfo=UTC),
            datetime(2026, 4, 24, 21, tzinfo=UTC),
            "Africa/Cairo",
            "Fri 24 Apr 2026",
            id="a day without its midnight",
        ),
        pytest.param(
            *NOVEMBER,
            "UTC",
            "Sun 1 Nov 06:00 UTC to Tue 1 Dec 07:00 UTC",
            id="of another calendar",
        ),
    ],
)
def test_a_stretch_is_said_in_days_of_its_own_calendar(start, end, zone, said):
    assert days_said(start, end, zone) == said


def test_so_is_where_it_begins():
    assert begun_said(NOVEMBER[0], "America/Denver") == "Sun 1 Nov 2026"
    assert begun_said(NOVEMBER[0], "UTC") == "Sun 1 Nov 06:00 UTC"
