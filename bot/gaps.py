"""What of the registry is missing, and what of the spend nobody answers for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from bot.freshness import Feed
from bot.money import ZERO
from bot.namesakes import EVERYTHING, Sight
from bot.periods import local_day
from bot.rule_trials import Sum
from bot.workflows import Kind, Status, Workflow

_OVER = (Status.RETIRED, Status.ENDED)


class Lack(StrEnum):
    OWNER = "no owner"
    CAP = "no cap"
    REVIEW = "no review date"
    END = "no end date"
    OVERDUE = "its review date has passed"


@dataclass(frozen=True)
class Incomplete:
    """A workflow that lives, with what it lacks and what its running month holds, in USD."""

    workflow: Workflow
    lacks: tuple[Lack, ...]
    spent: Decimal


class Unused(NamedTuple):
    """A source that no workflow uses. `by_key`: whoever sends it has a key."""

    name: str
    whole: Sum
    by_key: bool


class UnmatchedBill(NamedTuple):
    """Lines of an account's bill that no rule matches, in USD."""

    account: str
    cost: Decimal
    lines: int


@dataclass(frozen=True)
class Gaps:
    """`nobodys`: since `since`, when the month began. `sources`: active, and no workflow's.
    `bills`: of accounts that were seen too, so that such lines may be unmetered.
    """

    nobodys: Sum
    incomplete: Sequence[Incomplete]
    sources: Sequence[Unused]
    since: datetime
    zone: str
    sight: Sight = EVERYTHING
    bills: Sequence[UnmatchedBill] = ()
    feeds: tuple[Feed, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.nobodys.number or self.bills or self.incomplete or self.sources)


def lacks(workflow: Workflow, today: date) -> tuple[Lack, ...]:
    """Nothing of one that is over. `today` is a local day."""
    if workflow.status in _OVER:
        return ()
    experiment = workflow.kind is Kind.EXPERIMENT
    checks = {
        Lack.OWNER: not workflow.owner,
        Lack.CAP: not workflow.caps.present(),
        Lack.REVIEW: not experiment and workflow.review_date is None,
        Lack.END: experiment and workflow.ends_on is None,
        Lack.OVERDUE: workflow.review_date is not None and workflow.review_date < today,
    }
    return tuple(lack for lack, found in checks.items() if found)


def incomplete(
    workflows: Sequence[Workflow], spent: Mapping[str, Decimal], zone: str, now: datetime
) -> tuple[Incomplete, ...]:
    """The dearest first."""
    today = local_day(now, zone)
    found = [
        Incomplete(one, lacks(one, today), spent.get(one.key, ZERO))
        for one in workflows
        if lacks(one, today)
    ]
    return tuple(sorted(found, key=lambda one: (-one.spent, one.workflow.key)))
