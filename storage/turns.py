"""Whose turn it is in a channel of the outbox: the notice being sent, else the first unsent.

States are written out, since a bound parameter would hide from both databases that a partial index
serves. Statements are built once, since building one takes as long as running it.
"""

from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from storage.columns import Instant, Text
from storage.tables import NoticeRow

_MOST_CHANNELS = 1_000

LEASED = col(NoticeRow.state) == literal_column("'leased'")
WAITING = col(NoticeRow.state) == literal_column("'waiting'")
_NOW: BindParameter[datetime] = bindparam("now", type_=Instant)


def _unsent(notice: type[NoticeRow]) -> ColumnElement[bool]:
    return col(notice.state).in_([literal_column("'waiting'"), literal_column("'leased'")])


def _next() -> ColumnElement[int]:
    """The number of the notice whose turn it is: the one that is being sent, else the first."""
    one = aliased(NoticeRow)
    here = select(one.seq).where(col(one.channel) == bindparam("in_channel"))
    leased = here.where(col(one.state) == literal_column("'leased'"))
    first = here.where(_unsent(one)).order_by(col(one.seq)).limit(1)
    return func.coalesce(leased.scalar_subquery(), first.scalar_subquery())


def _its_turn() -> ColumnElement[bool]:
    """Of the channel `in_channel`, the notice that may be claimed at `now`."""
    waiting = and_(WAITING, col(NoticeRow.due_at) <= _NOW)
    due = or_(waiting, and_(LEASED, col(NoticeRow.leased_until) <= _NOW))
    return and_(col(NoticeRow.seq) == _next(), due)


def _turns() -> Select[str, datetime]:
    first = (
        select(col(NoticeRow.channel), func.min(col(NoticeRow.seq)).label("seq"))
        .where(_unsent(NoticeRow))
        .group_by(col(NoticeRow.channel))
        .subquery()
    )
    leased = aliased(NoticeRow)
    same = col(leased.channel) == col(NoticeRow.channel)
    in_use = and_(same, col(leased.state) == literal_column("'leased'"))
    turn = func.coalesce(col(leased.leased_until), col(NoticeRow.due_at))
    return (
        select(col(NoticeRow.channel), turn)
        .join(first, first.c.seq == NoticeRow.seq)
        .join(leased, in_use, isouter=True)
        .order_by(turn)
        .limit(_MOST_CHANNELS)
    )


TURNS = _turns()
DUE = select(NoticeRow.seq).where(_its_turn())
CLAIM = (
    update(NoticeRow)
    .where(_its_turn())
    .values(
        state=literal_column("'leased'"),
        lease=bindparam("by", type_=Text),
        leased_until=bindparam("until", type_=Instant),
        attempts=col(NoticeRow.attempts) + 1,
        in_doubt=or_(col(NoticeRow.in_doubt), LEASED),
    )
    .returning(NoticeRow)
    .execution_options(synchronize_session=False)
)
