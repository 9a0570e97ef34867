from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.addresses import Directory
from bot.cards.contract import plan_lines
from bot.contract import BadContract, Contract, Entry, Place
from bot.hours import NO_QUIET_HOURS, QuietHours, read_quiet_hours
from bot.names import is_visible
from bot.periods import BEGINNING, Calendar, WeekStart
from bot.plan import Plan, Registry, planned
from bot.policy import Organisation, PerClass, Policy, WeeklyMoment
from bot.teams import Team
from bot.workflows import (
    Caps,
    Enforcement,
    Kind,
    Purpose,
    Status,
    SuccessMetric,
    Tier,
    Workflow,
    with_calendar,
)
from handlers.files.contract import read_document
from handlers.files.contract_text import contract_text
from handlers.files.nodes import compose
from tests.builders import ANA, MONDAY, OWEN, a_team, a_workflow, an_organisation


def a_registry(*workflows: Workflow, **named: Any) -> Registry:
    plain = Registry(
        an_organisation(), {"search": a_team()}, {each.key: each for each in workflows}
    )
    return replace(plain, **named)


def a_contract(*workflows: Workflow, status: Status | None = None, **named: Any) -> Contract:
    stripped = [replace(w, status=Status.PROPOSED, calendars=(), version=0) for w in workflows]
    places = {"": Place(7, 3), "status": Place(9, 5), "weekly_cap": Place(8, 5)}
    entries = tuple(Entry(workflow, status, places) for workflow in stripped)
    return replace(Contract({}, (a_team(),), entries), **named)


def after(plan: Plan) -> Workflow:
    (change,) = plan.workflows
    return change.after


def said(plan: Plan) -> list[str]:
    return [
        f"{line.sign} {line.about} "
        + (f"{line.field} {line.before} → {line.after}" if line.field else line.note)
        for line in plan_lines(plan)
    ]


def problems(contract: Contract, registry: Registry) -> list[str]:
    with pytest.raises(BadContract) as refused:
        planned(contract, registry, MONDAY)
    return [str(problem) for problem in refused.value.problems]


def test_the_same_registry_is_nothing_to_do():
    plan = planned(a_contract(a_workflow()), a_registry(a_workflow()), MONDAY)

    assert plan.is_empty
    assert plan_lines(plan) == ()


def test_each_changed_field_is_a_line_before_and_after():
    stored = a_workflow(exception_rule="", thresholds=None)
    wanted = a_workflow(
        caps=Caps(weekly=Decimal("300.50"), monthly=Decimal(900)), thresholds=(50, 100), backup=None
    )

    plan = planned(a_contract(wanted), a_registry(stored), MONDAY)

    assert said(plan) == [
        "~ search-ranking backup U0MIA → –",
        "~ search-ranking weekly_cap 250 → 300.50",
        "~ search-ranking exception_rule – → Only for a customer-facing incident.",
        "~ search-ranking thresholds – → 50, 100",
    ]


def test_what_is_stored_and_not_in_the_file_is_shown_and_left_alone():
    stored = a_workflow(key="forgotten")

    plan = planned(Contract(), a_registry(stored), MONDAY)

    assert plan.is_empty
    assert said(plan) == [
        "· team:search not in the file (left alone)",
        "· forgotten not in the file (left alone)",
    ]


def test_without_a_status_a_new_workflow_is_proposed_and_an_old_one_stays_what_it_is():
    paused = a_workflow(key="old", status=Status.PAUSED)
    fresh = a_workflow(key="new", activated_at=None)

    plan = planned(a_contract(replace(paused, name="Old"), fresh), a_registry(paused), MONDAY)

    assert {c.after.key: c.after.status for c in plan.workflows} == {
        "old": Status.PAUSED,
        "new": Status.PROPOSED,
    }


def test_a_file_without_the_last_review_takes_it_from_nobody():
    reviewed = a_workflow(last_review_date=date(2026, 11, 23))

    plan = planned(a_contract(a_workflow()), a_registry(reviewed), MONDAY)

    assert said(plan) == []


