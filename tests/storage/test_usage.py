from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import text

from bot.caps import running_period
from bot.money import LARGEST
from bot.periods import CapKind, period_of
from bot.policy import Organisation, Policy
from bot.usage import CORRECTED, REPEATED, TAKEN, CostBasis, Outcome, SentUsage, read_usage
from storage.columns import to_micros
from tests.builders import MONDAY, a_team, a_workflow

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def a_usage(id="r-1", workflow="search-ranking", at=MONDAY, sender="gateway", **named):
    plain = {"cost": Decimal(1)} if "input_tokens" not in named else {}
    sent = SentUsage(id=id, workflow=workflow, at=at, **(plain | named))
    return read_usage(sent, sender, max(at, MONDAY))


async def registered(database, *workflows):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        for workflow in workflows or (a_workflow(),):
            await ledger.workflows.add(workflow)


async def book(database, *usages, now=MONDAY):
    async with database.ledger() as ledger:
        return await ledger.usage.record(usages, now)


async def spent(database, kind, workflow=None, at=MONDAY):
    workflow = workflow or a_workflow()
    async with database.reading() as ledger:
        return await ledger.spend.of(workflow.key, running_period(workflow, kind, at))


async def everything(database, table, where="TRUE"):
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        rows = await connection.execute(text(f"SELECT * FROM {table} WHERE {where}"))
        return sorted(tuple(row) for row in rows)


async def test_a_record_counts_in_the_day_the_week_the_month_and_since_activation(database):
    await registered(database)

    recorded = await book(database, a_usage(cost=Decimal("12.5")))

    assert recorded.answers == (TAKEN,)
    assert {(t.period.kind, t.spent) for t in recorded.totals} == {
        (kind, Decimal("12.5")) for kind in CapKind
    }
    for kind in CapKind:
        assert (await spent(database, kind)).cost == Decimal("12.5")


async def test_the_same_record_again_is_repeated_and_changes_nothing(database):
    await registered(database)
    await book(database, a_usage())

    recorded = await book(database, a_usage(), now=MONDAY + HOUR)

    assert recorded.answers == (REPEATED,)
    assert (await spent(database, CapKind.WEEKLY)).cost == 1


async def test_another_content_corrects_the_record_and_the_last_wins(database):
    await registered(database)
    await book(database, a_usage(cost=Decimal(10)))

    recorded = await book(database, a_usage(cost=Decimal(4)))

    assert recorded.answers == (CORRECTED,)
    assert recorded.corrected == {"search-ranking"}
    assert (await spent(database, CapKind.WEEKLY)).cost == 4
    assert len(await everything(database, "corrected_usage")) == 1


async def test_a_correction_moves_the_spend_to_another_workflow_and_day(database):
    other = a_workflow(key="other")
    await registered(database, a_workflow(), other)
    await book(database, a_usage())

    recorded = await book(database, a_usage(workflow="other", at=MONDAY - DAY))

    assert recorded.corrected == {"search-ranking", "other"}
    assert (await spent(database, CapKind.DAILY)).cost == 0
    assert (await spent(database, CapKind.DAILY)).records == 0
    assert (await spent(database, CapKind.DAILY, other, MONDAY - DAY)).cost == 1
    assert (await spent(database, CapKind.DAILY, other)).cost == 0


async def test_records_of_one_batch_are_taken_in_order(database):
    await registered(database)

    recorded = await book(
        database,
        a_usage(),
        a_usage(),
        a_usage(cost=Decimal(2)),
        a_usage("r-2"),
        a_usage(cost=Decimal(3)),
    )

    assert recorded.answers == (TAKEN, REPEATED, CORRECTED, TAKEN, CORRECTED)
    assert (await spent(database, CapKind.MONTHLY)).cost == 4


