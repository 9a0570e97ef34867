import secrets
import time
from dataclasses import dataclass

from playground.refusals import Refused


@dataclass(frozen=True)
class Trigger:
    """Permission to open one window for this person, made at a monotonic second."""

    user: str
    made: float
    view: str | None = None


class Triggers:
    """Each `trigger_id` lives so many seconds (Slack: 3) and opens one view."""

    def __init__(self, lifetime: float) -> None:
        self._lifetime = lifetime
        self._live: dict[str, Trigger] = {}
        self._used: set[str] = set()

    def make(self, user: str, view: str | None = None) -> str:
        id_ = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._live[id_] = Trigger(user, time.monotonic(), view)
        return id_

    def exchange(self, id_: str) -> Trigger:
        if id_ in self._used:
            raise Refused("exchanged_trigger_id")
        trigger = self._live.pop(id_, None)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        self._used.add(id_)
        if time.monotonic() - trigger.made > self._lifetime:
            raise Refused("expired_trigger_id")
        return trigger
