"""Whom records belonged to before a recount that reached closed months: it can be undone."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Subquery, and_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.reading import columns, rows_of
from storage.tables import CorrectedUsageRow, UsageRow
from storage.usage_page import Identity
from storage.usage_rebuild import Numbered
from storage.usage_sums import Row

_Row = CorrectedUsageRow


class Owner(NamedTuple):
    """What a record says of whose it is."""

    workflow: str
    declared: str
    rule: str

    @classmethod
    def of(cls, row: Row) -> "Owner":
        return cls(row.workflow, row.declared, row.rule)


FormerOwners = Mapping[Identity, Owner]


def kept(recount: int, before: Row, after: Row) -> str:
    """As JSON."""
    was = {"recount": recount, **Owner.of(before)._asdict()}
    was |= {"to_workflow": after.workflow, "to_rule": after.rule}
    return msgspec.json.encode(was).decode()


def before_recount(number: int) -> Subquery:
    was: Any = col(_Row.was)
    named = [was[name].as_string().label(name) for name in Owner._fields]
    named += [was[f"to_{name}"].as_string().label(f"to_{name}") for name in ("workflow", "rule")]
    ours = was["recount"].as_integer() == number
    found: Subquery = columns(_Row.source, _Row.id, *named).where(ours).subquery()
    return found


def still_there(former: Subquery) -> ColumnElement[bool]:
    """The record is where that recount put it."""
    row, had = UsageRow, former.c
    same = col(row.source) == had.source, col(row.id) == had.id
    return and_(*same, col(row.workflow) == had.to_workflow, col(row.rule) == had.to_rule)


async def former_owners(session: AsyncSession, recount: int, numbers: Numbered) -> FormerOwners:
    """Of the records of a stretch."""
    former, row = before_recount(recount), UsageRow
    first, last, _ = numbers
    found = await rows_of(
        session,
        columns(*(former.c[name] for name in ("source", "id", *Owner._fields)))
        .join(row, still_there(former))
        .where(col(row.seq) > first, col(row.seq) <= last),
    )
    return {(source, number): Owner(*owner) for source, number, *owner in found}
