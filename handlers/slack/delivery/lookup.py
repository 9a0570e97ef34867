"""Has Slack got it already? Every post carries its key as metadata, which this looks for."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.notices import Claim, Place, thread_of
from handlers.slack.delivery.answers import NoAnswer, Refused

EVENT_TYPE = "budget_bot_notice"
_CLOCKS_DIFFER = timedelta(minutes=15)
_PAGE = 200

Call = Callable[..., Awaitable[AsyncSlackResponse]]
Ask = Callable[..., Awaitable[dict[str, Any]]]


async def look_up(claim: Claim, client: AsyncWebClient, ask: Ask) -> Place | None:
    """Where the post stands, if an earlier attempt reached Slack. Raises Unsent."""
    thread = thread_of(claim)
    if thread is not None:
        try:
            replies = {"channel": thread.channel, "ts": thread.ts}
            return await _among(client.conversations_replies, replies, claim, ask)
        except Refused as refused:
            if refused.reason != "thread_not_found":
                raise
    history = {"channel": await _opened(claim.notice.channel, client, ask)}
    return await _among(client.conversations_history, history, claim, ask)


async def _opened(channel: str, client: AsyncWebClient, ask: Ask) -> str:
    """A DM has a channel id of its own."""
    if channel[:1] not in {"U", "W"}:
        return channel
    answer = await ask(client.conversations_open, users=channel)
    opened = answer.get("channel")
    if not isinstance(opened, dict) or not isinstance(opened.get("id"), str):
        raise NoAnswer("an answer without a channel")
    return str(opened["id"])


async def _among(call: Call, where: dict[str, str], claim: Claim, ask: Ask) -> Place | None:
    cursor: str | None = None
    while cursor != "":
        answer = await ask(call, **where, **_since(claim), cursor=cursor)
        for message in answer.get("messages", ()):
            if _key(message) == claim.notice.key:
                return Place(where["channel"], str(message["ts"]))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
    return None


def _since(claim: Claim) -> dict[str, Any]:
    oldest = (claim.created_at - _CLOCKS_DIFFER).timestamp()
    return {
        "oldest": f"{oldest:.6f}",
        "inclusive": True,
        "include_all_metadata": True,
        "limit": _PAGE,
    }


def _key(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None
