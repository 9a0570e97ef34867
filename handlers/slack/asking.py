"""Questions to Slack on behalf of the command line, and how its refusals read there."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.refusal import Refusal


class SlackSaysNo(Refusal):
    """Slack refuses the bot as such, or does not answer."""


class Unanswered(SlackSaysNo):
    """The way to Slack is broken, whatever the token."""


def asking(token: str, api_url: str) -> AsyncWebClient:
    """Asks again when the line breaks or Slack wants it slower: reading twice does no harm."""
    retries = [
        AsyncConnectionErrorRetryHandler(max_retry_count=2),
        AsyncRateLimitErrorRetryHandler(max_retry_count=10),
    ]
    return AsyncWebClient(token, base_url=api_url, timeout=15, retry_handlers=retries)


@contextmanager
def slack_asked() -> Iterator[None]:
    """Raises SlackSaysNo for what Slack, or the way to it, refuses."""
    try:
        yield
    except SlackApiError as error:
        raise SlackSaysNo(_worded(error)) from None
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise Unanswered(
            f"Slack does not answer ({type(error).__name__}): look at the network and at "
            "BUDGET_BOT_SLACK_API_URL."
        ) from None


def code_of(error: SlackApiError) -> str:
    """Slack's word for it; a proxy may have answered instead."""
    return str(error.response.get("error") or f"HTTP {error.response.status_code}")


def _worded(error: SlackApiError) -> str:
    code = code_of(error)
    if code == "missing_scope":
        needed = error.response.get("needed")
        return (
            f"The Slack app lacks the scope {needed}: update it with `budget-bot manifest`, and "
            "install it again."
        )
    if "auth" in code or "token" in code or code == "account_inactive":
        return f"Slack does not accept the token ({code}): copy it again, or install the app again."
    return f"Slack says no: {code}."
