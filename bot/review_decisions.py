"""What a weekly review's answers are, and how one ended."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.periods import CapKind, Period
from bot.requests import State
from bot.workflows import Caps, Tier


class Choice(StrEnum):
    KEEP = "keep"
    CAP = "cap"
    REROUTE = "reroute"
    RETIRE = "retire"
    UNREVIEWED = "unreviewed"


@dataclass(frozen=True)
class Keep:
    """`instead_of` is the answer it took back."""

    instead_of: Choice | None = None


@dataclass(frozen=True)
class Unreviewed:
    """Kept because nobody answered before the next review."""


@dataclass(frozen=True)
class Cap:
    """USD a period. `was` is the cap before. A raise is a `request`, which `asked_of` may grant;
    `outcome` is how that ended, `answer` what was said to it.
    """

    kind: CapKind
    amount: Decimal
    was: Decimal | None = None
    request: str | None = None
    asked_of: tuple[str, ...] = ()
    outcome: State | None = None
    answer: str = ""

    @property
    def raises(self) -> bool:
        return self.was is not None and self.amount > self.was

    @property
    def waits(self) -> bool:
        return self.request is not None and self.outcome is None


@dataclass(frozen=True)
class Reroute:
    """A new default tier; `was` is the one before."""

    tier: Tier
    was: Tier | None = None


@dataclass(frozen=True)
class Retire:
    """Active through `on`, a local day of the workflow's calendar."""

    on: date


# What a person may say.
Decision = Keep | Cap | Reroute | Retire

CHOICES: dict[Choice, type[Decision | Unreviewed]] = {
    Choice.KEEP: Keep,
    Choice.CAP: Cap,
    Choice.REROUTE: Reroute,
    Choice.RETIRE: Retire,
    Choice.UNREVIEWED: Unreviewed,
}


def choice_of(decision: Decision | Unreviewed) -> Choice:
    return next(choice for choice, kind in CHOICES.items() if isinstance(decision, kind))


_WORDS = {
    Choice.KEEP: "kept",
    Choice.CAP: "capped",
    Choice.REROUTE: "rerouted",
    Choice.RETIRE: "to be retired",
    Choice.UNREVIEWED: "kept, unreviewed",
}


def words(decision: Decision | Unreviewed) -> str:
    return _WORDS[choice_of(decision)]


@dataclass(frozen=True)
class Expected:
    """USD that the month was forecast to cost when an answer was given."""

    month: Period
    amount: Decimal


@dataclass(frozen=True)
class Decided:
    """`caps` and `tier`: the registry's since then, None as they were. `asked`: the raises of
    earlier answers that still wait. `by` is a rule's where nobody answered.
    """

    decision: Decision | Unreviewed
    by: str
    at: datetime
    caps: Caps | None = None
    tier: Tier | None = None
    asked: tuple[Cap, ...] = ()
    expected: Expected | None = None

    @property
    def raises(self) -> tuple[Cap, ...]:
        """All that an approver was asked."""
        asked = (*self.asked, self.decision)
        return tuple(one for one in asked if isinstance(one, Cap) and one.request is not None)


@dataclass(frozen=True)
class Recommendation:
    """What the figures speak for; the owner decides. `why` is one plain sentence. A cap of `kind`
    and `amount` USD, or a `tier`, is what the form is filled in with.
    """

    choice: Choice
    why: str
    kind: CapKind | None = None
    amount: Decimal | None = None
    tier: Tier | None = None
