"""Alembic asks here. The connection is handed in by storage/schema.py, inside its transaction."""

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import BigInteger
from sqlmodel import AutoString

from storage import tables
from storage.columns import Instant, Money


def render(kind: str, thing: object, _context: AutogenContext) -> str | bool:
    if kind == "type" and isinstance(thing, Instant | Money):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(thing, BigInteger) and thing._variant_mapping:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    if kind == "type" and isinstance(thing, AutoString):
        return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.SQLModel.metadata,
    render_item=render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
