"""What one person has in hand: their workflows, what waits for them, and for admins the rest."""

from dataclasses import dataclass
from decimal import Decimal

from bot.break_glass import BreakGlass
from bot.freshness import Feed
from bot.outcomes import Outcome
from bot.positions import Position
from bot.reassignments import Reassignment
from bot.requests import Request
from bot.revocations import Revocation
from bot.spend import Spent
from bot.workflows import Workflow


@dataclass(frozen=True)
class Uncharged:
    """Spend of the running month without a workflow, and what was billed and not seen. `names`:
    what the records of the first called theirs, and USD; `feeds`: the sources that may tell of it.
    """

    spent: Spent
    names: tuple[tuple[str, Decimal], ...]
    unmetered: Spent
    feeds: tuple[Feed, ...]
    zone: str


@dataclass(frozen=True)
class Glance:
    """`asked` by the person, `to_answer` by them; `reviews`: the channels of those that hold
    something they may decide, and what. `keys` are to be revoked by them; `offers` of workflows
    wait for them, and so do `outcomes` they were asked about; what was `broken` in an incident
    waits for their verdict, in that channel. Each stands with its workflow's name. `alerts` that
    they were told of wait for somebody to act: of these workflows, in that channel.
    """

    positions: tuple[Position, ...]
    asked: tuple[Request, ...] = ()
    to_answer: tuple[Request, ...] = ()
    reviews: tuple[tuple[str, tuple[str, ...]], ...] = ()
    uncharged: Uncharged | None = None
    keys: tuple[tuple[Revocation, str], ...] = ()
    offers: tuple[Reassignment, ...] = ()
    outcomes: tuple[tuple[Outcome, str], ...] = ()
    broken: tuple[tuple[BreakGlass, str, str], ...] = ()
    alerts: tuple[tuple[Workflow, str], ...] = ()