def test_a_workflow_may_be_active_from_the_start_and_that_is_recorded():
    fresh = a_workflow(activated_at=None, status_since=None)

    active = after(planned(a_contract(fresh, status=Status.ACTIVE), a_registry(), MONDAY))

    assert (active.status, active.activated_at, active.status_since) == (
        Status.ACTIVE,
        MONDAY,
        MONDAY,
    )
    assert (active.agreed_by, active.agreed_at) == ("contract apply", MONDAY)
    assert active.calendars == (Calendar(BEGINNING, "Europe/Berlin"),)


def test_active_without_what_its_class_needs_is_refused_on_the_line_of_its_status():
    bare = a_workflow(review_date=None, exception_rule=" ", activated_at=None)

    (problem,) = problems(a_contract(bare, status=Status.ACTIVE), a_registry())

    assert problem.startswith("line 9, column 5: workflows.search-ranking: ")
    assert problem.endswith("still needs review_date, exception_rule.")


def test_an_active_workflow_cannot_lose_what_its_class_needs():
    (problem,) = problems(a_contract(a_workflow(owner=None)), a_registry(a_workflow()))

    assert problem.endswith("still needs owner.")


def test_the_teams_approver_is_enough():
    fresh = a_workflow(approver=None, activated_at=None)
    team = a_team(approver=None)

    assert planned(a_contract(fresh, status=Status.ACTIVE), a_registry(), MONDAY)
    (problem,) = problems(a_contract(fresh, status=Status.ACTIVE, teams=(team,)), a_registry())
    assert "approver" in problem


def test_a_retired_workflow_does_not_come_back():
    retired = a_workflow(status=Status.RETIRED)

    (problem,) = problems(a_contract(retired, status=Status.ACTIVE), a_registry(retired))

    assert "It is retired" in problem
    assert "Leave status out" in problem


def test_everything_that_contradicts_itself_is_named_with_the_rest():
    wrong = a_workflow(
        caps=Caps(weekly=Decimal(950), monthly=Decimal(900)), soft_limit=101, team="nowhere"
    )
    also = a_workflow(key="b", caps=Caps(weekly=Decimal(950), monthly=Decimal(900)), soft_limit=101)

    found = problems(a_contract(wrong, also), a_registry())

    assert len(found) == 3
    assert any("no team “nowhere”" in problem for problem in found)
    assert any(
        "line 8, column 5" in problem and "above the monthly" in problem for problem in found
    )
    assert any("soft limit is above" in problem for problem in found)


def test_a_moved_zone_holds_from_the_next_period_on_for_all_of_the_team():
    listed, forgotten = a_workflow(), a_workflow(key="forgotten")
    team = a_team(timezone="Asia/Tokyo")

    plan = planned(a_contract(listed, teams=(team,)), a_registry(listed, forgotten), MONDAY)

    for change in plan.workflows:
        assert change.after.calendars == (*listed.calendars, Calendar(MONDAY, "Asia/Tokyo"))
    assert said(plan)[:2] == [
        "~ team:search timezone Europe/Berlin → Asia/Tokyo",
        (
            "~ search-ranking counts in Europe/Berlin, weeks from monday → "
            "Asia/Tokyo, weeks from monday (from the next period on)"
        ),
    ]


def test_a_policys_week_start_moves_every_workflow():
    policy = Policy(timezone="Europe/Berlin", week_start=WeekStart.SUNDAY)
    contract = Contract({"policy": policy})

    plan = planned(contract, a_registry(a_workflow()), MONDAY)

    assert after(plan).calendars[-1] == Calendar(MONDAY, "Europe/Berlin", WeekStart.SUNDAY)
    assert said(plan)[0] == "~ organisation policy.week_start monday → sunday"


def test_names_can_do_nothing_to_the_terminal():
    plan = planned(a_contract(a_workflow(name="\x1b[2Jgone\nline")), a_registry(), MONDAY)

    assert said(plan)[0].startswith("+ search-ranking [2Jgone line, ")


