"""What was said of a cap's period, the same on both databases."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.alerts import Alert, AlertedPeriod
from bot.caps import running_period
from bot.periods import CapKind
from bot.spend import Spent
from bot.workflows import Caps, Status
from tests.builders import MONDAY, SAM, a_request, a_team, a_workflow, an_override
from tests.spending import spend

WORKFLOW = a_workflow()
WEEK = running_period(WORKFLOW, CapKind.WEEKLY, MONDAY)
MONTH = running_period(WORKFLOW, CapKind.MONTHLY, MONDAY)
ALERT = Alert("search-ranking", CapKind.WEEKLY, WEEK, Decimal(250), 75, Decimal(200), MONDAY, "k")
SHOWN = AlertedPeriod("search-ranking", WEEK, "k", "C0SEARCH", Decimal(200), Decimal(250), MONDAY)
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
async def registry(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(WORKFLOW)
    return database


async def running(ledger, now=MONDAY):
    return await ledger.alerts.running([WORKFLOW.key], now)


async def test_an_alert_comes_back_as_it_went_in(registry):
    async with registry.ledger() as ledger:
        assert await ledger.alerts.add([ALERT])

    async with registry.reading() as ledger:
        assert await running(ledger) == (ALERT,)


async def test_the_same_alert_is_added_once(registry):
    async with registry.ledger() as ledger:
        await ledger.alerts.add([ALERT])
        again = replace(ALERT, spent=Decimal(1), at=LATER, notice="other")

        assert not await ledger.alerts.add([again])
        assert await running(ledger) == (ALERT,)


async def test_alerts_are_added_all_or_none(registry):
    async with registry.ledger() as ledger:
        await ledger.alerts.add([ALERT])

        assert not await ledger.alerts.add([replace(ALERT, threshold=90), ALERT])
        assert await running(ledger) == (ALERT,)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"threshold": 90}, id="threshold"),
        pytest.param({"amount": Decimal("250.000000001")}, id="amount"),
        pytest.param({"cap": CapKind.DAILY}, id="cap"),
        pytest.param({"period": replace(WEEK, start=WEEK.end)}, id="period"),
    ],
)
async def test_another_threshold_amount_cap_or_period_is_another_alert(registry, other):
    async with registry.ledger() as ledger:
        await ledger.alerts.add([ALERT])

        assert await ledger.alerts.add([replace(ALERT, **other)])


async def test_an_ended_period_is_not_running(registry):
    async with registry.ledger() as ledger:
        await ledger.alerts.add([ALERT])

        assert await running(ledger, WEEK.end) == ()


async def test_what_a_message_shows_is_kept_and_changed(registry):
    changed = replace(SHOWN, spent=Decimal(230), amount=Decimal(350), at=LATER)
    async with registry.ledger() as ledger:
        await ledger.alerts.show(SHOWN)
        await ledger.alerts.show(changed)

    async with registry.reading() as ledger:
        assert await ledger.alerts.alerted(MONDAY) == (changed,)


async def test_a_message_stays_the_first_when_only_the_figures_change(registry):
    async with registry.ledger() as ledger:
        await ledger.alerts.show(SHOWN)
        await ledger.alerts.show(replace(SHOWN, notice=None, channel=None, at=LATER))

        assert await ledger.alerts.alerted(MONDAY) == (replace(SHOWN, at=LATER),)


async def test_running_periods_are_found_by_workflow_and_by_message(registry):
    month = replace(SHOWN, period=MONTH)
    async with registry.ledger() as ledger:
        await ledger.alerts.show(SHOWN)
        await ledger.alerts.show(month)

        assert await ledger.alerts.alerted(MONDAY, ["another"]) == ()
        assert await ledger.alerts.alerted(WEEK.end, [WORKFLOW.key]) == (month,)
        assert await ledger.alerts.shown_by(["k"]) == (month, SHOWN)


async def test_an_ended_period_is_found_until_its_reset_is_told(registry):
    day = timedelta(days=1)
    async with registry.ledger() as ledger:
        await ledger.alerts.show(SHOWN)

        assert await ledger.alerts.ended(WEEK.end - day, WEEK.end - timedelta(seconds=1)) == ()
        assert await ledger.alerts.ended(WEEK.end - day, WEEK.end) == (SHOWN,)
        assert await ledger.alerts.ended(WEEK.end, WEEK.end + day) == ()

        await ledger.alerts.reset_told(WEEK.end - day, WEEK.end)
        assert await ledger.alerts.ended(WEEK.end - day, WEEK.end) == ()


async def test_an_override_runs_out_once(registry):
    override = an_override(end=LATER)
    async with registry.ledger() as ledger:
        await ledger.overrides.add(override)

        assert await ledger.overrides.run_out(["o-1"], MONDAY) == frozenset()
        assert await ledger.overrides.run_out(["o-1"], LATER) == {"o-1"}
        assert await ledger.overrides.run_out(["o-1"], LATER) == frozenset()
        assert await ledger.overrides.running([WORKFLOW.key]) == ()


async def test_who_asked_for_an_override_is_known(registry):
    async with registry.ledger() as ledger:
        await ledger.requests.add(a_request(id="r-1", asked_by=SAM))

        assert await ledger.overrides.requesters([an_override(), an_override(id="o-2")]) == (SAM,)
        assert await ledger.overrides.requesters([an_override(request="none")]) == ()


async def test_a_total_that_is_held_before_it_is_written_holds_nothing(registry):
    async with registry.ledger() as ledger:
        await ledger.spend.hold(WORKFLOW.key, [WEEK, MONTH])
        await ledger.spend.hold(WORKFLOW.key, [WEEK])

    async with registry.reading() as ledger:
        assert await ledger.spend.of(WORKFLOW.key, WEEK) == Spent()


async def test_a_held_total_keeps_what_it_has(registry):
    await spend(registry, WORKFLOW, 12, MONDAY)
    async with registry.ledger() as ledger:
        await ledger.spend.hold(WORKFLOW.key, [WEEK])

        assert (await ledger.spend.of(WORKFLOW.key, WEEK)).cost == 12


async def test_spend_between_two_moments_is_counted_to_the_instant(registry):
    for minute in range(3):
        await spend(registry, WORKFLOW, 1, MONDAY + timedelta(minutes=minute))

    async with registry.reading() as ledger:
        end = MONDAY + timedelta(minutes=2)
        assert await ledger.spend.between(WORKFLOW.key, MONDAY, end) == 2
        assert await ledger.spend.between(WORKFLOW.key, LATER, LATER) == 0


async def near(database, lowest=75, now=MONDAY):
    async with database.reading() as ledger:
        return await ledger.alerts.worth_a_look(lowest, now)


@pytest.mark.parametrize(
    ("usd", "found"),
    [
        pytest.param("187.499999999", (), id="just below 75 per cent"),
        pytest.param("187.50", (WORKFLOW.key,), id="75 per cent of the week"),
    ],
)
async def test_a_workflow_near_a_cap_is_worth_a_look(registry, usd, found):
    await spend(registry, WORKFLOW, usd, MONDAY)

    assert await near(registry) == found
    assert await near(registry, now=WEEK.end) == ()


async def test_thresholds_of_its_own_are_worth_a_look(registry):
    other = a_workflow(key="other", thresholds=(5,))
    async with registry.ledger() as ledger:
        await ledger.workflows.add(other)
    await spend(registry, other, 1, MONDAY)

    assert await near(registry) == ("other",)


@pytest.mark.parametrize("kind", list(CapKind))
async def test_the_largest_cap_of_every_kind_can_be_compared(registry, kind):
    huge = a_workflow(key="huge", caps=Caps(**{kind.value: Decimal(10**9)}))
    async with registry.ledger() as ledger:
        await ledger.workflows.add(huge)
    await spend(registry, huge, 10**9, MONDAY)

    assert await near(registry, lowest=100) == ("huge",)


async def test_only_what_was_used_while_paused_is_worth_a_look(registry):
    async with registry.ledger() as ledger:
        for key, since in [("before", LATER), ("after", MONDAY)]:
            await ledger.workflows.add(
                a_workflow(key=key, status=Status.PAUSED, status_since=since)
            )
    for key in ("before", "after"):
        await spend(registry, a_workflow(key=key), 1, MONDAY)

    assert await near(registry) == ("after",)
