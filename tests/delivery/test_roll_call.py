"""Slack takes a message to a deactivated account without a word: the bot asks after people."""

import pytest

from handlers.clock import tick
from handlers.slack.roll_call import RollCall
from tests.builders import ANA, FIN, MIA, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.delivery.outbox import Outbox


@pytest.fixture
async def outbox(database, slack):
    slack.may("chat:write", "users:read")
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    for user in (MIA, FIN):
        slack.has_person(user, tz="Asia/Kolkata")
    return Outbox(database, slack)


def calls_roll(outbox):
    return RollCall(outbox.desk, outbox.slack.client()).call()


async def owner(outbox):
    await tick(outbox.desk)
    async with outbox.database.reading() as ledger:
        return (await ledger.workflows.get("search-ranking")).owner


async def zone(outbox, user):
    async with outbox.database.reading() as ledger:
        person = await ledger.people.find(user)
        return person and person.timezone


async def test_everybody_with_a_role_is_asked_after_once_a_day(outbox):
    assert await calls_roll(outbox) == len({OWEN, MIA, ANA, FIN, SAM})
    outbox.later(minutes=10)
    assert await calls_roll(outbox) == 0
    outbox.later(hours=25)
    assert await calls_roll(outbox) == 5


async def test_the_zone_of_an_owner_who_never_met_the_bot_becomes_known(outbox):
    await calls_roll(outbox)

    assert await zone(outbox, MIA) == "Asia/Kolkata"


async def test_an_owner_who_left_without_an_event_is_noticed_the_next_day(outbox, slack):
    await calls_roll(outbox)
    slack.has_person(OWEN, deleted=True)
    assert await owner(outbox) == OWEN

    outbox.later(days=1, minutes=10)
    await calls_roll(outbox)

    assert await owner(outbox) == MIA


async def test_of_several_replicas_one_calls_the_roll(outbox):
    counts = [await calls_roll(outbox) for _ in range(3)]

    assert counts == [5, 0, 0]


@pytest.mark.parametrize("kind", ["429", "500", "drop"])
async def test_slack_being_away_takes_nobodys_role(outbox, slack, kind):
    slack.fails("users.info", kind, times=None)
    await calls_roll(outbox)
    assert await owner(outbox) == OWEN

    slack.works_again()
    outbox.later(minutes=11)
    assert await calls_roll(outbox) == 5


async def test_an_id_slack_does_not_know_takes_nobodys_role(outbox):
    async with outbox.database.ledger() as ledger:
        await ledger.workflows.add(a_workflow(key="typo", owner="U0NOBODY"))

    assert await calls_roll(outbox) == 5
