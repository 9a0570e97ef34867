"""What somebody says of an alert: kept, and read again in the weekly review."""

from dataclasses import dataclass
from datetime import datetime

from bot.names import is_visible, tidy_lines
from bot.refusal import Refusal

LONGEST = 1_000


@dataclass(frozen=True)
class Explanation:
    """`alert` is the outbox key of the message that was explained; `by` speaks, for `instead_of`
    where that is somebody else.
    """

    id: str
    workflow: str
    by: str
    at: datetime
    text: str
    alert: str
    instead_of: str | None = None


def read_explanation(text: str | None) -> str:
    """Raises Refusal."""
    written = tidy_lines(text or "")
    if not is_visible(written):
        raise Refusal("Write what happened, and whether it goes on.", field="text")
    if len(written) > LONGEST:
        raise Refusal(f"An explanation has at most {LONGEST:,} characters.", field="text")
    return written
