import asyncio

import pytest
from slack_sdk.signature import SignatureVerifier

from tests.playground import town as towns
from tests.playground.town import SECRET, eventually


async def says(town, text, **more):
    asked = {"user": "U0OWEN", "channel": "C0SEARCH", "text": text, **more}
    return await town.does("message", **asked)


async def test_a_message_is_an_event(town):
    said = await says(town, "p95 < 2 s & <@U0MIA>")

    [envelope] = town.bot.of("message")
    event = envelope["event"]
    assert event["text"] == "p95 &lt; 2 s &amp; <@U0MIA>"
    assert (event["user"], event["channel"], event["channel_type"]) == (
        "U0OWEN",
        "C0SEARCH",
        "channel",
    )
    assert event["ts"] == event["event_ts"] == said["ts"]
    assert (envelope["type"], envelope["team_id"]) == ("event_callback", "T0ACME")
    assert envelope["authorizations"][0]["user_id"] == "U0BOT"
    assert envelope["event_id"].startswith("Ev")


async def test_a_mention_is_two_events_with_one_ts(town):
    await says(town, "@budget-bot hello")

    [message], [mention] = town.bot.of("message"), town.bot.of("app_mention")
    assert message["event"]["ts"] == mention["event"]["ts"]
    assert message["event_id"] != mention["event_id"]


async def test_a_mention_in_direct_messages_is_one_event(town):
    await says(town, "<@U0BOT> hello", channel="U0OWEN")

    [message] = town.bot.of("message")
    assert message["event"]["channel_type"] == "im"
    assert town.bot.of("app_mention") == []


async def test_a_reply_carries_its_thread_even_under_a_reply(town):
    parent = await town.posts(text="parent")
    reply = await town.does("reply", user="U0OWEN", channel="C0SEARCH", ts=parent, text="one")
    await town.does("reply", user="U0ANA", channel="C0SEARCH", ts=reply["ts"], text="two")

    threads = [
        e["event"].get("thread_ts")
        for e in town.bot.of("message")
        if e["event"]["text"] in {"one", "two"}
    ]
    assert threads == [parent, parent]


async def test_the_bot_hears_itself_its_edits_and_deletions(town):
    ts = await town.posts(text="before")
    await town.answer("chat.update", channel="C0SEARCH", ts=ts, text="after")
    await town.answer("chat.delete", channel="C0SEARCH", ts=ts)

    await eventually(lambda: len(town.bot.own) == 3)
    own, edited, deleted = (one.payload["event"] for one in town.bot.own)
    assert own["bot_id"] == "B0BOT"
    assert (edited["subtype"], edited["message"]["text"]) == ("message_changed", "after")
    assert edited["previous_message"]["text"] == "before"
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)


async def test_a_bot_hears_nothing_where_it_is_not(town):
    await town.does("channel", id="C0SEARCH", kick_bot=True)
    await says(town, "secret")
    assert town.bot.received == []


async def test_only_what_the_manifest_subscribes_to_is_delivered():
    events = {"settings": {"event_subscriptions": {"bot_events": ["message.im"]}}}
    async with towns.town(manifest=events) as town:
        await says(town, "@budget-bot in a channel")
        await says(town, "in private", channel="U0OWEN")
        texts = [e["event"]["text"] for e in town.bot.of("message")]
        mentions = town.bot.of("app_mention")

    assert (texts, mentions) == (["in private"], [])


@pytest.mark.parametrize(
    "where", [{"id": "C0SEARCH", "archive": True}, {"id": "C0SEARCH", "members": ["U0BOT"]}]
)
async def test_nobody_writes_where_they_may_not(town, where):
    await town.does("channel", **where)
    said = {"user": "U0OWEN", "channel": "C0SEARCH", "text": "a"}
    assert (await town.http.post("/control/message", json=said)).status_code == 409


async def test_an_unanswered_event_comes_again():
    async with towns.town(retry_delays=(0.0, 0.01, 0.01)) as town:
        town.bot.answers = [(500, ""), 0.6, (200, "")]
        await says(town, "a")
        await eventually(lambda: len(town.bot.received) == 3)
        await asyncio.sleep(0.05)
        received = list(town.bot.received)

    assert len({r.payload["event_id"] for r in received}) == 1
    retries = [
        (r.headers.get("x-slack-retry-num"), r.headers.get("x-slack-retry-reason"))
        for r in received
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_timeout")]


async def test_a_person_may_come_and_the_bot_hears_of_it(town):
    await town.does("channel", id="C0GROWTH", members=["U0BOT", "U0OWEN", "U0GUEST"])

    await eventually(lambda: town.bot.of("member_joined_channel"))
    [joined] = town.bot.of("member_joined_channel")
    assert joined["event"]["user"] == "U0GUEST"


async def test_events_are_repeated_on_request(town):
    await town.does("deliveries", repeat=2, times=1)

    await says(town, "a")
    await says(town, "b")

    first = [r for r in town.bot.received if r.payload["event"]["text"] == "a"]
    assert len(first) == 3
    assert len({r.payload["event_id"] for r in first}) == 1
    assert len(town.bot.received) == 4


async def test_events_are_reordered_on_request(town):
    await town.does("deliveries", reorder=True, times=1)

    await says(town, "@budget-bot hello")

    assert [r.kind for r in town.bot.received] == ["app_mention", "message"]


async def test_a_lonely_reordered_event_still_comes(town):
    await town.does("deliveries", reorder=True, times=1)
    await says(town, "a")
    assert len(town.bot.received) == 1


@pytest.mark.parametrize("fault", ["wrong_signature", "stale_timestamp", "bad_timestamp"])
async def test_deliveries_are_signed_wrongly_on_request(town, fault):
    await town.does("deliveries", **{fault: True}, times=1)

    await says(town, "a")
    await says(town, "b")

    wrong, right = town.bot.received
    verifier = SignatureVerifier(SECRET)
    assert verifier.is_valid_request(right.body, right.headers)
    if fault == "bad_timestamp":
        assert not wrong.headers["x-slack-request-timestamp"].isdigit()
    else:
        assert not verifier.is_valid_request(wrong.body, wrong.headers)