async def test_new_and_known_records_may_come_together(database):
    await registered(database)
    await book(database, *(a_usage(f"r-{n}") for n in range(0, 700, 2)))

    recorded = await book(database, *(a_usage(f"r-{n}") for n in range(700)))

    assert recorded.answers == (REPEATED, TAKEN) * 350
    assert (await spent(database, CapKind.MONTHLY)).cost == 700


async def test_an_unchanged_record_that_now_has_a_price_is_corrected(database):
    await registered(database)
    assumed = a_usage(model="gpt-next", input_tokens=1000)
    assert assumed.basis is CostBasis.ASSUMED
    await book(database, assumed)
    assert (await spent(database, CapKind.DAILY)).assumed == assumed.cost

    recorded = await book(database, _priced(assumed))

    assert recorded.answers == (CORRECTED,)
    assert (await spent(database, CapKind.DAILY)).assumed == 0


async def test_an_unchanged_record_is_repeated_though_our_price_of_it_has_changed(database):
    await registered(database)
    usage = a_usage(model="gpt-4o", input_tokens=1000)
    await book(database, usage)

    recorded = await book(database, _priced(usage))

    assert recorded.answers == (REPEATED,)


def _priced(usage):
    return msgspec.structs.replace(usage, basis=CostBasis.COMPUTED, nanos=7)


async def test_a_late_record_lands_where_it_happened_and_is_known_as_late(database):
    await registered(database)
    last_week = MONDAY - 7 * DAY

    await book(database, a_usage(at=last_week, cost=Decimal(12)))

    assert (await spent(database, CapKind.WEEKLY, at=last_week)).late == 12
    assert (await spent(database, CapKind.WEEKLY)).cost == 0
    assert (await spent(database, CapKind.MONTHLY)).late == 0


async def test_only_the_difference_of_a_late_correction_is_late(database):
    await registered(database)
    last_week = MONDAY - 7 * DAY
    await book(database, a_usage(at=last_week, cost=Decimal(100)), now=last_week)

    await book(database, a_usage(at=last_week, cost=Decimal(112)))

    week = await spent(database, CapKind.WEEKLY, at=last_week)
    assert (week.cost, week.late) == (112, 12)


async def test_an_unknown_workflow_is_kept_apart_under_its_name(database):
    await registered(database)

    recorded = await book(
        database,
        a_usage("r-1", "serach-ranking", cost=Decimal(3)),
        a_usage("r-2", "", cost=Decimal(2)),
        a_usage("r-3", "serach-ranking", cost=Decimal(4)),
    )

    assert recorded.answers == (TAKEN,) * 3
    assert recorded.totals == ()
    month = period_of(CapKind.MONTHLY, MONDAY, a_workflow().calendars)
    async with database.reading() as ledger:
        found = await ledger.traces.nobodys(month.start, month.end, 10)
    assert [(one.trace.declared, one.nanos, one.records) for one in found] == [
        ("serach-ranking", 7 * 10**9, 2),
        ("", 2 * 10**9, 1),
    ]


