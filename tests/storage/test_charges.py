from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from bot.charges import DAY, Bill, Charge, Stretch

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
NOW = MONDAY + timedelta(days=3)
OPENAI = "bill/openai"


def a_charge(id: str, day: int = 0, cost: str = "1") -> Charge:
    start = MONDAY + day * DAY
    return Charge(id, "openai", start, start + DAY, Decimal(cost), final=True)


async def replaced(database, day, *charges):
    stretch = Stretch(MONDAY + day * DAY, MONDAY + (day + 1) * DAY)
    async with database.ledger() as ledger:
        return await ledger.charges.replace(Bill(OPENAI, stretch, charges), NOW)


async def kept(database, day):
    async with database.reading() as ledger:
        return [one.id for _, one in await ledger.charges.of_day("openai", MONDAY + day * DAY)]


async def test_a_line_that_moves_to_another_day_is_there_once(database):
    await replaced(database, 0, a_charge("moving"), a_charge("stays"))

    done = await replaced(database, 1, a_charge("moving", 1), a_charge("fresh", 1))

    assert (done.added, done.changed, done.gone, done.same) == (1, 1, 0, 0)
    assert done.days == {("openai", MONDAY), ("openai", MONDAY + DAY)}
    assert await kept(database, 0) == ["stays"]
    assert await kept(database, 1) == ["fresh", "moving"]


async def test_lines_change_go_and_move_in_one_bill(database):
    await replaced(database, 0, a_charge("moving"))
    await replaced(database, 1, a_charge("dearer", 1), a_charge("gone", 1), a_charge("same", 1))

    lines = a_charge("moving", 1), a_charge("dearer", 1, "2"), a_charge("same", 1)
    done = await replaced(database, 1, *lines)

    assert (done.added, done.changed, done.gone, done.same) == (0, 2, 1, 1)
    assert await kept(database, 1) == ["dearer", "moving", "same"]


async def test_what_the_transaction_wrote_before_a_line_moved_stays(database):
    await replaced(database, 0, a_charge("moving"))

    async with database.ledger() as ledger:
        for day, id in ((2, "before"), (1, "moving")):
            stretch = Stretch(MONDAY + day * DAY, MONDAY + (day + 1) * DAY)
            await ledger.charges.replace(Bill(OPENAI, stretch, (a_charge(id, day),)), NOW)

    assert await kept(database, 0) == []
    assert await kept(database, 1) == ["moving"]
    assert await kept(database, 2) == ["before"]


async def test_a_line_that_is_only_final_now_is_no_correction(database):
    provisional = replace(a_charge("line"), final=False)
    await replaced(database, 0, provisional, replace(a_charge("dearer"), final=False))

    done = await replaced(database, 0, a_charge("line"), a_charge("dearer", cost="2"))

    assert (done.changed, done.days) == (2, {("openai", MONDAY)})
    async with database.reading() as ledger:
        corrected = await ledger.bill_lines.corrected("openai", [OPENAI], MONDAY, 9)
        lines = await ledger.charges.of_day("openai", MONDAY)
    assert [(one.id, one.was, one.now) for one in corrected] == [("dearer", 1, 2)]
    assert all(charge.final for _, charge in lines)


async def test_what_a_line_says_now_is_that_of_its_own_source(database):
    await replaced(database, 0, a_charge("line"))
    await replaced(database, 0, a_charge("line", cost="2"))
    async with database.ledger() as ledger:
        stretch = Stretch(MONDAY, MONDAY + DAY)
        other = Bill("bill/other", stretch, (a_charge("line", cost="9"),))
        await ledger.charges.replace(other, NOW)

    async with database.reading() as ledger:
        (one,) = await ledger.bill_lines.corrected("openai", [OPENAI], MONDAY, 9)
    assert (one.was, one.now) == (1, 2)
