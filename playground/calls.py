import itertools
import time
from dataclasses import asdict, dataclass, replace

from playground.shapes import Json


@dataclass(frozen=True, kw_only=True)
class Call:
    """A Web API call: arguments without the token; `error` is Slack's name or the fault's."""

    method: str
    arguments: Json
    at: float
    wall: float
    ok: bool | None = None
    error: str | None = None


class Calls:
    """Every Web API call since the start or the last clearing, in order of arrival."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._numbers = itertools.count()

    def arrive(self, method: str, arguments: Json) -> int:
        seen = {name: value for name, value in arguments.items() if name != "token"}
        call = Call(method=method, arguments=seen, at=time.monotonic(), wall=time.time())
        number = next(self._numbers)
        self._calls[number] = call
        return number

    def answer(self, number: int, error: str | None) -> None:
        if number in self._calls:
            self._calls[number] = replace(self._calls[number], ok=error is None, error=error)

    def all(self) -> list[Json]:
        return [asdict(call) for call in self._calls.values()]

    def clear(self) -> None:
        self._calls.clear()
