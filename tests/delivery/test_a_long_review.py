"""A review of more replies than fit, whoever falls over while they are posted."""

import asyncio
import contextlib
import random
import re
from collections import Counter
from dataclasses import replace

from handlers.flows.open_review import Place, open_review
from handlers.flows.page_review import page_reviews
from storage.database import Database
from tests.builders import SAM, a_team, a_workflow, an_organisation
from tests.delivery.outbox import Outbox

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
MANY = 85
FAULTS = {"429": 0.01, "500": 0.02, "accept_then_500": 0.03, "accept_then_drop": 0.02}


async def opened(outbox):
    async with outbox.database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        for number in range(MANY):
            await ledger.workflows.add(a_workflow(key=f"w-{number:03d}", name=f"W {number}"))
        place = Place(SAM, SEARCH)
        await open_review("", place, ledger, ORGANISATION, outbox.desk.now())


async def is_done(outbox):
    async with outbox.database.reading() as ledger:
        waiting = await ledger.deliveries.waiting_in(SEARCH)
        return not waiting and not await ledger.reviews.paged()


async def lives_for(outbox, seconds):
    """A bot that starts on what is there, posts, and falls over in the middle of it."""
    url = outbox.database.url.render_as_string(hide_password=False)
    born = Outbox(Database(url), outbox.slack)
    born.desk = replace(outbox.desk, database=born.database)
    async with born.database.ledger() as ledger:
        await page_reviews(ledger, ORGANISATION, born.desk.now())
    sending = asyncio.create_task(born.delivers())
    await asyncio.wait([sending], timeout=seconds)
    sending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sending
    await born.database.close()
    outbox.later(seconds=3)


async def test_each_reply_is_there_once_though_the_bot_falls_over_and_slack_fails(database, slack):
    chance = random.Random(7)
    for kind, probability in FAULTS.items():
        slack.fails("chat.postMessage", kind, times=None, probability=probability)
    outbox = Outbox(database, slack)
    await opened(outbox)

    lives = 0
    while not await is_done(outbox):
        await lives_for(outbox, chance.uniform(0.05, 0.4) if lives < 4 else 20)
        lives += 1

    parent, *replies = slack.messages(SEARCH)
    said = Counter(key for one in replies for key in re.findall(r"`(w-\d+)`", one.text)[:1])
    assert (len(said), set(said.values())) == (MANY, {1})
    assert {one.thread_ts for one in replies} == {parent.ts}
    assert lives > 3
