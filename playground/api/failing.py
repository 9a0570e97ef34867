"""Answers that go wrong on purpose, on the connection itself."""

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# Callers give up sooner; this only keeps a forgotten one from staying for ever.
LONGEST_SILENCE = 60
HANG_UP = "playground.hang_up"


class Dropped(Response):
    """Closes the connection without a word."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        scope[HANG_UP]()
        await receive()


class NoAnswer(Response):
    """Says nothing until the caller gives up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        try:
            await asyncio.wait_for(_gone(receive), LONGEST_SILENCE)
        except TimeoutError:
            scope[HANG_UP]()
            await receive()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def hang_up_with(send: Send) -> Callable[[], None]:
    """Aborts the TCP connection under uvicorn's request; ASGI itself has no word for that."""
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    return transport.abort if transport else lambda: None
