"""What people find in Slack, whatever Slack answered on the way."""

import asyncio
import contextlib
from itertools import pairwise

import pytest
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.kit import section
from bot.notices import Card
from tests.delivery.outbox import IMPATIENT, QUICK, Outbox

SEARCH, OPS = "C0SEARCH", "C0OPS"
WRONG = Card("Plain words.", ({"type": "no such block"},))


@pytest.fixture
def outbox(database, slack):
    return Outbox(database, slack)


async def test_what_is_due_is_sent_in_order(outbox, slack):
    for key in ("first", "second", "third"):
        await outbox.says(key)

    assert await outbox.delivers() == 3
    assert slack.texts(SEARCH) == ["This is first.", "This is second.", "This is third."]
    assert await outbox.delivers() == 0


async def test_a_post_carries_its_key_and_unfurls_nothing(outbox, slack):
    await outbox.says("first")

    await outbox.delivers()

    [message] = slack.messages(SEARCH)
    assert message.metadata == {
        "event_type": "budget_bot_notice",
        "event_payload": {"key": "first"},
    }
    [call] = slack.calls("chat.postMessage")
    assert call["arguments"]["unfurl_links"] is False
    assert call["arguments"]["unfurl_media"] is False


async def test_a_person_gets_a_dm_that_can_be_rewritten(outbox, slack):
    await outbox.says("hello", "U0OWEN")
    await outbox.delivers()
    await outbox.rewrites("hello", Card("Hello again."))

    await outbox.delivers()

    assert slack.texts("U0OWEN") == ["Hello again."]


async def test_a_reply_stands_in_the_thread_of_its_parent(outbox, slack):
    await outbox.says("parent")
    await outbox.says("reply", under="parent")

    await outbox.delivers()

    parent, reply = slack.messages(SEARCH)
    assert reply.thread_ts == parent.ts


async def test_a_reply_to_a_persons_message_stands_in_its_thread(outbox, slack):
    ts = slack.says(SEARCH, "cap 400")
    await outbox.says("answer", under_ts=ts)

    await outbox.delivers()

    assert slack.messages(SEARCH)[-1].thread_ts == ts


async def test_a_reply_whose_parent_was_set_aside_is_not_lost(outbox, slack):
    slack.has_channel("C0GONE", is_archived=True)
    await outbox.says("parent", "C0GONE")
    await outbox.delivers()
    slack.has_channel("C0GONE")
    await outbox.says("reply", "C0GONE", under="parent")

    await outbox.delivers()

    [reply] = slack.messages("C0GONE")
    assert reply.thread_ts is None


async def test_a_reply_to_a_parent_in_another_channel_is_a_message_of_its_own(outbox, slack):
    await outbox.says("parent", OPS)
    await outbox.says("reply", SEARCH, under="parent")

    await outbox.delivers()

    assert slack.messages(SEARCH)[0].thread_ts is None


async def test_a_reply_to_a_message_somebody_deleted_is_not_lost(outbox, slack):
    await outbox.says("parent")
    await outbox.delivers()
    slack.deletes(slack.messages(SEARCH)[0])
    await outbox.says("reply", under="parent")

    await outbox.delivers()

    assert slack.texts(SEARCH) == ["This is reply."]


async def test_a_message_is_rewritten_in_place(outbox, slack):
    await outbox.says("alert", card=Card("80 %", (section("80 %"),)))
    await outbox.delivers()
    await outbox.rewrites("alert", Card("90 %"))
    await outbox.rewrites("alert", Card("95 %"))

    assert await outbox.delivers() == 1

    [message] = slack.messages(SEARCH)
    assert (message.text, message.blocks) == ("95 %", ())


async def test_a_rewrite_longer_than_slack_takes_is_clipped(outbox, slack):
    await outbox.says("alert")
    await outbox.rewrites("alert", Card("x" * 5_000))

    assert await outbox.delivers() == 2

    assert len(slack.texts(SEARCH)[0]) == 4_000


