import asyncio
import json

import pytest
import websockets
from slack_sdk.signature import SignatureVerifier

from tests.playground import town as towns
from tests.playground.town import SECRET


def plain(text):
    return {"type": "plain_text", "text": text}


def button(action_id, text, **more):
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


BUTTONS = {
    "type": "actions",
    "block_id": "answer",
    "elements": [
        button("no", "Approve nothing", value="0"),
        button("yes", "Approve", value="1"),
        {
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": plain("Mute"), "value": "mute"}],
        },
    ],
}


async def says(town, text="/budget", **more):
    asked = {"user": "U0OWEN", "channel": "C0SEARCH", "text": text, **more}
    return await town.does("command", **asked)


async def test_a_command_arrives_as_slack_sends_it(town):
    await says(town, "/budget request  search-ranking")

    [received] = town.bot.received
    sent = received.payload
    assert (sent["command"], sent["text"]) == ("/budget", "request  search-ranking")
    assert (sent["user_id"], sent["user_name"]) == ("U0OWEN", "owen")
    assert (sent["channel_id"], sent["channel_name"]) == ("C0SEARCH", "search")
    assert (sent["team_id"], sent["api_app_id"]) == ("T0ACME", "A0BOT")
    assert sent["is_enterprise_install"] == "false"
    assert sent["response_url"].startswith(town.url)
    assert SignatureVerifier(SECRET).is_valid_request(received.body, received.headers)


@pytest.mark.parametrize(
    ("channel", "name"), [("U0OWEN", "directmessage"), ("G0SECRET", "privategroup")]
)
async def test_a_private_place_keeps_its_name(town, channel, name):
    await town.does("channel", id="G0SECRET", is_private=True, members=["U0OWEN", "U0BOT"])
    await says(town, channel=channel)
    [sent] = town.bot.of("/budget")
    assert sent["channel_name"] == name


@pytest.mark.parametrize(
    ("typed", "arrives"),
    [
        ("@mia and @nobody", "<@U0MIA|mia> and @nobody"),
        ("in #search", "in <#C0SEARCH|search>"),
        ("<@U0MIA>", "<@U0MIA|mia>"),
        ("p95 < 2 s & <!channel>", "p95 &lt; 2 s &amp; &lt;!channel&gt;"),
        ("mail owen@acme.test", "mail owen@acme.test"),
    ],
)
async def test_names_become_ids_and_signs_become_entities(town, typed, arrives):
    await says(town, f"/budget {typed}")
    assert town.bot.last()["text"] == arrives


async def test_without_should_escape_the_text_is_as_typed():
    manifest = {"features": {"slash_commands": [{"command": "/budget"}]}}
    async with towns.town(manifest=manifest) as town:
        await says(town, "/budget @mia <b>")
        assert town.bot.last()["text"] == "@mia <b>"


async def test_a_command_the_manifest_does_not_have_is_no_command():
    async with towns.town(manifest={"features": {"slash_commands": []}}) as town:
        answer = await says(town)
        assert town.bot.received == []
    assert answer["ephemerals"][0]["text"] == "/budget is not a valid command."


@pytest.mark.parametrize(
    ("said", "openly"),
    [
        pytest.param("hello", False, id="plain text"),
        pytest.param({"text": "hello"}, False, id="JSON"),
        pytest.param({"text": "hello", "response_type": "in_channel"}, True, id="in the channel"),
    ],
)
async def test_the_answer_to_a_command_is_a_message(town, said, openly):
    town.bot.answers = [(200, said)]

    answer = await says(town)

    seen = await town.sees("messages", channel="C0SEARCH") if openly else answer["ephemerals"]
    assert [m["text"] for m in seen] == ["hello"]
    assert len(answer["ephemerals"]) == (not openly)


async def test_a_refused_answer_is_said_to_the_person(town):
    town.bot.answers = [(200, {"text": "a", "blocks": [{"type": "x"}]})]
    assert "invalid_blocks" in (await says(town))["ephemerals"][0]["text"]


@pytest.mark.parametrize(
    ("answer", "error"), [(0.6, "operation_timeout"), ((500, ""), "dispatch_failed")]
)
async def test_a_late_or_failing_bot_is_said_to_the_person(town, answer, error):
    town.bot.answers = [answer]
    assert error in (await says(town))["ephemerals"][0]["text"]


async def test_a_response_url_answers_five_times(town):
    await says(town)
    url = town.bot.last()["response_url"]

    replies = [await town.http.post(url, json={"text": f"{n}"}) for n in range(6)]

    assert [r.status_code for r in replies] == [200] * 5 + [404]
    assert replies[-1].json()["error"] == "used_url"
    assert len(await town.sees("ephemerals", user="U0OWEN")) == 5


async def test_a_response_url_expires():
    async with towns.town(response_url_seconds=0.01) as town:
        await says(town)
        await asyncio.sleep(0.02)
        reply = await town.http.post(town.bot.last()["response_url"], json={"text": "a"})
    assert reply.json()["error"] == "expired_url"


async def test_a_response_url_is_as_strict_as_a_message(town):
    await says(town)
    url = town.bot.last()["response_url"]

    bad = [{}, {"blocks": [{"type": "x"}]}, {"text": "a" * 40_001}]
    replies = [await town.http.post(url, json=body) for body in bad]

    errors = [r.json()["error"] for r in replies]
    assert errors == ["no_text", "invalid_blocks", "msg_too_long"]


