"""Every message once and in order, whoever is killed and whatever Slack answers."""

import random

from tests.delivery.campaign import Plan, campaign


async def test_every_message_is_there_once_though_senders_are_killed_and_slack_fails(database):
    seed = random.SystemRandom().randrange(1_000_000)
    plan = Plan(
        messages=150,
        channels=25,
        dispatchers=1 if database.is_sqlite else 3,
        kills=12,
        seed=seed,
        pause=(0.02, 0.3),
    )
    print(plan)  # noqa: T201 - to run it again

    result = await campaign(database, plan)

    print(result)  # noqa: T201
    assert (result.lost, result.doubled, result.misplaced) == (0, 0, 0)
    assert result.messages == 150
    assert result.kills == 12
