"""The outbox: said once, sent in order, by one sender at a time."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import event

from bot.notices import Act, Backlog, Card, Place, Sending, thread_of, waits_for_target
from storage.deliveries import AlreadyClaimed
from tests.builders import MONDAY

HELLO = Card("Hello")
LEASE = timedelta(seconds=30)
LATER = MONDAY + timedelta(seconds=31)
SEARCH, OPS = "C0SEARCH", "C0OPS"


async def post(database, *keys, channel=SEARCH, **named):
    async with database.ledger() as ledger:
        for key in keys:
            await ledger.notices.post(key, channel, HELLO, MONDAY, **named)


async def claim(database, channel=SEARCH, now=MONDAY):
    try:
        async with database.ledger() as ledger:
            return await ledger.deliveries.claim(channel, now, now + LEASE)
    except AlreadyClaimed:
        return None


@asynccontextmanager
async def deliveries(database):
    async with database.ledger() as ledger:
        yield ledger.deliveries


async def put_back(database, held, due_at, **named):
    plain = {"reason": "", "in_doubt": False, "held_since": None, "told_admin": False}
    async with deliveries(database) as them:
        return await them.put_back(held, due_at, **plain | named)


async def send(database, held, ts="1.000100"):
    async with deliveries(database) as them:
        return await them.sent(held, Place(held.notice.channel, ts), MONDAY)


async def test_a_key_is_said_once(database):
    async with database.ledger() as ledger:
        first = await ledger.notices.post("hello", SEARCH, HELLO, MONDAY)
        again = await ledger.notices.post("hello", SEARCH, HELLO, MONDAY)

    assert (first, again) == (True, False)


async def test_an_emoji_is_put_once_by_many_at_the_same_time(database):
    async def react():
        async with database.ledger() as ledger:
            await ledger.notices.react(SEARCH, "1.000100", "eyes", MONDAY)

    await asyncio.gather(*(react() for _ in range(5)))

    async with database.reading() as ledger:
        assert (await ledger.notices.backlog(MONDAY)).waiting == 1


async def test_notices_of_a_channel_are_claimed_in_order(database):
    await post(database, "first", "second")

    first = await claim(database)
    await send(database, first)
    second = await claim(database)

    assert (first.notice.key, second.notice.key) == ("first", "second")
    assert first.attempts == 1
    assert not first.in_doubt


async def test_one_sender_at_a_time_is_let_into_a_channel(database):
    await post(database, "first", "second")
    await post(database, "elsewhere", channel=OPS)

    first = await claim(database)

    assert first is not None
    assert await claim(database) is None
    assert await claim(database, OPS) is not None


async def test_of_many_senders_at_once_one_gets_the_notice(database):
    await post(database, "first", "second", "third")

    claims = await asyncio.gather(*(claim(database) for _ in range(8)))

    assert [one.notice.key for one in claims if one] == ["first"]


async def test_a_notice_that_commits_late_waits_for_the_one_being_sent(database):
    """Transactions may commit in another order than they draw their numbers."""
    await post(database, "first")
    first = await claim(database)
    await post(database, "late", channel=OPS)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE notices SET seq = -1, channel = 'C0SEARCH' WHERE key = 'late'"
        )

    assert await claim(database) is None
    await send(database, first)
    assert (await claim(database)).notice.key == "late"


async def test_a_lease_that_ran_out_is_claimed_in_doubt(database):
    await post(database, "first")
    lost = await claim(database)

    again = await claim(database, now=LATER)

    assert again.notice.key == "first"
    assert again.in_doubt
    assert again.attempts == 2
    assert again.lease != lost.lease


async def test_a_verdict_without_its_lease_does_not_count(database):
    await post(database, "first")
    lost = await claim(database)
    await claim(database, now=LATER)

    assert not await send(database, lost)
    assert not await put_back(database, lost, MONDAY)
    async with deliveries(database) as them:
        assert not await them.renew(lost, LATER)
        assert not await them.set_aside(lost, "is_archived", MONDAY)


async def test_a_renewed_lease_is_not_up_for_others(database):
    await post(database, "first")
    held = await claim(database)

    async with deliveries(database) as them:
        assert await them.renew(held, LATER + LEASE)

    assert await claim(database, now=LATER) is None


async def test_what_is_put_back_holds_the_channel_until_it_is_due(database):
    await post(database, "first", "second")
    due = MONDAY + timedelta(seconds=5)

    await put_back(database, await claim(database), due, in_doubt=True, reason="TimeoutError")

    assert await claim(database, now=due - timedelta(microseconds=1)) is None
    again = await claim(database, now=due)
    assert (again.notice.key, again.in_doubt) == ("first", True)


async def test_what_is_set_aside_lets_those_behind_it_go_on(database):
    await post(database, "first", "second")
    first = await claim(database)

    async with deliveries(database) as them:
        await them.set_aside(first, "is_archived", MONDAY)

    assert (await claim(database)).notice.key == "second"


async def test_channels_say_when_their_turn_comes(database):
    await post(database, "first", "second")
    await post(database, "elsewhere", channel=OPS)
    await post(database, "dm", channel="U0OWEN")
    due = MONDAY + timedelta(seconds=5)
    await put_back(database, await claim(database), due)
    await claim(database, OPS)

    async with database.reading() as ledger:
        channels = await ledger.deliveries.channels()

    assert list(channels.items()) == [("U0OWEN", MONDAY), (SEARCH, due), (OPS, MONDAY + LEASE)]


async def test_a_reply_knows_where_its_parent_stands(database):
    await post(database, "parent")
    await post(database, "reply", under="parent")
    parent = await claim(database)

    await send(database, parent)
    reply = await claim(database)

    assert thread_of(reply) == Place(SEARCH, "1.000100")
    assert not waits_for_target(reply)


async def test_a_reply_to_a_parent_that_was_set_aside_is_a_message_of_its_own(database):
    await post(database, "parent")
    await post(database, "reply", under="parent")
    parent = await claim(database)

    async with deliveries(database) as them:
        await them.set_aside(parent, "invalid_blocks", MONDAY)
    reply = await claim(database)

    assert thread_of(reply) is None
    assert not waits_for_target(reply)


async def test_only_the_last_of_several_rewrites_is_sent(database):
    await post(database, "parent")
    async with database.ledger() as ledger:
        for text in ("one", "two", "three"):
            await ledger.notices.update("parent", Card(text), MONDAY)
    await send(database, await claim(database))

    rewrite = await claim(database)

    assert (rewrite.notice.act, rewrite.notice.card.text) == (Act.UPDATE, "three")
    assert rewrite.target.place == Place(SEARCH, "1.000100")


async def test_a_rewrite_on_its_way_is_followed_by_the_newer_one(database):
    await post(database, "parent")
    await send(database, await claim(database))
    async with database.ledger() as ledger:
        await ledger.notices.update("parent", Card("one"), MONDAY)
    lost = await claim(database)
    async with database.ledger() as ledger:
        await ledger.notices.update("parent", Card("two"), MONDAY)

    again = await claim(database, now=LATER)

    assert lost.notice.card.text == "one"
    assert again.notice.card.text == "two"
    async with database.reading() as ledger:
        assert (await ledger.notices.backlog(LATER)).waiting == 1


async def test_troubles_are_shown_with_their_reason_and_age(database):
    await post(database, "gone", "stuck", "fine")
    gone = await claim(database)
    async with deliveries(database) as them:
        await them.set_aside(gone, "is_archived", MONDAY)
    stuck = await claim(database)
    await put_back(database, stuck, LATER, reason="missing_scope", held_since=MONDAY)

    async with database.reading() as ledger:
        troubles = await ledger.notices.troubled()

    assert [(one.key, one.state, one.reason, one.since) for one in troubles] == [
        ("stuck", Sending.WAITING, "missing_scope", MONDAY),
        ("gone", Sending.SET_ASIDE, "is_archived", MONDAY),
    ]


async def test_the_backlog_counts_what_waits_and_knows_its_age(database):
    async with database.reading() as ledger:
        assert await ledger.notices.backlog(LATER) == Backlog(0, timedelta(0))

    await post(database, "first", "second")
    await send(database, await claim(database))

    async with database.reading() as ledger:
        assert await ledger.notices.backlog(LATER) == Backlog(1, timedelta(seconds=31))


async def test_a_long_queue_is_read_by_its_indexes(database):
    await post(database, *(f"n{number}" for number in range(300)))

    plan = await plan_of(database, lambda them: them.channels())
    plan += await plan_of(database, lambda them: them.claim(SEARCH, MONDAY, LATER))

    assert "notices_unsent" in plan
    assert "notices_one_sender" in plan
    assert "SCAN notices\n" not in plan


async def plan_of(database, ask):
    """How the database goes about what `ask` asks."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        if statement.startswith(("SELECT", "UPDATE")):
            asked.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with deliveries(database) as them:
        await ask(them)
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    async with database.engine.connect() as connection:
        if not database.is_sqlite:
            await connection.exec_driver_sql("SET enable_seqscan = off")
        plans = [
            await connection.exec_driver_sql(f"{explain} {statement}", parameters)
            for statement, parameters in asked
        ]
        return "\n".join(str(row) for plan in plans for row in plan.all())