async def clicks(town, **more):
    asked = {"user": "U0ANA", "channel": "C0SEARCH", **more}
    return await town.http.post("/control/click", json=asked)


async def test_a_click_arrives_as_slack_sends_it(town):
    ts = await town.posts(text="a", blocks=[BUTTONS])

    await clicks(town, ts=ts, label="Approve")

    sent = town.bot.last()
    [action] = sent["actions"]
    assert (sent["type"], sent["user"]["id"]) == ("block_actions", "U0ANA")
    assert (action["action_id"], action["value"], action["block_id"]) == ("yes", "1", "answer")
    assert float(action["action_ts"]) > float(ts)
    assert sent["container"]["message_ts"] == sent["message"]["ts"] == ts
    assert (sent["channel"]["id"], sent["trigger_id"] != "") == ("C0SEARCH", True)


@pytest.mark.parametrize(
    ("wanted", "action"),
    [
        pytest.param({"label": "Approve"}, "yes", id="the whole label first"),
        pytest.param({"label": "Approve n"}, "no", id="then its beginning"),
        pytest.param({"action_id": "no"}, "no", id="action_id"),
        pytest.param({"value": "1"}, "yes", id="value"),
        pytest.param({"action_id": "more", "option": "Mute"}, "more", id="an overflow menu"),
    ],
)
async def test_a_button_is_found_by_what_it_shows_or_carries(town, wanted, action):
    ts = await town.posts(text="a", blocks=[BUTTONS])
    await clicks(town, ts=ts, **wanted)
    assert town.bot.last()["actions"][0]["action_id"] == action


async def test_what_is_not_there_cannot_be_clicked(town):
    ts = await town.posts(text="a", blocks=[BUTTONS])

    reply = await clicks(town, ts=ts, label="Retire")

    assert reply.status_code == 409
    assert "Approve nothing" in reply.json()["detail"]
    assert town.bot.received == []


async def test_a_forged_click_arrives_all_the_same(town):
    ts = await town.posts(text="a", blocks=[BUTTONS])

    await clicks(town, ts=ts, forge=True, action_id="retire", value="all", from_channel="C0GROWTH")

    sent = town.bot.last()
    assert (sent["actions"][0]["action_id"], sent["actions"][0]["value"]) == ("retire", "all")
    assert sent["channel"]["id"] == "C0GROWTH"


async def test_a_clicked_message_can_be_replaced_and_deleted(town):
    ts = await town.posts(text="before", blocks=[BUTTONS])
    await clicks(town, ts=ts, label="Approve")
    url = town.bot.last()["response_url"]

    await town.http.post(url, json={"text": "after", "replace_original": True})
    [replaced] = await town.sees("messages", channel="C0SEARCH")
    await town.http.post(url, json={"delete_original": True})

    assert (replaced["text"], replaced["ts"], replaced.get("blocks")) == ("after", ts, None)
    assert await town.sees("messages", channel="C0SEARCH") == []


async def test_an_ephemeral_message_can_be_clicked_and_replaced(town):
    sent = {"channel": "C0SEARCH", "user": "U0ANA", "text": "a", "blocks": [BUTTONS]}
    ts = (await town.answer("chat.postEphemeral", **sent))["message_ts"]

    await clicks(town, ts=ts, label="Approve")
    click = town.bot.last()
    await town.http.post(click["response_url"], json={"text": "after", "replace_original": True})

    assert click["container"]["is_ephemeral"]
    assert "message" not in click
    assert [m["text"] for m in await town.sees("ephemerals", user="U0ANA")] == ["after"]


async def test_a_late_click_is_said_to_the_person(town):
    ts = await town.posts(text="a", blocks=[BUTTONS])
    town.bot.answers = [0.6]

    answer = (await clicks(town, ts=ts, label="Approve")).json()

    assert "operation_timeout" in answer["ephemerals"][0]["text"]


async def test_shortcuts_of_the_manifest_can_be_used():
    shortcuts = [
        {"type": "global", "callback_id": "ask", "name": "Ask"},
        {"type": "message", "callback_id": "explain", "name": "Explain"},
    ]
    async with towns.town(manifest={"features": {"shortcuts": shortcuts}}) as town:
        said = await town.does("message", user="U0ANA", channel="C0SEARCH", text="What?")
        await town.does("shortcut", user="U0ANA", callback_id="ask")
        on = {"channel": "C0SEARCH", "ts": said["ts"]}
        await town.does("shortcut", user="U0ANA", callback_id="explain", **on)
        [one], [two] = town.bot.of("shortcut"), town.bot.of("message_action")
        reply = await town.http.post(
            "/control/shortcut", json={"user": "U0ANA", "callback_id": "other"}
        )

    assert one["callback_id"] == "ask"
    assert two["message"]["text"] == "What?"
    assert reply.status_code == 409


async def test_the_page_hears_what_changes(town):
    address = town.url.replace("http", "ws") + "/control/events"
    async with websockets.connect(address, proxy=None) as news:
        ts = await town.posts(text="a")
        heard = json.loads(await news.recv())

    assert heard == {"kind": "message", "channel": "C0SEARCH", "ts": ts, "user": None}
