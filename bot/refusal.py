class Refusal(Exception):
    """An expected no. Its message is shown to the person who asked, so it says what to do next.

    `field` names the input that was wrong, where there is one: a form shows the message beside it.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Unknown(Refusal):
    """What was named is not there."""


class NotAllowed(Refusal):
    """The person may not do this; the message says who may."""


class TooLate(Refusal):
    """Somebody was first, or it is over: the first act counts (law 7)."""
