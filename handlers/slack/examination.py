"""Does Slack know the bot, and may it do what it has to?"""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.health import Finding, broken, doubtful, scopes, well
from handlers.slack.asking import SlackSaysNo, Unanswered, asking, code_of, slack_asked

_AGAIN = "Then run `budget-bot doctor` again."


async def examined(
    client: AsyncWebClient, wanted: Collection[str], channels: Collection[str]
) -> AsyncIterator[Finding]:
    """`wanted`: the scopes of the manifest; `channels`: where the bot has to speak."""
    try:
        with slack_asked():
            answer = await client.auth_test()
    except Unanswered as no:
        yield broken("Slack", str(no), _AGAIN)
        return
    except SlackSaysNo as no:
        yield broken("Slack", str(no), "Set BUDGET_BOT_SLACK_BOT_TOKEN and try again.")
        return
    yield well("Slack", f"{answer.get('team')}, as {answer.get('user')}")
    granted = _granted(answer.headers)
    if granted is None:
        yield doubtful("scopes", "Slack does not say which are granted", "Look at the app's page.")
    else:
        yield scopes(granted, wanted)
    for channel in sorted(channels):
        yield await _membership(client, channel)


async def socket_mode(app_token: str, api_url: str) -> Finding:
    try:
        with slack_asked():
            await asking(app_token, api_url).apps_connections_open(app_token=app_token)
    except Unanswered as no:
        return broken("Socket Mode", str(no), _AGAIN)
    except SlackSaysNo as no:
        todo = "Set BUDGET_BOT_SLACK_APP_TOKEN to one with the scope connections:write."
        return broken("Socket Mode", str(no), todo)
    return well("Socket Mode", "Slack lets the bot connect")


def _granted(headers: Mapping[str, str]) -> frozenset[str] | None:
    for name, value in headers.items():
        if name.lower() == "x-oauth-scopes":
            return frozenset(scope.strip() for scope in value.split(","))
    return None


async def _membership(client: AsyncWebClient, channel: str) -> Finding:
    about, invite = f"channel {channel}", "In that channel: /invite @budget-bot"
    try:
        with slack_asked():
            found = (await _info(client, channel)) or {}
    except SlackSaysNo as no:
        return broken(about, str(no), invite)
    if not found:
        return broken(about, "not to be seen: private, or gone", invite)
    name = f"#{found.get('name')}"
    if found.get("is_archived"):
        return broken(about, f"{name} is archived", "Name another in the contract file.")
    if not found.get("is_member"):
        # It joins a public channel when it first speaks there, and hears nothing until then.
        said = broken if found.get("is_private") else doubtful
        return said(about, f"the bot is not in {name}", invite)
    return well(about, f"the bot is in {name}")


async def _info(client: AsyncWebClient, channel: str) -> dict[str, Any] | None:
    try:
        answer = await client.conversations_info(channel=channel)
    except SlackApiError as error:
        if code_of(error) == "channel_not_found":
            return None
        raise
    found: dict[str, Any] = answer["channel"]
    return found
