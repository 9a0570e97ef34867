import pytest

from tests.playground.town import TOKEN

DIVIDER = {"type": "divider"}
APPROVE = {
    "type": "actions",
    "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Approve"}}],
}


@pytest.mark.parametrize(
    ("message", "error"),
    [
        pytest.param({"channel": "C0NONE", "text": "a"}, "channel_not_found", id="no such channel"),
        pytest.param({"channel": "U0NOBODY", "text": "a"}, "channel_not_found", id="nobody"),
        pytest.param({"text": "a"}, "invalid_arguments", id="no channel"),
        pytest.param({"channel": "C0SEARCH"}, "no_text", id="nothing to say"),
        pytest.param({"channel": "C0SEARCH", "text": "a" * 40_001}, "msg_too_long", id="too long"),
        pytest.param({"channel": "C0SEARCH", "text": "a" * 40_000}, "", id="just short enough"),
        pytest.param(
            {"channel": "C0SEARCH", "blocks": [{"type": "x"}]}, "invalid_blocks", id="a bad block"
        ),
        pytest.param({"channel": "C0SEARCH", "blocks": "["}, "invalid_blocks_format", id="no JSON"),
        pytest.param(
            {"channel": "C0SEARCH", "text": "a", "thread_ts": "1.000001"},
            "thread_not_found",
            id="a thread on nothing",
        ),
        pytest.param(
            {"channel": "C0SEARCH", "text": "a", "metadata": {"event_type": "x"}},
            "invalid_metadata_format",
            id="metadata without payload",
        ),
        pytest.param(
            {
                "channel": "C0SEARCH",
                "text": "a",
                "metadata": {"event_type": "x", "event_payload": {"k": "v" * 5000}},
            },
            "metadata_too_large",
            id="too much metadata",
        ),
        pytest.param({"channel": "#search", "text": "a"}, "", id="a channel by its name"),
    ],
)
async def test_a_message_is_checked_as_slack_does(town, message, error):
    assert await town.error("chat.postMessage", **message) == error


async def test_too_long_blocks_have_an_error_of_their_own(town):
    text = {"type": "section", "text": {"type": "mrkdwn", "text": "a" * 2900}}
    assert await town.error("chat.postMessage", channel="C0SEARCH", blocks=[text] * 4) == ""
    error = await town.error("chat.postMessage", channel="C0SEARCH", blocks=[text] * 5)
    assert error == "msg_blocks_too_long"


async def test_a_refused_block_says_where(town):
    answer = await town.answer("chat.postMessage", channel="C0SEARCH", blocks=[{"type": "header"}])

    [message] = answer["response_metadata"]["messages"]
    assert message == "[ERROR] missing required field: text [json-pointer:/blocks/0]"


async def test_arguments_may_come_as_a_form(town):
    form = {"token": TOKEN, "channel": "C0SEARCH", "text": "a", "blocks": '[{"type":"divider"}]'}

    answer = (await town.http.post("/api/chat.postMessage", data=form)).json()

    assert answer["message"]["blocks"][0]["type"] == "divider"


async def test_a_message_to_a_person_opens_the_direct_messages(town):
    answer = await town.answer("chat.postMessage", channel="U0OWEN", text="hello")

    assert answer["channel"] == "D0OWEN"
    assert [m["text"] for m in await town.sees("messages", channel="U0OWEN")] == ["hello"]


async def test_slack_invents_the_ids_a_bot_leaves_out(town):
    await town.posts(text="a", blocks=[APPROVE])

    [message] = await town.sees("messages", channel="C0SEARCH")
    [block] = message["blocks"]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]


@pytest.mark.parametrize("what", [{"archive": True}, {"kick_bot": True}])
async def test_nothing_is_posted_where_the_bot_may_not(town, what):
    await town.does("channel", id="C0SEARCH", **what)

    error = await town.error("chat.postMessage", channel="C0SEARCH", text="a")

    assert error == ("is_archived" if "archive" in what else "not_in_channel")


async def test_a_private_channel_does_not_exist_for_outsiders(town):
    await town.does("channel", id="G0SECRET", is_private=True, members=["U0OWEN"])

    assert await town.error("chat.postMessage", channel="G0SECRET", text="a") == "channel_not_found"
    assert await town.error("conversations.info", channel="G0SECRET") == "channel_not_found"


async def test_an_update_keeps_what_it_does_not_send(town):
    metadata = {"event_type": "notice", "event_payload": {"id": "1"}}
    ts = await town.posts(text="before", blocks=[DIVIDER], metadata=metadata)

    await town.answer("chat.update", channel="C0SEARCH", ts=ts, text="after")

    [message] = await town.sees("messages", channel="C0SEARCH")
    assert (message["text"], message["metadata"]) == ("after", metadata)
    assert message["blocks"]
    assert message["edited"]["user"] == "U0BOT"


async def test_an_update_takes_away_what_it_sends_empty(town):
    ts = await town.posts(text="before", blocks=[APPROVE])

    await town.answer("chat.update", channel="C0SEARCH", ts=ts, text="after", blocks=[])

    assert "blocks" not in (await town.sees("messages", channel="C0SEARCH"))[0]


async def test_an_update_has_a_shorter_limit(town):
    ts = await town.posts(text="a")
    update = {"channel": "C0SEARCH", "ts": ts}
    assert await town.error("chat.update", **update, text="a" * 4000) == ""
    assert await town.error("chat.update", **update, text="a" * 4001) == "msg_too_long"