async def test_a_rewrite_of_what_was_set_aside_is_set_aside_too(outbox, slack):
    slack.has_channel("C0GONE", is_archived=True)
    await outbox.says("alert", "C0GONE")
    await outbox.rewrites("alert", Card("90 %"))

    await outbox.delivers()

    reasons = [reason for _, reason in await outbox.troubles()]
    assert reasons == ["the message it rewrites was not sent", "is_archived"]


async def test_an_emoji_is_put_on_a_persons_message_once(outbox, slack):
    ts = slack.says(SEARCH, "keep")
    await outbox.reacts(SEARCH, ts, "white_check_mark")
    slack.fails("reactions.add", "accept_then_500")
    await outbox.delivers()
    outbox.later(seconds=5)

    await outbox.delivers()

    [message] = slack.messages(SEARCH)
    assert [reaction.name for reaction in message.reactions] == ["white_check_mark"]
    assert await outbox.troubles() == []


async def test_an_emoji_slack_does_not_take_holds_nobody_up(outbox, slack):
    await outbox.reacts(SEARCH, "1.000100", "white_check_mark")
    await outbox.says("next")

    assert await outbox.delivers() == 1
    assert slack.texts(SEARCH) == ["This is next."]


async def test_slack_is_not_rushed(outbox, slack):
    slack.fails("chat.postMessage", "429", retry_after=30)
    await outbox.says("first")
    await outbox.says("elsewhere", OPS)

    assert await outbox.delivers() == 1
    outbox.later(seconds=29)
    assert await outbox.delivers() == 0
    outbox.later(seconds=2)
    assert await outbox.delivers() == 1

    # It was not accepted, so there is no doubt to clear up.
    assert slack.calls("conversations.history") == []
    assert await outbox.troubles() == []


@pytest.mark.parametrize("kind", ["500", "drop", "no_answer"])
async def test_what_slack_did_not_take_is_sent_again(outbox, slack, kind):
    slack.fails("chat.postMessage", kind)
    await outbox.says("first")
    await outbox.says("second")

    assert await outbox.dispatcher(timing=IMPATIENT).deliver_due() == 0
    outbox.later(seconds=30)
    assert await outbox.delivers() == 2

    assert slack.texts(SEARCH) == ["This is first.", "This is second."]


@pytest.mark.parametrize("kind", ["accept_then_500", "accept_then_drop"])
@pytest.mark.parametrize("place", [SEARCH, "U0OWEN"])
async def test_what_slack_took_without_saying_so_is_not_sent_twice(outbox, slack, kind, place):
    slack.fails("chat.postMessage", kind)
    await outbox.says("first", place)
    await outbox.says("reply", place, under="first")

    assert await outbox.delivers() == 0
    outbox.later(seconds=30)
    assert await outbox.delivers() == 2

    parent, reply = slack.messages(place)
    assert (parent.text, reply.text) == ("This is first.", "This is reply.")
    assert reply.thread_ts == parent.ts


async def test_a_reply_in_doubt_is_looked_up_in_its_thread(outbox, slack):
    await outbox.says("parent")
    await outbox.delivers()
    slack.fails("chat.postMessage", "accept_then_drop")
    await outbox.says("reply", under="parent")

    await outbox.delivers()
    outbox.later(seconds=30)
    await outbox.delivers()

    assert slack.texts(SEARCH) == ["This is parent.", "This is reply."]
    assert len(slack.calls("conversations.replies")) == 1


async def test_a_message_far_down_the_history_is_found(outbox, slack):
    slack.fails("chat.postMessage", "accept_then_drop")
    await outbox.says("first")
    await outbox.delivers()
    for number in range(450):
        slack.says(SEARCH, f"chatter {number}")

    outbox.later(seconds=30)
    await outbox.delivers()

    assert len(slack.calls("conversations.history")) == 3
    assert slack.texts(SEARCH).count("This is first.") == 1


