"""Slack's HTTP entrance: what is malformed or comes twice is turned away before Bolt sees it."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

# Slack's signatures are good for five minutes; ten thousand calls take longer than that.
_REMEMBERED = 10_000
_LARGEST = 4_000_000


class Answered:
    """Signatures that were answered well. A copy of one is greeted and changes nothing."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def first(self, signature: str) -> bool:
        if signature in self._seen:
            return False
        self._seen[signature] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def forget(self, signature: str) -> None:
        """The call failed, so Slack's retry of it must be heard."""
        self._seen.pop(signature, None)


def entrance(bolt: AsyncApp) -> Callable[[Request], Awaitable[Response]]:
    """`POST /slack/events`: commands, interactions and events."""
    handler, answered = AsyncSlackRequestHandler(bolt), Answered()

    async def enter(request: Request) -> Response:
        signature = request.headers.get("x-slack-signature", "")
        refused = await _malformed(request)
        if refused is not None:
            return refused
        if not answered.first(signature):
            return Response()
        return await _through(request, handler, answered, signature)

    return enter


async def _through(
    request: Request, handler: AsyncSlackRequestHandler, answered: Answered, signature: str
) -> Response:
    try:
        response = await handler.handle(request)
    except BaseException:
        answered.forget(signature)
        raise
    if response.status_code >= 300:  # noqa: PLR2004 - whatever was not answered well
        answered.forget(signature)
    return response


async def _malformed(request: Request) -> Response | None:
    # Bolt answers a non-numeric timestamp and a body that is no UTF-8 with 500.
    if not request.headers.get("x-slack-request-timestamp", "").isdecimal():
        return PlainTextResponse("X-Slack-Request-Timestamp is missing or no number", 401)
    if int(request.headers.get("content-length") or 0) > _LARGEST:
        return PlainTextResponse("too large for a call from Slack", 413)
    try:
        (await request.body()).decode()
    except UnicodeDecodeError:
        return PlainTextResponse("the body is not UTF-8", 400)
    return None
