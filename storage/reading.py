"""Statements that ask for columns and sums, and what columns of JSON say."""

from typing import Any

import msgspec
import sqlalchemy
from sqlalchemy import BigInteger, func, type_coerce
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import NO_CLUES, Clues

# The overloads of SQLModel's know few columns, those of SQLAlchemy's one kind of name.
columns: Any = sqlalchemy.select


def nanos_of(column: Any) -> Any:  # noqa: ANN401
    """The sum, 0 of nothing."""
    return func.coalesce(func.sum(type_coerce(column, BigInteger)), 0)


async def rows_of(session: AsyncSession, statement: Any) -> list[Any]:  # noqa: ANN401
    connection = await session.connection()
    return list(await connection.execute(statement))


def clues_in(text: str) -> Clues:
    return msgspec.json.decode(text, type=Clues) if text else NO_CLUES


def tags_in(text: str) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(text)) if text else ()
