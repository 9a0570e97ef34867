"""What Slack's answer to a call means for the message behind it."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

_OK, _RATE_LIMITED = 200, 429
_LONGEST_WAIT = 3600.0
_SOME_SECONDS = 5.0

# Not the message's fault: the token, the app or the workspace must be put right first.
# (The errors of docs.slack.dev/reference/methods/chat.postMessage.)
HELD = frozenset({
    "access_denied", "accesslimited", "account_inactive", "ekm_access_denied",
    "enterprise_is_restricted", "invalid_auth", "missing_scope", "no_permission",
    "not_allowed_token_type", "not_authed",
    "org_login_required", "team_access_not_granted", "team_added_to_org", "token_expired",
    "token_revoked", "two_factor_setup_required", "unknown_method",
})  # fmt: skip

# "It's possible some aspect of the operation succeeded before the error was raised."
DOUBTFUL = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})


class Unsent(Exception):
    """The call did not go well; `reason` has no text of the message in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RateLimited(Unsent):
    """Not accepted; Slack says when to come again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("rate limited")
        self.seconds = seconds


class NotReached(Unsent):
    """No connection came about, so nothing was sent."""


class NoAnswer(Unsent):
    """Slack may have done it. `slow`: it may even be doing it still."""

    def __init__(self, reason: str, *, slow: bool = False) -> None:
        super().__init__(reason)
        self.slow = slow


class Refused(Unsent):
    """Slack said no, with the name of an error."""


async def ask(call: Awaitable[AsyncSlackResponse], seconds: float) -> dict[str, Any]:
    """The answer of a call that went well. Raises Unsent otherwise, after `seconds` at most."""
    try:
        async with asyncio.timeout(seconds):
            answer = (await call).data
    except SlackApiError as error:
        raise understood(error.response) from None
    except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise _lost(error) from error
    except (ValueError, TypeError, AttributeError) as error:
        # What slack_sdk raises over an answer that is no JSON object.
        raise NoAnswer("an answer nobody understands") from error
    if not isinstance(answer, dict):
        raise NoAnswer("an answer nobody understands")
    return answer


def _lost(error: Exception) -> Unsent:
    if isinstance(error, aiohttp.ClientConnectorError):
        return NotReached("Slack cannot be reached")
    if isinstance(error, TimeoutError):
        return NoAnswer("no answer in time", slow=True)
    return NoAnswer("connection lost")


def understood(response: Any) -> Unsent:  # noqa: ANN401 - slack_sdk's, aiohttp's or text
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    if status == _RATE_LIMITED:
        return RateLimited(_wait(getattr(response, "headers", {})))
    error = _named(getattr(response, "data", None))
    if status != _OK or error is None:  # Slack refuses with 200; what else speaks is not Slack
        return NoAnswer(f"Slack answered {status}")
    return _said(error)


def _named(data: object) -> str | None:
    error = data.get("error") if isinstance(data, dict) and data.get("ok") is False else None
    return error if isinstance(error, str) and error else None


def _said(error: str) -> Unsent:
    if error in {"ratelimited", "rate_limited"}:
        return RateLimited(_SOME_SECONDS)
    return NoAnswer(error) if error in DOUBTFUL else Refused(error)


def _wait(headers: Any) -> float:  # noqa: ANN401 - any mapping of headers
    try:
        seconds = float(headers.get("Retry-After", _SOME_SECONDS))
    except ValueError:
        return _SOME_SECONDS
    return min(max(seconds, 0.0), _LONGEST_WAIT)
