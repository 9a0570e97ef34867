from datetime import timedelta

import pytest

from bot.telemetry.streams import Stream
from handlers.desk import Desk
from handlers.flows.forget_streams import forget_streams
from storage.columns import to_micros
from storage.database import Database
from tests.builders import MONDAY


@pytest.mark.parametrize(("days", "news"), [(34, 3), (36, 5)])
async def test_a_counter_that_was_silent_for_weeks_has_ended(database: Database, days, news):
    later = MONDAY + timedelta(days=days)
    async with database.ledger() as ledger:
        await ledger.telemetry_streams.advance([Stream("a", 0, to_micros(MONDAY), 2)])

    async with database.ledger() as ledger:
        await forget_streams(ledger, await Desk(database).organisation(ledger), later)

    async with database.ledger() as ledger:
        again = Stream("a", 0, to_micros(later), 5)
        assert await ledger.telemetry_streams.advance([again]) == (news,)
