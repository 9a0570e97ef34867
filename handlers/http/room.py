"""How much of all bodies together is held in memory at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import HTTPException

MOST_HELD = 96_000_000


@dataclass
class Room:
    held: int = 0

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """For as long as a body is held."""
        share = Share(self)
        try:
            yield share
        finally:
            self.held -= share.size


@dataclass
class Share:
    """Of one body, in bytes, as far as it is known. One is always let in."""

    room: Room
    size: int = 0

    def grow(self, size: int) -> None:
        """To so much. Raises HTTPException."""
        more = max(size - self.size, 0)
        if self.room.held > self.size and self.room.held + more > MOST_HELD:
            raise busy("Too much is being read.")
        self.room.held += more
        self.size += more


def busy(reason: str) -> HTTPException:
    again = "Send it again: what is booked already counts once."
    return HTTPException(503, f"{reason} {again}", headers={"Retry-After": "1"})
