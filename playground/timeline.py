from collections import defaultdict
from collections.abc import Iterator

from playground.shapes import Message
from playground.store import Shelf, Store


class Timeline:
    """What was said in one channel, by ts, oldest first; knows each thread's replies."""

    def __init__(self, store: Store, channel: str) -> None:
        self._shelf = Shelf(store, f"message/{channel}", Message)
        self._threads: dict[str, dict[str, None]] = defaultdict(dict)
        for message in self._shelf:
            self._thread(message)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._shelf)

    def get(self, ts: str) -> Message | None:
        return self._shelf.get(ts)

    def keep(self, message: Message) -> None:
        self._shelf[message.ts] = message
        self._thread(message)

    def drop(self, message: Message) -> None:
        self._shelf.drop(message.ts)
        self._threads[message.thread_ts or ""].pop(message.ts, None)

    def replies(self, parent: str) -> list[Message]:
        return [self._shelf[ts] for ts in self._threads.get(parent, ())]

    def _thread(self, message: Message) -> None:
        if message.is_reply:
            self._threads[message.thread_ts or ""][message.ts] = None
