"""What Slack posts when somebody presses a button, sends a form or types a command, as a forger
with the signing secret could also write it: no message and no open form is needed.
"""

import json
from dataclasses import dataclass
from typing import Any

import httpx
from slack_sdk.signature import SignatureVerifier


@dataclass(frozen=True)
class Press:
    """`action` is the id of a button, of a form (with `private`, what it was opened with), or a
    command's words (`/budget pause search-ranking`). `within` is the form that a button stands in,
    `view` its id in Slack.
    """

    user: str
    action: str
    value: str = "-"
    channel: str = "C0SEARCH"
    private: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    within: str | None = None
    view: str = "V1"
    team: str = "T0ACME"
    trigger: str = "1.2.3"


async def send(door: httpx.AsyncClient, press: Press, secret: str) -> httpx.Response:
    content = str(httpx.QueryParams(_fields(press)))
    verifier = SignatureVerifier(secret)
    stamp = str(int(verifier.clock.now()))
    signed = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": verifier.generate_signature(timestamp=stamp, body=content) or "",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return await door.post("/slack/events", content=content, headers=signed)


def _fields(press: Press) -> dict[str, str]:
    if press.action.startswith("/budget"):
        return _command(press)
    return {"payload": json.dumps(_payload(press))}


def _command(press: Press) -> dict[str, str]:
    command, _, words = press.action.partition(" ")
    return {
        "command": command,
        "text": words,
        "user_id": press.user,
        "team_id": press.team,
        "channel_id": press.channel,
        "trigger_id": press.trigger,
        "api_app_id": "A0BOT",
        "token": "-",
    }


def _payload(press: Press) -> dict[str, Any]:
    team = {"id": press.team, "domain": "acme"}
    common = {
        "team": team,
        "user": {"id": press.user, "team_id": press.team},
        "api_app_id": "A0BOT",
        "token": "-",
        "trigger_id": press.trigger,
    }
    if press.private is not None:
        return {"type": "view_submission", **common, "view": _form(press)}
    where = _in_form(press) if press.within else _on_message(press)
    action = {
        "type": "button",
        "action_id": press.action,
        "block_id": "b",
        "value": press.value,
        "action_ts": "1.0",
    }
    return {
        "type": "block_actions",
        **common,
        **where,
        "actions": [action],
    }


def _on_message(press: Press) -> dict[str, Any]:
    container = {"type": "message", "message_ts": "1.0", "channel_id": press.channel}
    return {"container": container, "channel": {"id": press.channel, "name": "search"}}


def _in_form(press: Press) -> dict[str, Any]:
    view = {**_form(press), "callback_id": press.within}
    return {"container": {"type": "view", "view_id": press.view}, "view": view}


def _form(press: Press) -> dict[str, Any]:
    blocks = [
        {
            "type": "input",
            "block_id": name,
            "label": {"type": "plain_text", "text": name},
            "element": {"type": "plain_text_input", "action_id": name},
        }
        for name, _ in press.values
    ]
    state = {
        name: {name: {"type": "plain_text_input", "value": text}} for name, text in press.values
    }
    return {
        "id": press.view,
        "type": "modal",
        "callback_id": press.action,
        "title": {"type": "plain_text", "text": "-"},
        "private_metadata": press.private or '{"id": "x"}',
        "blocks": blocks,
        "state": {"values": state},
        "hash": "-",
    }
