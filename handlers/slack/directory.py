"""Who is it, which channel has that name? Asked while a contract file is read."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.addresses import Directory, is_person
from handlers.slack.asking import code_of, slack_asked

_PAGE = 1000
_NOBODY = "belongs to nobody in this workspace: write the id that the person's profile shows"
_NO_MEMBER = "belongs to a guest, a bot, somebody who left or somebody of another organisation"
_NOWHERE = "is no channel the bot can see: invite it, or write the channel's id"
_OUTSIDE = ("is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
# Slack's own, which is not marked as one.
_SLACKBOT = "USLACKBOT"
_UNKNOWN = ("users_not_found", "user_not_found", "user_not_visible")


async def look_up(client: AsyncWebClient, wanted: Iterable[str]) -> Directory:
    """`wanted` are ids of people, e-mail addresses and #names in small letters. Raises
    SlackSaysNo.
    """
    addresses = frozenset(wanted)
    names = frozenset(address for address in addresses if address.startswith("#"))
    with slack_asked():
        channels = await _channels(client, names)
        people = {one: await _person(client, one) for one in sorted(addresses - names)}
    known = {one: user["id"] for one, user in people.items() if _belongs(user)}
    return Directory(
        channels | known,
        dict.fromkeys(names - channels.keys(), _NOWHERE)
        | {
            one: _NO_MEMBER if user else _NOBODY for one, user in people.items() if one not in known
        },
    )


def _belongs(user: dict[str, Any]) -> bool:
    return bool(user) and not user.get("deleted") and not is_outside(user)


def is_outside(user: Mapping[str, Any]) -> bool:
    """A guest, a bot, or somebody of another organisation, as Slack marks them."""
    return user["id"] == _SLACKBOT or any(user.get(mark) for mark in _OUTSIDE)


async def _person(client: AsyncWebClient, one: str) -> dict[str, Any]:
    """By id or e-mail address; empty when nobody has it."""
    try:
        answer = await (
            client.users_info(user=one) if is_person(one) else client.users_lookupByEmail(email=one)
        )
    except SlackApiError as error:
        if code_of(error) in _UNKNOWN:
            return {}
        raise
    user: dict[str, Any] = answer["user"]
    return user


async def _channels(client: AsyncWebClient, names: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if not names:
        return found
    async for channel in _every_channel(client):
        name = f"#{channel['name']}"
        if name in names:
            found[name] = channel["id"]
        if len(found) == len(names):
            break
    return found


async def _every_channel(client: AsyncWebClient) -> AsyncIterator[dict[str, Any]]:
    cursor = ""
    while True:
        page = await client.conversations_list(
            types="public_channel,private_channel",
            exclude_archived=True,
            limit=_PAGE,
            cursor=cursor,
        )
        for channel in page["channels"]:
            yield channel
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
