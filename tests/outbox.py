"""What the bot has said, in order, before anybody sends it."""

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import NoticeRow


async def said(database, *, act="post", to=None):
    """The notices of one act; `to` only those for this channel or person."""
    async with AsyncSession(database.engine) as session:
        rows = (await session.exec(select(NoticeRow).order_by(col(NoticeRow.seq)))).all()
    return [row for row in rows if row.act == act and to in {None, row.channel}]


async def leaves(database):
    """As if Slack had all that was said until now."""
    async with AsyncSession(database.engine) as session, session.begin():
        await session.exec(update(NoticeRow).values(state="sent"))
