from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.hours import NIGHT, NO_QUIET_HOURS, QuietHours
from bot.notices import Urgency
from bot.policy import Policy
from bot.reach import Digest, Preferences, Reach, due_at, reach_of, urgency_of
from tests.builders import a_workflow

ZONES = (
    "Pacific/Auckland",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "America/Los_Angeles",
    "Europe/Berlin",
)
NINE = time(9)
LATE_NIGHT = QuietHours(time(22, 30), time(1, 30))


def local(zone, year, month, day, hour, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due(urgency, now, zone, *, quiet=NIGHT, digest=None):
    return due_at(urgency, Reach(quiet, digest, zone), now)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("hour", "morning"),
    [
        pytest.param((23, 19, 59), None, id="the last loud minute"),
        pytest.param((23, 20, 0), (24, 7), id="the first quiet one"),
        pytest.param((24, 3, 0), (24, 7), id="in the night"),
        pytest.param((24, 7, 0), None, id="the first loud one"),
    ],
)
def test_a_normal_word_waits_for_the_end_of_the_persons_night(zone, hour, morning):
    now = local(zone, 2026, 11, *hour)
    expected = local(zone, 2026, 11, *morning) if morning else now

    assert due(Urgency.NORMAL, now, zone) == expected


@pytest.mark.parametrize("zone", ZONES)
def test_a_critical_word_waits_for_nothing(zone):
    now = local(zone, 2026, 11, 24, 3)

    assert due(Urgency.CRITICAL, now, zone, digest=NINE) == now


@pytest.mark.parametrize("zone", ZONES)
def test_a_low_word_waits_for_the_persons_digest(zone):
    now = local(zone, 2026, 11, 24, 9, 0)

    assert due(Urgency.LOW, now, zone, digest=NINE) == local(zone, 2026, 11, 25, 9)


def test_a_low_word_without_a_digest_is_a_normal_one():
    night, noon = (local("Asia/Kolkata", 2026, 11, 24, hour) for hour in (3, 12))

    assert due(Urgency.LOW, noon, "Asia/Kolkata") == noon
    assert due(Urgency.LOW, night, "Asia/Kolkata") == due(Urgency.NORMAL, night, "Asia/Kolkata")


def test_a_digest_in_the_night_waits_for_the_morning():
    now = local("Asia/Kolkata", 2026, 11, 24, 12)

    found = due(Urgency.LOW, now, "Asia/Kolkata", digest=time(5))

    assert found == local("Asia/Kolkata", 2026, 11, 25, 7)


@pytest.mark.parametrize(
    ("zone", "now", "quiet", "expected"),
    [
        pytest.param(
            "America/Los_Angeles",
            datetime(2026, 3, 8, 9, 30, tzinfo=UTC),
            QuietHours(time(20), time(2, 30)),
            datetime(2026, 3, 8, 10, 30, tzinfo=UTC),
            id="the night ends in the hour that is skipped",
        ),
        pytest.param(
            "America/Los_Angeles",
            datetime(2026, 11, 1, 9, 15, tzinfo=UTC),
            LATE_NIGHT,
            datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
            id="in the hour that comes twice, the second time",
        ),
        pytest.param(
            "Pacific/Auckland",
            datetime(2026, 9, 26, 13, 0, tzinfo=UTC),
            NIGHT,
            datetime(2026, 9, 26, 18, 0, tzinfo=UTC),
            id="a night that is an hour shorter",
        ),
        pytest.param(
            "Pacific/Auckland",
            datetime(2027, 4, 3, 11, 0, tzinfo=UTC),
            NIGHT,
            datetime(2027, 4, 3, 19, 0, tzinfo=UTC),
            id="a night that is an hour longer",
        ),
        pytest.param(
            "America/Sao_Paulo",
            datetime(2028, 2, 29, 2, 0, tzinfo=UTC),
            NIGHT,
            datetime(2028, 2, 29, 10, 0, tzinfo=UTC),
            id="into 29 February",
        ),
    ],
)
def test_nights_at_awkward_times(zone, now, quiet, expected):
    assert due(Urgency.NORMAL, now, zone, quiet=quiet) == expected


times = some.times().map(lambda each: each.replace(second=0, microsecond=0, fold=0))
moments = some.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(some.builds(QuietHours, times, times), some.sampled_from(ZONES), moments)
def test_no_word_waits_longer_than_a_day(quiet, zone, now):
    found = due(Urgency.NORMAL, now, zone, quiet=quiet)

    assert now <= found <= now + timedelta(hours=25)


@given(times, some.sampled_from(ZONES), moments)
def test_a_digest_comes_within_a_day(at, zone, now):
    found = due(Urgency.LOW, now, zone, quiet=NO_QUIET_HOURS, digest=at)

    assert now < found <= now + timedelta(hours=25)


def test_what_a_person_chose_goes_before_what_the_organisation_wants():
    policy = Policy(digest_at=NINE)
    own = Preferences(NO_QUIET_HOURS, Digest(None))

    assert reach_of(Preferences(), policy, "UTC") == Reach(NIGHT, NINE, "UTC")
    assert reach_of(own, policy, "UTC") == Reach(NO_QUIET_HOURS, None, "UTC")


@pytest.mark.parametrize(
    ("thresholds", "urgency"),
    [
        pytest.param((75,), Urgency.LOW, id="below the soft limit"),
        pytest.param((75, 90), Urgency.NORMAL, id="at the soft limit"),
        pytest.param((100,), Urgency.CRITICAL, id="at the hard limit"),
        pytest.param((120, 75), Urgency.CRITICAL, id="the highest decides"),
    ],
)
def test_how_much_an_alert_matters_say_the_limits_of_its_contract(thresholds, urgency):
    assert urgency_of(thresholds, a_workflow()) is urgency


def test_limits_of_its_own_count():
    assert urgency_of((90,), a_workflow(soft_limit=50, hard_limit=80)) is Urgency.CRITICAL
