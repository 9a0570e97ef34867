from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.changes import CONTRACT, INSTEAD_OF, Change
from bot.contract import number_text
from bot.first_reviews import ahead
from bot.workflows import Caps, Workflow, checked
from storage.ledger import Ledger


async def save_workflow(  # noqa: PLR0913 - an audit entry has this many parts
    ledger: Ledger,
    before: Workflow | None,
    after: Workflow,
    *,
    by: str,
    what: str,
    now: datetime,
    reason: str = "",
    instead_of: str | None = None,
) -> Workflow:
    """Save the record and its audit entry. Raises Refusal when it contradicts itself, its key is
    taken, or somebody else saved since `before` was read. An unchanged record is left alone.
    """
    was, becomes = differing(before, checked(after))
    if before is not None and not becomes:
        return before
    saved = await (ledger.workflows.add(after) if before is None else ledger.workflows.save(after))
    becomes = becomes if instead_of is None else {**becomes, INSTEAD_OF: instead_of}
    await ledger.changes.add(Change(now, by, after.key, what, was, becomes, reason))
    if saved.activated_at is not None and (before is None or before.activated_at is None):
        await ledger.usage.count_from_activation(saved, now)
        # What a contract file writes down for the first time has been running before.
        if before is not None or by != CONTRACT:
            await ledger.first_reviews.add(ahead(saved, saved.activated_at))
    return saved


def differing(before: Workflow | None, after: Workflow) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as JSON, before and after. `caps` are spread: `weekly_cap`, …"""
    old = {} if before is None else _plain(before)
    new = _plain(after)
    changed = [name for name in new if old.get(name) != new[name]]
    return {name: old[name] for name in changed if name in old}, {
        name: new[name] for name in changed
    }


def _plain(workflow: Workflow) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for one in fields(workflow):
        value = getattr(workflow, one.name)
        if isinstance(value, Caps):
            plain |= {f"{kind}_cap": _json(cap) for kind, cap in vars(value).items()}
        elif one.name != "version":
            plain[one.name] = _json(value)
    return plain


def _json(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Decimal):
        # What comes back from storage has nine decimals: 250.000000000 is no change of 250.
        return number_text(value)
    if isinstance(value, date):
        return str(value)
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _json(each) for name, each in vars(value).items()}
    return value
