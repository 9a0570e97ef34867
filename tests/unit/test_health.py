from dataclasses import replace
from datetime import timedelta

import pytest

from bot import health
from bot.health import State
from bot.notices import Act, Backlog, Sending, Trouble
from tests.builders import MONDAY, a_team, an_organisation


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ((3, 6, 23), State.WELL),
        ((3, 7, 0), State.DOUBTFUL),
        ((3, 51, 2), State.DOUBTFUL),
        ((3, 51, 3), State.WELL),
        ((3, 52, 0), State.WELL),
    ],
)
def test_a_sqlite_that_can_corrupt_its_log_is_doubtful(version, state):
    assert health.sqlite(version).state is state


@pytest.mark.parametrize(
    ("found", "state"),
    [("0002", State.WELL), ("0001", State.BROKEN), (None, State.DOUBTFUL)],
)
def test_a_schema_of_another_release_is_broken(found, state):
    assert health.schema(found, "0002").state is state


def test_whoever_is_missing_is_named_with_what_to_do():
    nobody = an_organisation(admins=(), finance=())
    teams = (a_team(), replace(a_team(key="growth"), approver=None))

    found = {finding.about: finding for finding in health.organisation(nobody, teams)}

    assert {about: finding.state for about, finding in found.items()} == {
        "admins": State.DOUBTFUL,
        "finance": State.DOUBTFUL,
        "team search": State.WELL,
        "team growth": State.DOUBTFUL,
    }
    assert all(finding.todo for finding in found.values() if finding.state is not State.WELL)


def test_missing_scopes_are_named():
    finding = health.scopes({"chat:write"}, {"chat:write", "commands", "im:write"})

    assert (finding.state, finding.says) == (State.BROKEN, "missing: commands, im:write")


def test_a_message_that_waits_long_is_broken_and_one_set_aside_is_shown():
    aside = Trouble("alert:1", "C0GONE", Act.POST, Sending.SET_ASIDE, "is_archived", MONDAY)

    late, told = health.outbox(Backlog(3, timedelta(minutes=11)), [aside])

    assert (late.state, told.state) == (State.BROKEN, State.DOUBTFUL)
    assert "C0GONE: is_archived" in told.says
    (calm,) = health.outbox(Backlog(3, timedelta(minutes=9)), [])
    assert calm.state is State.WELL


def test_a_source_that_has_gone_silent_is_doubtful():
    fresh = {"gateway": MONDAY, "csv": MONDAY - timedelta(days=3)}

    assert [finding.state for finding in health.sources(fresh, MONDAY)] == [
        State.DOUBTFUL,
        State.WELL,
    ]
    assert [finding.about for finding in health.sources({}, MONDAY)] == ["spend"]


@pytest.mark.parametrize(("length", "state"), [(15, State.DOUBTFUL), (16, State.WELL)])
def test_a_key_that_can_be_guessed_is_pointed_out(length, state):
    assert health.api_keys({"gateway": 40, "ci": length}).state is state
