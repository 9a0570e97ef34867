import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from playground.shapes import Json


class Pulse:
    """Tells every open page what changed, as it changes."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Json]] = set()

    def tell(self, news: Json) -> None:
        for queue in self._listeners:
            queue.put_nowait(news)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Json]]:
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
