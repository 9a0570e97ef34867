"""The few column types. Both databases keep the same whole numbers, so both answer alike."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from bot.money import from_nanos, to_nanos

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# SQLite counts only an INTEGER primary key by itself.
Counter = BigInteger().with_variant(Integer, "sqlite")


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises ValueError for an instant without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    # Dividing by a timedelta takes twice as long, and this is done for every record of usage.
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds since 1970 (BIGINT), returned in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class Money(TypeDecorator[Decimal]):
    """US dollars, kept as whole nano-dollars (BIGINT), so sums in the database are exact."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> int | None:
        return None if value is None else to_nanos(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:  # noqa: ANN401
        return None if value is None else from_nanos(int(value))


__all__ = ["Counter", "Instant", "Money", "Text", "from_micros", "to_micros"]
