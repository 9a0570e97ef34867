import json
from typing import Any

from playground.refusals import Refused, invalid
from playground.shapes import Json

TRUE = {"true", "1", "True", True}


class Arguments:
    """What a caller sent, from the query, a form or JSON; read by kind."""

    def __init__(self, raw: Json) -> None:
        self.raw = {name: value for name, value in raw.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def maybe(self, name: str) -> str:
        """Text, or nothing."""
        return str(self.raw.get(name, ""))

    def text(self, name: str) -> str:
        found = self.maybe(name)
        if not found:
            raise invalid("invalid_arguments", [f"missing required field: {name}"])
        return found

    def flag(self, name: str) -> bool:
        return self.raw.get(name) in TRUE

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.raw.get(name) or default)
        except ValueError:
            raise invalid("invalid_arguments", [f"must be a number: {name}"]) from None

    def json(self, name: str, error: str = "invalid_arguments") -> Any:  # noqa: ANN401 - JSON
        """A value, sent as JSON or as text that is JSON; None if absent."""
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(error) from None
