"""A workflow whose return is proven: its requests need fewer people."""

from dataclasses import dataclass
from datetime import datetime

from bot.names import tidy
from bot.refusal import NotAllowed, Refusal

REASON_LENGTH = 300


@dataclass(frozen=True)
class Proven:
    """An admin said so, and why."""

    workflow: str
    reason: str
    by: str
    at: datetime


def check_may_mark(by: str, admins: tuple[str, ...]) -> None:
    """Raises NotAllowed naming who may."""
    if by in admins:
        return
    who = " or ".join(f"<@{one}>" for one in admins) or "an admin (none is set)"
    raise NotAllowed(f"Only {who} may put a workflow on the expedited path, or take it off.")


def check_not_own(by: str, key: str, owner: str | None) -> None:
    """Raises NotAllowed: whoever owns it gains by the mark."""
    if by == owner:
        raise NotAllowed(f"You own `{key}`: another admin says that its return is proven.")


def read_reason(text: str, key: str) -> str:
    """Raises Refusal: what is proven must be said."""
    reason = tidy(text)
    if not reason:
        raise Refusal(
            f"Say what proves its return: `/budget expedite {key} 3 of 3 outcomes met`. "
            f"`/budget expedite {key} off` takes the mark back."
        )
    if len(reason) > REASON_LENGTH:
        raise Refusal(f"The reason has at most {REASON_LENGTH} characters.")
    return reason
