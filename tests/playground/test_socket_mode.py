"""A whole small journey over Socket Mode, with Slack's own client at the other end."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from tests.playground import town as towns
from tests.playground.test_views import field, modal

APP = {"Authorization": "Bearer xapp-playground"}
APPROVE = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "approve",
            "text": {"type": "plain_text", "text": "Approve"},
        }
    ],
}


def bolt(client):  # noqa: C901 - one listener after the other
    app = AsyncApp(client=client)

    @app.command("/budget")
    async def ask(ack, body, client):
        await client.views_open(trigger_id=body["trigger_id"], view=modal(field()))
        await ack()

    @app.view("form")
    async def asked(ack, view, client):
        amount = view["state"]["values"]["amount"]["in"]["value"]
        if amount == "5000":
            await ack(response_action="errors", errors={"amount": "Too much."})
            return
        await client.chat_postMessage(channel="C0SEARCH", text=f"${amount}?", blocks=[APPROVE])
        await ack()

    @app.action("approve")
    async def approve(ack, body, client):
        about = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**about, text="Approved.", blocks=[])
        await ack()

    @app.event("app_mention")
    async def mention(event, say):
        await say("Hello.", thread_ts=event["ts"])

    @app.event("message")
    async def message():
        pass

    return app


@asynccontextmanager
async def connected(town):
    handler = AsyncSocketModeHandler(bolt(town.web), "xapp-playground")
    handler.client.web_client.base_url = f"{town.url}/api/"
    await handler.connect_async()
    try:
        yield handler
    finally:
        await handler.close_async()
        # aiohttp lets go of its sockets one turn of the loop later.
        await asyncio.sleep(0.05)


async def test_a_request_is_made_corrected_and_approved_over_socket_mode():
    async with towns.town(socket_mode=True, ack_seconds=3) as town, connected(town):
        await town.does("command", user="U0OWEN", channel="C0SEARCH", text="/budget request")
        wrong = await town.does("submit", user="U0OWEN", values={"amount": "5000"})
        right = await town.does("submit", user="U0OWEN", values={"amount": "50"})
        [asked] = await town.sees("messages", channel="C0SEARCH")
        click = {"user": "U0ANA", "channel": "C0SEARCH", "ts": asked["ts"], "label": "Approve"}
        await town.does("click", **click)
        [approved] = await town.sees("messages", channel="C0SEARCH")
        await town.does("message", user="U0OWEN", channel="C0SEARCH", text="@budget-bot hi")
        answered = await _eventually(town, 3)
        received = town.bot.received

    assert (wrong["errors"], right["outcome"]) == ({"amount": "Too much."}, "closed")
    assert (asked["text"], approved["text"]) == ("$50?", "Approved.")
    assert answered[-1]["text"] == "Hello."
    assert received == []


async def _eventually(town, count):
    """Over Socket Mode an event is acknowledged before its work is done."""
    messages: list[Any] = []
    while len(messages) < count:
        messages = await town.sees("messages", channel="C0SEARCH")
    return messages


async def test_a_bot_that_is_told_to_disconnect_comes_back():
    async with towns.town(socket_mode=True, ack_seconds=3) as town, connected(town):
        told = await town.does("socket", reason="refresh_requested")
        status = None
        while status != 200:
            command = {"user": "U0OWEN", "channel": "C0SEARCH", "text": "/budget"}
            status = (await town.does("command", **command))["status"]

    assert told == {"connections": 1}


async def test_a_connection_is_opened_by_the_app_token_and_its_url_works_once():
    async with towns.town(socket_mode=True) as town:
        assert await town.error("apps.connections.open") == "not_allowed_token_type"
        opened = await town.http.post("/api/apps.connections.open", headers=APP)
        url = opened.json()["url"]
        async with websockets.connect(url, proxy=None) as socket:
            hello = await socket.recv()
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(url, proxy=None)

    assert '"type":"hello"' in hello


async def test_without_a_connection_the_person_is_told():
    async with towns.town(socket_mode=True) as town:
        command = {"user": "U0OWEN", "channel": "C0SEARCH", "text": "/budget"}
        answer = await town.does("command", **command)

    assert (answer["status"], answer["failure"]) == (None, "connection_failed")
    assert "dispatch_failed" in answer["ephemerals"][0]["text"]
