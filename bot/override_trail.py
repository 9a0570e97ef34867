"""What the audit trail keeps of an override: how much, until when, and what the cap became."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.caps import effective_cap
from bot.changes import Change
from bot.contract import number_text
from bot.money import say
from bot.overrides import Override
from bot.periods import FOREVER, CapKind
from bot.workflows import Workflow

# A workflow as it is at a moment, and the overrides that stand on its caps then.
Moment = tuple[Workflow, tuple[Override, ...]]


def in_force(kind: CapKind, amount: Decimal | None) -> dict[str, Any]:
    """`{"weekly_cap in force": "250"}`, USD."""
    return {} if amount is None else {f"{kind}_cap in force": number_text(amount)}


def lent(amount: Decimal, until: datetime) -> dict[str, Any]:
    """`until` in UTC."""
    return {"amount": number_text(amount), "until": until.isoformat()}


def ended_overrides(
    ended: Iterable[Override], before: Moment, after: Moment, *, by: str, what: str, now: datetime
) -> tuple[Change, ...]:
    """One entry for each that ended; those that end together share the caps before and after."""
    return tuple(
        Change(
            now,
            by,
            one.workflow,
            f"{what} the override of {say(one.amount)} on the {one.cap} cap",
            in_force(one.cap, _amount(before, one.cap, now)),
            in_force(one.cap, _amount(after, one.cap, now)) | lent(one.amount, one.end),
        )
        for one in ended
    )


def _amount(moment: Moment, kind: CapKind, now: datetime) -> Decimal | None:
    workflow, overrides = moment
    # An override may have run out at this very moment: it stood until then.
    standing = (replace(one, ended_at=None, end=FOREVER) for one in overrides)
    return effective_cap(workflow, kind, standing, now)