async def test_what_a_crashed_sender_had_in_hand_is_sent(outbox, slack):
    await outbox.says("first")
    await outbox.crashes_before_sending()

    assert await outbox.delivers() == 0
    outbox.later(seconds=31)
    assert await outbox.delivers() == 1

    assert slack.texts(SEARCH) == ["This is first."]
    assert len(slack.calls("conversations.history")) == 1


async def test_what_cannot_be_looked_up_is_held_and_an_admin_is_told_after_an_hour(outbox, slack):
    slack.may("chat:write")
    slack.fails("chat.postMessage", "accept_then_drop")
    await outbox.says("first")
    await outbox.says("second")
    await outbox.delivers()

    for _ in range(4):
        outbox.later(minutes=30)
        await outbox.delivers()

    assert slack.texts(SEARCH) == ["This is first."]
    assert await outbox.troubles() == [("first", "cannot be looked up: missing_scope")]
    for admin in ("U0SAM", "U0ANA"):
        [told] = slack.texts(admin)
        assert "has waited for more than an hour" in told
    slack.may("chat:write", "channels:history")
    outbox.later(minutes=2)
    assert await outbox.delivers() == 2
    assert slack.texts(SEARCH) == ["This is first.", "This is second."]
    assert await outbox.troubles() == []


@pytest.mark.parametrize("token", ["xoxb-revoked", None])
async def test_a_bad_token_is_not_the_messages_fault(outbox, slack, token):
    await outbox.says("first")

    assert await outbox.delivers(slack.client(token=token)) == 0
    assert [key for key, _ in await outbox.troubles()] == ["first"]
    outbox.later(minutes=2)
    assert await outbox.delivers() == 1

    assert slack.texts(SEARCH) == ["This is first."]


async def test_nothing_is_lost_while_slack_cannot_be_reached(outbox, slack):
    await outbox.says("first")

    assert await outbox.delivers(slack.client(base_url="http://127.0.0.1:9/api/")) == 0
    outbox.later(seconds=30)
    assert await outbox.delivers() == 1

    # Nothing left this machine, so there was nothing to look up.
    assert slack.calls("conversations.history") == []


class Broken(AsyncWebClient):
    async def chat_postMessage(self, **_):  # noqa: N802 - Slack's name
        raise RuntimeError("a mistake of ours")


async def test_a_mistake_of_ours_is_held_and_shown(outbox, slack):
    await outbox.says("first")
    broken = Broken(token="xoxb-playground", base_url=f"{slack.url}/api/", retry_handlers=[])

    assert await outbox.delivers(broken) == 0
    assert await outbox.troubles() == [("first", "failed: RuntimeError")]
    outbox.later(seconds=30)
    assert await outbox.delivers() == 1

    assert slack.texts(SEARCH) == ["This is first."]


async def test_blocks_slack_refuses_are_left_out(outbox, slack):
    await outbox.says("first", card=WRONG)

    assert await outbox.delivers() == 1

    assert slack.texts(SEARCH) == ["Plain words."]


async def test_a_rewrite_whose_blocks_slack_refuses_is_made_as_text(outbox, slack):
    await outbox.says("first", card=Card("Before.", (section("Before."),)))
    await outbox.rewrites("first", WRONG)

    assert await outbox.delivers() == 2

    [message] = slack.messages(SEARCH)
    assert (message.text, message.blocks) == ("Plain words.", ())


async def test_what_slack_refuses_for_good_holds_nobody_up_and_admins_hear_of_it(outbox, slack):
    await outbox.has_admin_channel(OPS)
    slack.has_channel("C0GONE", is_archived=True)
    for key in ("first", "second"):
        await outbox.says(key, "C0GONE")
    await outbox.says("other")

    assert await outbox.delivers() == 2

    assert slack.texts(SEARCH) == ["This is other."]
    [told] = slack.texts(OPS)
    assert "<#C0GONE> cannot be sent and was set aside. The channel is archived." in told
    assert await outbox.troubles() == [("second", "is_archived"), ("first", "is_archived")]