async def test_a_bot_changes_only_its_own_messages(town):
    theirs = (await town.does("message", user="U0OWEN", channel="C0SEARCH", text="mine"))["ts"]
    about = {"channel": "C0SEARCH", "ts": theirs}
    gone = {"channel": "C0SEARCH", "ts": "1.000001"}

    assert await town.error("chat.update", **about, text="yours") == "cant_update_message"
    assert await town.error("chat.delete", **about) == "cant_delete_message"
    assert await town.error("chat.update", **gone, text="yours") == "message_not_found"


async def test_a_deleted_parent_leaves_a_stone(town):
    alone, parent = await town.posts(text="alone"), await town.posts(text="parent")
    await town.does("reply", user="U0OWEN", channel="C0SEARCH", ts=parent, text="reply")

    for ts in (alone, parent):
        await town.answer("chat.delete", channel="C0SEARCH", ts=ts)

    texts = [m["text"] for m in await town.sees("messages", channel="C0SEARCH")]
    assert texts == ["This message was deleted.", "reply"]


async def test_an_ephemeral_message_is_seen_by_one(town):
    sent = {"channel": "C0SEARCH", "user": "U0OWEN", "text": "psst"}
    answer = await town.answer("chat.postEphemeral", **sent)

    assert await town.sees("messages", channel="C0SEARCH") == []
    [seen] = await town.sees("ephemerals", user="U0OWEN", channel="C0SEARCH")
    assert seen["ts"] == answer["message_ts"]
    assert await town.sees("ephemerals", user="U0ANA") == []


async def test_an_ephemeral_message_needs_a_reader_who_is_there(town):
    sent = {"channel": "C0GROWTH", "user": "U0GUEST", "text": "psst"}
    assert await town.error("chat.postEphemeral", **sent) == "user_not_in_channel"


async def test_history_goes_back_page_by_page_without_replies(town):
    for number in range(5):
        ts = await town.posts(text=f"{number}")
    await town.does("reply", user="U0OWEN", channel="C0SEARCH", ts=ts, text="a reply")

    seen, cursor = [], ""
    for _ in range(3):
        page = await town.answer(
            "conversations.history", channel="C0SEARCH", limit=2, cursor=cursor
        )
        seen += [m["text"] for m in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"]

    assert (seen, cursor) == (["4", "3", "2", "1", "0"], "")


async def test_history_ends_where_it_is_told_to(town):
    first, second, third = [await town.posts(text=text) for text in "abc"]
    asked = {"channel": "C0SEARCH", "oldest": first, "latest": third}

    async def texts(**more):
        found = await town.answer("conversations.history", **asked, **more)
        return [m["ts"] for m in found["messages"]]

    assert await texts() == [second]
    assert await texts(inclusive=True) == [third, second, first]


async def test_metadata_comes_back_only_when_asked_for(town):
    metadata = {"event_type": "notice", "event_payload": {"id": "1"}}
    await town.posts(text="a", metadata=metadata)

    plain = await town.answer("conversations.history", channel="C0SEARCH")
    whole = await town.answer(
        "conversations.history", channel="C0SEARCH", include_all_metadata=True
    )

    assert "metadata" not in plain["messages"][0]
    assert whole["messages"][0]["metadata"] == metadata


async def test_replies_begin_with_their_parent(town):
    parent = await town.posts(text="parent")
    for text in ("one", "two"):
        await town.does("reply", user="U0OWEN", channel="C0SEARCH", ts=parent, text=text)

    found = await town.answer("conversations.replies", channel="C0SEARCH", ts=parent)

    assert [m["text"] for m in found["messages"]] == ["parent", "one", "two"]
    assert found["messages"][0]["reply_count"] == 2
    lost = {"channel": "C0SEARCH", "ts": "1.000001"}
    assert await town.error("conversations.replies", **lost) == "thread_not_found"


async def test_a_broadcast_reply_is_in_the_channel_too(town):
    parent = await town.posts(text="parent")
    await town.posts(text="quiet", thread_ts=parent)
    await town.posts(text="loud", thread_ts=parent, reply_broadcast=True)

    channel = await town.answer("conversations.history", channel="C0SEARCH")
    thread = await town.answer("conversations.replies", channel="C0SEARCH", ts=parent)

    assert [m["text"] for m in channel["messages"]] == ["loud", "parent"]
    assert [m["text"] for m in thread["messages"]] == ["parent", "quiet", "loud"]


async def test_paging_has_its_own_errors(town):
    ask = {"channel": "C0SEARCH"}
    assert await town.error("conversations.history", **ask, limit=1001) == "invalid_limit"
    assert await town.error("conversations.history", **ask, cursor="?") == "invalid_cursor"


async def test_a_permalink_leads_to_the_message(town):
    ts = await town.posts(text="a")

    link = await town.answer("chat.getPermalink", channel="C0SEARCH", message_ts=ts)
    reply = await town.http.get(link["permalink"])

    assert reply.headers["location"] == f"/#C0SEARCH/{ts}"


async def test_a_reaction_is_given_once(town):
    about = {"channel": "C0SEARCH", "timestamp": await town.posts(text="a"), "name": "eyes"}

    assert await town.error("reactions.add", **about) == ""
    assert await town.error("reactions.add", **about) == "already_reacted"
    assert await town.error("reactions.remove", **about) == ""
    assert await town.error("reactions.remove", **about) == "no_reaction"
    assert await town.error("reactions.add", **{**about, "name": "No!"}) == "invalid_name"
