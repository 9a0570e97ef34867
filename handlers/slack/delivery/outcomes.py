"""What becomes of a notice, by what Slack answered."""

from dataclasses import dataclass

from bot.notices import Place
from handlers.slack.delivery.answers import HELD, NoAnswer, RateLimited, Refused, Unsent

_GONE = frozenset({"channel_not_found", "user_not_found", "user_disabled", "cannot_dm_bot"})


@dataclass(frozen=True)
class Sent:
    """`found`: an earlier attempt had reached Slack. `reason`: what is different from the card."""

    place: Place | None
    reason: str | None = None
    found: bool = False


@dataclass(frozen=True)
class SetAside:
    reason: str


@dataclass(frozen=True)
class TryAgain:
    """In `seconds`, or after a back-off of at least `at_least`. `wrong`: not just too early."""

    reason: str
    seconds: float | None = None
    at_least: float = 0.0
    in_doubt: bool = False
    wrong: bool = True


Outcome = Sent | SetAside | TryAgain


def verdict(trouble: Unsent, settling: float, *, in_doubt: bool) -> Outcome:
    """`settling`: the seconds after which a look-up can tell whether Slack has it."""
    match trouble:
        case RateLimited():
            return TryAgain(trouble.reason, trouble.seconds, in_doubt=in_doubt, wrong=False)
        case Refused() if trouble.reason not in HELD:
            return SetAside(trouble.reason)
        case NoAnswer():
            return TryAgain(trouble.reason, at_least=settling, in_doubt=in_doubt)
    return TryAgain(trouble.reason, in_doubt=in_doubt)


def unclear(trouble: Unsent, settling: float) -> Outcome:
    """A look-up failed: nobody knows, unless there is nowhere to look."""
    if not isinstance(trouble, Refused):
        return verdict(trouble, settling, in_doubt=True)
    if trouble.reason in _GONE:
        return SetAside(trouble.reason)
    return TryAgain(f"cannot be looked up: {trouble.reason}", in_doubt=True)