async def test_admins_hear_of_a_channel_again_the_next_day(outbox, slack):
    await outbox.has_admin_channel(OPS)
    slack.has_channel("C0OLD", is_archived=True)
    await outbox.says("first", "C0OLD")
    await outbox.delivers()
    outbox.later(days=1)
    await outbox.says("second", "C0OLD")

    await outbox.delivers()

    assert len(slack.texts(OPS)) == 2


async def test_without_a_working_admin_channel_each_admin_is_told(outbox, slack):
    for channel in ("C0GONE", "C0OLD"):
        slack.has_channel(channel, is_archived=True)
    await outbox.has_admin_channel("C0GONE")
    await outbox.says("first", "C0OLD")

    await outbox.delivers()

    for admin in ("U0SAM", "U0ANA"):
        assert [text.split(">")[0] for text in slack.texts(admin)] == ["A message to <#C0GONE"]


async def test_only_a_person_lets_the_bot_in_so_each_admin_is_asked_by_dm(outbox, slack):
    await outbox.has_admin_channel(OPS)
    await outbox.says("first", "C0NOWHERE")
    await outbox.says("other")

    await outbox.delivers()

    assert slack.texts(OPS) == []
    assert slack.texts(SEARCH) == ["This is other."]
    for admin in ("U0SAM", "U0ANA"):
        [asked] = slack.texts(admin)
        assert "open <#C0NOWHERE> and type `/invite @budget-bot`" in asked


async def test_an_admin_channel_the_bot_is_not_in_is_asked_for_by_dm(outbox, slack):
    await outbox.has_admin_channel("C0NOWHERE")
    await outbox.says("first", "C0NOWHERE")

    await outbox.delivers()

    assert len(slack.texts("U0SAM")) == 1
    assert await outbox.waiting() == 0


async def test_a_report_nobody_can_read_is_the_end_of_it(outbox):
    outbox.desk = type(outbox.desk)(outbox.database, admins=("U0NOBODY",))
    await outbox.says("first", "C0NOWHERE")

    assert await outbox.delivers() == 0

    assert len(await outbox.troubles()) == 2
    assert await outbox.waiting() == 0


async def test_the_bot_joins_a_public_channel(outbox, slack):
    slack.has_channel("C0NEW", members=("U0OWEN",))
    await outbox.says("first", "C0NEW")

    assert await outbox.delivers() == 1

    assert slack.texts("C0NEW") == ["This is first."]


async def test_a_channel_the_bot_may_not_join_is_reported(outbox, slack):
    slack.may("chat:write", "channels:history")
    slack.has_channel("C0NEW", members=("U0OWEN",))
    await outbox.says("first", "C0NEW")

    await outbox.delivers()

    assert await outbox.troubles() == [("first", "not_in_channel")]
    assert "Invite it there" in slack.texts("U0SAM")[0]


async def test_two_dispatchers_send_every_message_once(outbox, slack):
    places = [f"C0{number}" for number in range(6)]
    for place in places:
        slack.has_channel(place)
        for number in range(5):
            await outbox.says(f"{place}-{number}", place)

    sent = await asyncio.gather(outbox.delivers(), outbox.delivers())

    assert sum(sent) == 30
    for place in places:
        assert slack.texts(place) == [f"This is {place}-{number}." for number in range(5)]


@contextlib.asynccontextmanager
async def running(dispatcher):
    task = asyncio.create_task(dispatcher.run())
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until(true):
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.005)


async def test_a_commit_wakes_the_dispatcher(outbox, slack):
    slow = type(QUICK)(poll=60)

    async with running(outbox.dispatcher(timing=slow)):
        await asyncio.sleep(0.05)
        await outbox.says("first")
        await until(lambda: slack.texts(SEARCH))
        await outbox.says("second")
        await until(lambda: len(slack.texts(SEARCH)) == 2)


