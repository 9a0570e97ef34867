from dataclasses import replace
from datetime import timedelta

import pytest

from bot import health
from bot.health import State
from bot.notices import Act, Backlog, Sending, Trouble
from bot.pulls import Pull
from bot.sources import Kind
from tests.builders import MONDAY, a_source, a_team, an_organisation


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
    ("keys", "state"), [(["ci", "litellm"], State.WELL), (["gateway"], State.DOUBTFUL)]
)
def test_a_gateway_that_is_asked_under_no_name_it_pushes_with_is_doubtful(keys, state):
    assert health.litellm_source("litellm", keys).state is state


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
    found = [
        a_source(name="ci", received=MONDAY - timedelta(days=3)),
        a_source(name="gateway"),
        a_source(name="reconciled/openai"),
    ]

    assert [(finding.about, finding.state) for finding in health.sources(found, MONDAY)] == [
        ("source ci", State.DOUBTFUL),
        ("source gateway", State.WELL),
    ]
    assert [finding.about for finding in health.sources([], MONDAY)] == ["spend"]


def test_a_file_is_well_however_old_it_is():
    old = a_source(name="csv", kind=Kind.FILE, received=MONDAY - timedelta(days=300))

    (found,) = health.sources([old], MONDAY)

    assert (found.state, found.todo) == (State.WELL, "")


def test_a_source_that_fails_says_why_and_what_to_do():
    pull = Pull("gateway", MONDAY, failures=4, failed_at=MONDAY, error="It refused the key.")

    (found,) = health.sources([a_source(pull=pull)], MONDAY)

    assert found.state is State.DOUBTFUL
    assert found.says.endswith(
        "; failed 2026-11-23 09:00 UTC, 4 times in a row: It refused the key."
    )
    assert "budget-bot source test gateway" in found.todo


def test_the_first_failure_of_a_source_is_said():
    address = "/organizations/search-and-ranking/settings/billing/ai_credit/usage?year=2026"
    pull = Pull("gateway", MONDAY, failures=1, failed_at=MONDAY, error=f"GitHub refuses {address}.")

    (found,) = health.sources([a_source(pull=pull)], MONDAY)

    assert found.state is State.DOUBTFUL
    assert found.says.endswith(f"; failed 2026-11-23 09:00 UTC: GitHub refuses {address}.")


def test_a_source_that_counts_nowhere_says_why_and_what_to_set():
    outranked = (("anthropic", "litellm"),)

    (found,) = health.sources([a_source(outranked=outranked)], MONDAY)

    assert found.state is State.WELL
    assert "information only: litellm counts for anthropic" in found.says
    assert "“sources:”" in found.says


@pytest.mark.parametrize(("length", "state"), [(15, State.DOUBTFUL), (16, State.WELL)])
def test_a_key_that_can_be_guessed_is_pointed_out(length, state):
    assert health.api_keys({"gateway": 40, "ci": length}).state is state


@pytest.mark.parametrize("name", ["import", "adjustments", "bill/openai", "reconciled/openai"])
def test_a_key_that_is_named_as_a_source_of_the_bot_is_pointed_out(name):
    found = health.api_keys({"gateway": 40, name: 40})

    assert found.state is State.DOUBTFUL
    assert f"“{name}”" in found.says