async def test_unattributed_spend_is_counted_by_the_organisations_calendar(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(Organisation(Policy(timezone="Asia/Tokyo")))

    await book(database, a_usage(workflow="nobody"))

    rows = await everything(database, "period_totals", "cap = 'daily'")
    assert rows[0][2] == to_micros(datetime(2026, 11, 22, 15, tzinfo=UTC))


async def test_a_workflow_registered_later_takes_what_comes_later(database):
    await book(database, a_usage("r-1"))
    await registered(database)

    recorded = await book(database, a_usage("r-1"), a_usage("r-2"))

    assert recorded.answers == (REPEATED, TAKEN)
    assert (await spent(database, CapKind.WEEKLY)).cost == 1


async def test_a_correction_of_an_unattributed_record_finds_the_workflow_of_that_name(database):
    await book(database, a_usage("r-1"))
    await registered(database)

    await book(database, a_usage("r-1", cost=Decimal(5)))

    assert (await spent(database, CapKind.WEEKLY)).cost == 5
    assert [row[4] for row in await everything(database, "period_totals", "workflow = ''")] == [
        0,
        0,
        0,
    ]


async def test_a_source_belongs_to_the_key_that_sent_it_first(database):
    await registered(database)
    await book(database, a_usage("r-1", source="ci", sender="one"))

    recorded = await book(
        database,
        a_usage("r-2", source="ci", sender="two"),
        a_usage("r-3", source="mine", sender="two"),
        a_usage("r-4", source="ci", sender="one"),
    )

    assert [answer.outcome for answer in recorded.answers] == [
        Outcome.REFUSED,
        Outcome.TAKEN,
        Outcome.TAKEN,
    ]
    assert recorded.answers[0].field == "source"
    assert (await spent(database, CapKind.WEEKLY)).cost == 3


async def test_repeating_somebody_elses_record_is_refused_too(database):
    await book(database, a_usage("r-1", source="ci", sender="one"))

    recorded = await book(database, a_usage("r-1", source="ci", sender="two"))

    assert recorded.answers[0].outcome is Outcome.REFUSED


async def test_a_source_is_as_fresh_as_its_newest_record(database):
    await book(database, a_usage("r-1"), a_usage("r-2", at=MONDAY - HOUR))
    await book(database, a_usage("r-3", at=MONDAY - DAY), now=MONDAY + HOUR)

    async with database.reading() as ledger:
        assert await ledger.freshness.fresh_through() == {"gateway": MONDAY}


async def test_records_without_a_cost_are_counted_by_number(database):
    await registered(database)

    await book(database, a_usage(cost=None))

    week = await spent(database, CapKind.WEEKLY)
    assert (week.cost, week.records, week.unmetered) == (0, 1, 1)


async def test_hours_begin_with_the_local_day_where_zones_are_half_an_hour_off(database):
    kolkata = replace(a_workflow().calendars[0], zone="Asia/Kolkata")
    await registered(database, a_workflow(calendars=(kolkata,)))

    await book(database, a_usage(at=datetime(2026, 11, 23, 8, 29, tzinfo=UTC)))

    hours = await everything(database, "usage_hours")
    assert hours[0][1] == to_micros(datetime(2026, 11, 23, 7, 30, tzinfo=UTC))


async def test_a_total_cap_counts_from_activation(database):
    activated = MONDAY - timedelta(minutes=10)
    workflow = a_workflow(activated_at=activated)
    await registered(database, workflow)

    await book(
        database,
        a_usage("before", at=activated - timedelta(microseconds=1), cost=Decimal(1)),
        a_usage("then", at=activated, cost=Decimal(2)),
        a_usage("after", at=MONDAY, cost=Decimal(4)),
    )

    assert (await spent(database, CapKind.TOTAL, workflow)).cost == 6
    assert (await spent(database, CapKind.DAILY, workflow)).cost == 7


async def test_what_was_booked_ahead_of_an_activation_counts_from_it(database):
    await registered(database, a_workflow(activated_at=None))
    await book(database, a_usage(at=MONDAY + timedelta(minutes=2), cost=Decimal(3)))

    async with database.ledger() as ledger:
        active = replace(await ledger.workflows.get("search-ranking"), activated_at=MONDAY)
        await ledger.workflows.save(active)
        await ledger.usage.count_from_activation(active, MONDAY)
    await book(database, a_usage("r-2", cost=Decimal(4)))

    assert (await spent(database, CapKind.TOTAL, active)).cost == 7
    before = await everything(database, "period_totals")
    async with database.ledger() as ledger:
        await ledger.usage.rebuild()
    assert await everything(database, "period_totals") == before


async def test_a_record_that_overflows_its_period_is_refused_and_its_neighbours_are_taken(database):
    await registered(database)
    await book(database, *(a_usage(f"r-{n}", cost=LARGEST) for n in range(9)))

    before, large, after = (
        await book(database, a_usage("a"), a_usage("r-9", cost=LARGEST), a_usage("b"))
    ).answers

    assert (before, after) == (TAKEN, TAKEN)
    assert (large.outcome, large.field) == (Outcome.REFUSED, "cost")
    assert "a period of “search-ranking” would hold more than $9 billion" in large.reason
    assert (await spent(database, CapKind.MONTHLY)).cost == 9 * LARGEST + 2


async def test_of_a_batch_that_overflows_by_itself_as_much_is_taken_as_fits(database):
    await registered(database)

    done = await book(database, *(a_usage(f"r-{n}", cost=LARGEST) for n in range(200)))

    assert done.answers[:9] == (TAKEN,) * 9
    assert {answer.outcome for answer in done.answers[9:]} == {Outcome.REFUSED}
    assert (await spent(database, CapKind.MONTHLY)).cost == 9 * LARGEST
    totals = await everything(database, "period_totals")
    async with database.ledger() as ledger:
        await ledger.usage.rebuild()
    assert await everything(database, "period_totals") == totals


async def test_a_full_bucket_of_strangers_says_what_to_do(database):
    await registered(database)
    many = [a_usage(f"r-{n}", workflow="nobody", cost=LARGEST) for n in range(9)]
    await book(database, *many)

    named, unnamed, small, known = (
        await book(
            database,
            a_usage("a", workflow="stranger", cost=LARGEST),
            a_usage("b", workflow="", cost=LARGEST),
            a_usage("c", workflow="stranger"),
            a_usage("d", cost=LARGEST),
        )
    ).answers

    assert "Register “stranger”" in named.reason
    assert "Name a registered workflow" in unnamed.reason
    assert (small, known) == (TAKEN, TAKEN)


async def test_a_full_period_can_be_corrected_in_the_batch_that_overflows_it(database):
    await registered(database)
    await book(database, *(a_usage(f"r-{n}", cost=LARGEST) for n in range(9)))

    done = await book(
        database,
        a_usage("r-9", cost=LARGEST),
        a_usage("r-0", cost=LARGEST),
        a_usage("r-1", cost=Decimal(5)),
        a_usage("r-10", cost=LARGEST),
    )

    assert done.answers[1:] == (REPEATED, CORRECTED, TAKEN)
    assert done.answers[0].outcome is Outcome.REFUSED
    assert (await spent(database, CapKind.MONTHLY)).cost == 9 * LARGEST + 5


async def test_a_correction_that_overflows_is_refused_and_the_record_stays_as_it_was(database):
    await registered(database)
    await book(database, a_usage("a"), *(a_usage(f"r-{n}", cost=LARGEST) for n in range(9)))

    (answer,) = (await book(database, a_usage("a", cost=LARGEST))).answers

    assert answer.outcome is Outcome.REFUSED
    assert (await spent(database, CapKind.MONTHLY)).cost == 9 * LARGEST + 1


async def test_a_ledger_that_fails_leaves_nothing_behind(database):
    await registered(database)

    with pytest.raises(ZeroDivisionError):
        async with database.ledger() as ledger:
            await ledger.usage.record([a_usage(source="new", sender="one")], MONDAY)
            raise ZeroDivisionError

    assert await everything(database, "usage") == []
    recorded = await book(database, a_usage(source="new", sender="two"))
    assert recorded.answers == (TAKEN,)


async def test_nothing_is_booked_of_an_empty_batch(database):
    recorded = await book(database)

    assert (recorded.answers, recorded.totals) == ((), ())


async def test_ids_may_hold_any_text(database):
    await registered(database)
    hostile = ["a\tb", "a\\nb", "a\nb", "\\N", "🚀", "\u202e", "'; DROP TABLE usage;--", '{"a": 1}']
    usages = [a_usage(id, user=id, tags=(id,)) for id in hostile]

    await book(database, *usages)
    recorded = await book(database, *usages)

    assert recorded.answers == (REPEATED,) * len(hostile)
    assert sorted(row[2] for row in await everything(database, "usage")) == sorted(hostile)