async def test_what_another_process_wrote_is_found_by_looking(outbox, slack):
    async with running(outbox.dispatcher()):
        await outbox.says("first")
        outbox.database.noticed.clear()
        await until(lambda: slack.texts(SEARCH))


async def test_posts_to_one_channel_are_spaced_and_channels_do_not_wait_for_each_other(
    outbox, slack
):
    for key in ("one", "two", "three"):
        await outbox.says(f"search-{key}")
        await outbox.says(f"ops-{key}", OPS)

    async with running(outbox.dispatcher(pace=0.2)):
        await until(lambda: len(slack.calls("chat.postMessage")) == 6)

    calls = [(call["arguments"]["channel"], call["at"]) for call in slack.calls("chat.postMessage")]
    search, ops = ([at for channel, at in calls if channel == place] for place in (SEARCH, OPS))
    assert all(later - sooner >= 0.2 for sooner, later in [*pairwise(search), *pairwise(ops)])
    assert max(search[0], ops[0]) < min(search[1], ops[1])


async def test_a_retry_in_the_running_loop_comes_by_itself(outbox, slack):
    slack.fails("chat.postMessage", "accept_then_drop")
    await outbox.says("first")
    await outbox.says("second")

    async with running(outbox.dispatcher()):
        await until(lambda: len(slack.texts(SEARCH)) == 2)

    assert slack.texts(SEARCH) == ["This is first.", "This is second."]


async def test_a_stopped_dispatcher_finishes_what_is_under_way(outbox, slack):
    slack.fails("chat.postMessage", "no_answer")
    await outbox.says("first")

    async with running(outbox.dispatcher(timing=IMPATIENT)):
        await until(lambda: slack.calls("chat.postMessage"))

    async with outbox.database.ledger() as ledger:
        now = outbox.desk.now()
        assert await ledger.deliveries.claim(SEARCH, now, now) is None  # it waits, in doubt
    outbox.later(seconds=30)
    assert await outbox.delivers() == 1


async def test_a_send_that_takes_too_long_to_stop_is_left_in_doubt(outbox, slack):
    slack.fails("chat.postMessage", "no_answer")
    await outbox.says("first")
    hasty = type(QUICK)(lease=30, timeout=10, farewell=0.05)

    async with running(outbox.dispatcher(timing=hasty)):
        await until(lambda: slack.calls("chat.postMessage"))

    assert await outbox.delivers() == 1
    assert len(slack.calls("conversations.history")) == 1


async def test_an_idle_dispatcher_writes_nothing(outbox):
    before = outbox.database.noticed
    async with running(outbox.dispatcher()):
        with structlog.testing.capture_logs() as logs:
            await asyncio.sleep(0.3)

    assert logs == []
    assert not before.is_set()


async def test_logs_name_the_notice_and_not_what_it_says(outbox):
    await outbox.says("first", text="a secret plan")

    with structlog.testing.capture_logs() as logs:
        await outbox.delivers()

    [line] = logs
    assert line == {
        "event": "notice sent",
        "log_level": "info",
        "notice": "first",
        "act": "post",
        "channel": SEARCH,
        "attempt": 1,
        "outcome": "sent",
    }


async def test_a_client_that_repeats_calls_by_itself_is_refused(outbox, slack):
    with pytest.raises(ValueError, match="would post twice"):
        outbox.dispatcher(slack.client(retry_handlers=None))


async def test_a_moved_clock_is_what_makes_it_due(outbox, slack):
    await outbox.says("first")
    outbox.later(seconds=-10)
    assert await outbox.delivers() == 0
    outbox.later(seconds=10)
    assert await outbox.delivers() == 1
    assert slack.texts(SEARCH) == ["This is first."]
