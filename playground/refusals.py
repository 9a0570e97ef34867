from playground.shapes import Json


class Refused(Exception):
    """Slack's `ok: false`: the error's name, and what stands beside it in the answer."""

    def __init__(self, error: str, **beside: object) -> None:
        super().__init__(error)
        self.error, self.beside = error, beside

    @property
    def answer(self) -> Json:
        return {"ok": False, "error": self.error, **self.beside}


class RateLimited(Exception):
    """HTTP 429: come back after this many whole seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Retry-After: {seconds}")
        self.seconds = seconds


def invalid(error: str, messages: list[str]) -> Refused:
    """With Slack's explanations in `response_metadata.messages`."""
    return Refused(error, response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})
