"""Money that burns and spikes: said once, with what changed, and who it was to the owner alone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.usage import SentUsage, read_usage
from bot.workflows import Caps
from handlers.flows.foresee import foresee
from tests.builders import MONDAY, OWEN, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.registry import holds

ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(monthly=Decimal(900)))
SEARCH = "C0SEARCH"
# After the last call, so that the hour it fell into has begun.
NOON = MONDAY + timedelta(hours=3)


def a_call(usd, at, n=0, **named):
    plain: dict[str, Any] = {
        "model": "claude-sonnet-4-5",
        "user": "ana@example.com",
        "input_tokens": 1_000,
    }
    sent = SentUsage(
        id=f"{at.isoformat()}#{n}",
        at=at,
        workflow=WORKFLOW.key,
        cost=Decimal(usd),
        output_tokens=100,
        **plain | named,
    )
    return read_usage(sent, "test", at)


@pytest.fixture
async def quiet_workflow(database):
    """$5 a day for four weeks."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(WORKFLOW)
        days = (MONDAY - timedelta(days=n) for n in range(1, 29))
        calls = [a_call(1, at + timedelta(minutes=n), n) for at in days for n in range(5)]
        await ledger.usage.record(calls, MONDAY)
    return database


async def book(database, *calls):
    async with database.ledger() as ledger:
        await ledger.usage.record(list(calls), NOON)


async def looks(database, *hours):
    for hour in hours:
        async with database.ledger() as ledger:
            await foresee(ledger, ORGANISATION, NOON + timedelta(hours=hour))


async def test_a_months_money_that_burns_in_a_week_is_said_at_once_and_once(quiet_workflow):
    await book(quiet_workflow, a_call(240, MONDAY, model="claude-opus-4-5"))

    await looks(quiet_workflow, 0, 1, 2, 24)

    [message] = [
        one for one in await said(quiet_workflow, to=SEARCH) if "burns its monthly" in one.text
    ]
    assert "At that rate the month's $900.00 lasts" in message.text
    assert "What changed: +$" in message.text
    assert "claude-opus-4-5" in message.text
    assert "budget-bot only tells" in message.text
    holds(message)


async def test_quiet_spend_says_nothing(quiet_workflow):
    await looks(quiet_workflow, 0, 6, 12)

    assert await said(quiet_workflow) == []


async def test_below_the_floor_nothing_is_said(quiet_workflow):
    await book(quiet_workflow, a_call("14", MONDAY))

    await looks(quiet_workflow, 0, 6)

    assert await said(quiet_workflow) == []


async def test_only_the_owner_is_told_who_it_was(quiet_workflow):
    calls = [a_call(4, MONDAY + timedelta(minutes=n), n, user="bea@example.com") for n in range(60)]
    await book(quiet_workflow, *calls)

    await looks(quiet_workflow, 0)

    channel, *_ = await said(quiet_workflow, to=SEARCH)
    word, *_ = await said(quiet_workflow, to=OWEN)
    assert "By one person" in channel.text
    assert "bea@example.com" not in str((channel.text, channel.blocks))
    assert "bea@example.com" in word.text


async def test_it_breaks_through_the_owners_quiet_hours(quiet_workflow):
    await book(quiet_workflow, a_call(240, MONDAY))

    await looks(quiet_workflow, 12)

    assert [one for one in await said(quiet_workflow, to=OWEN) if "burns" in one.text]


async def spikes(database):
    return [one for one in await said(database, to=SEARCH) if "far more than usual" in one.text]


async def test_an_hour_far_above_its_habit_is_said_once_while_it_lasts(quiet_workflow):
    calls = [a_call(40, MONDAY + timedelta(hours=2, minutes=n)) for n in (1, 2)]
    await book(quiet_workflow, *calls)

    await looks(quiet_workflow, 0, 1, 2, 6, 12, 20)

    [message] = await spikes(quiet_workflow)
    assert "$80.00 from" in message.text
    assert "is usual for that day" in message.text
    holds(message)


async def test_a_spike_a_day_later_is_another_one(quiet_workflow):
    await book(quiet_workflow, a_call(80, MONDAY + timedelta(hours=2, minutes=1)))
    await looks(quiet_workflow, 0)
    later = MONDAY + timedelta(days=2, hours=2, minutes=1)
    async with quiet_workflow.ledger() as ledger:
        await ledger.usage.record([a_call(120, later)], later)

    await looks(quiet_workflow, 24 * 2, 24 * 2 + 1)

    assert len(await spikes(quiet_workflow)) == 2


async def test_a_spike_below_the_floor_is_no_news(quiet_workflow):
    await book(quiet_workflow, a_call(19, MONDAY + timedelta(hours=2, minutes=1)))

    await looks(quiet_workflow, 0, 1)

    assert await said(quiet_workflow) == []