PEOPLE = st.none() | st.sampled_from([OWEN, "W0MIA", ANA])
CHANNELS = st.sampled_from(["C0SEARCH", "G0PRIVATE"])
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
NAMES = TEXTS.filter(is_visible)
KEYS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
USD = st.decimals("0.000000001", 1_000_000, places=9)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
PER_CENTS = st.lists(st.integers(1, 1000), min_size=1, max_size=4).map(
    lambda each: tuple(sorted(set(each)))
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])
RISING = st.lists(st.integers(1, 2160), unique=True, max_size=3).map(sorted).map(tuple)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def _quiet(text: str) -> QuietHours:
    return NO_QUIET_HOURS if text[:5] == text[6:] else read_quiet_hours(text)


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    policy = draw(
        st.builds(
            Policy,
            timezone=ZONES,
            week_start=st.sampled_from(WeekStart),
            review_at=st.builds(
                WeeklyMoment, st.integers(0, 6), st.builds(time, st.integers(0, 23))
            ),
            thresholds=PER_CENTS,
            acknowledge_hours=RISING,
            quiet_hours=st.builds(QuietHours, TIMES, TIMES).map(str).map(_quiet),
            digest_at=st.none() | TIMES,
            finance_over=USD,
            request_expires_hours=st.integers(1, 2160),
            request_reminder_hours=RISING,
            small_raises_a_month=st.integers(0, 31),
            largest_raise=st.builds(PerClass, USD, USD, USD),
        )
    )
    finance = draw(st.lists(st.sampled_from([OWEN, ANA]), unique=True, max_size=2))
    organisation = Organisation(policy, tuple(finance), ("U0SAM",), draw(st.none() | CHANNELS))
    team = st.builds(Team, KEYS, NAMES, CHANNELS, st.none() | ZONES, PEOPLE, st.none() | NAMES)
    teams = {each.key: each for each in draw(st.lists(team, min_size=1, max_size=3))}
    flows = draw(st.lists(_workflows(sorted(teams)), max_size=4))
    return Registry(organisation, teams, {w.key: _counted(w, teams, organisation) for w in flows})


def _workflows(teams: list[str]) -> st.SearchStrategy[Workflow]:
    low, high = st.none() | st.decimals("0.01", 10, places=2), st.none() | USD.map(lambda a: a + 10)
    metric = st.builds(SuccessMetric, NAMES, st.none() | USD, st.none() | USD)
    return st.builds(
        Workflow,
        key=KEYS,
        name=NAMES,
        team=st.sampled_from(teams),
        owner=PEOPLE,
        backup=PEOPLE,
        kind=st.sampled_from(Kind),
        tool=TEXTS,
        purpose=st.sampled_from(Purpose),
        caps=st.builds(Caps, weekly=low, monthly=high, total=high),
        soft_limit=st.integers(1, 100),
        hard_limit=st.integers(100, 1000),
        tier=st.sampled_from(Tier),
        escalation_tier=st.none() | st.sampled_from(Tier),
        success_metric=st.none() | metric,
        review_date=DAYS,
        last_review_date=DAYS,
        ends_on=DAYS,
        exception_rule=TEXTS,
        enforcement=st.none() | st.sampled_from(Enforcement),
        thresholds=st.none() | PER_CENTS,
        approver=PEOPLE,
        channel=st.none() | CHANNELS,
        status=st.sampled_from([Status.PROPOSED, Status.RETIRED, Status.ENDED]),
        version=st.integers(1, 5),
    )


def _counted(workflow: Workflow, teams: dict[str, Team], organisation: Organisation) -> Workflow:
    zone = teams[workflow.team].zone(organisation)
    return with_calendar(workflow, zone, organisation.policy.week_start, MONDAY)


@settings(max_examples=20, deadline=None)
@given(registries())
def test_an_export_read_again_is_nothing_to_do(registry):
    text = contract_text(registry)

    contract = read_document(compose(text.encode()), Directory())
    plan = planned(contract, registry, datetime(2027, 1, 1, tzinfo=UTC))

    assert plan.is_empty, said(plan)
    assert plan.left_alone == ()


@settings(max_examples=20, deadline=None)
@given(registries())
def test_an_export_is_the_same_text_after_a_round(registry):
    text = contract_text(registry)
    empty = Registry(Organisation(admins=("U0SAM",)), {}, {})

    plan = planned(read_document(compose(text.encode()), Directory()), empty, MONDAY)
    copied = Registry(
        plan.after,
        {change.after.key: change.after for change in plan.teams},
        {change.after.key: change.after for change in plan.workflows},
    )

    assert contract_text(copied) == text
