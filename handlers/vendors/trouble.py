"""Why a vendor's bill could not be had. Nothing the vendor wrote is repeated."""

from datetime import timedelta

from bot.refusal import Refusal


class Trouble(Refusal):
    """A pull that failed; nothing was booked of the step that failed."""


class Unanswered(Trouble):
    """No whole answer, even after trying again. `again`: as long as the vendor asks to wait."""

    def __init__(self, message: str, again: timedelta | None = None) -> None:
        super().__init__(message)
        self.again = again


class NotLetIn(Trouble):
    """The credential is refused."""


class NotPermitted(NotLetIn):
    """The credential is known, and may not read this."""


class NotUnderstood(Trouble):
    """What came is not what the vendor documents, or is in another currency than USD."""


class NotTheirs(NotUnderstood):
    """Somebody answers at the address who does not look like the vendor."""


class NotThere(NotPermitted):
    """Of a vendor that hides what one may not read: perhaps there is no such thing."""


class Unfit(NotUnderstood):
    """The question cannot be put so: 400, 422 and the like."""
