from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def add_once(session: AsyncSession, *rows: SQLModel) -> bool:
    """All of them or none: False where a unique key says that one was there before. What else the
    transaction did stays.
    """
    try:
        async with session.begin_nested():
            session.add_all(rows)
    except IntegrityError:
        return False
    return True
