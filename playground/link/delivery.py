import json
from dataclasses import dataclass
from typing import Literal, Protocol

from playground.shapes import Json

Kind = Literal["slash_commands", "interactive", "events_api"]
LOWEST_OK, LOWEST_NOT_OK = 200, 300


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """`retry` counts redeliveries of the same event (0: the first time)."""

    kind: Kind
    payload: Json
    retry: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the bot said. `status` is 0 when nothing came, and then `failure` has Slack's word."""

    status: int = 0
    text: str = ""
    failure: str = ""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        return LOWEST_OK <= self.status < LOWEST_NOT_OK

    @property
    def body(self) -> Json:
        """The answer as JSON; plain text counts as a message of that text."""
        text = self.text.strip()
        if not text:
            return {}
        try:
            body = json.loads(text)
        except ValueError:
            return {"text": text}
        return body if isinstance(body, dict) else {"text": text}


class Link(Protocol):
    """A way to reach the bot: signed HTTP or a WebSocket."""

    async def send(self, delivery: Delivery) -> Answer: ...

    async def close(self) -> None: ...
