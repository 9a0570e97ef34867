import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.adjustments import AlreadyUndone, Entry
from bot.caps import running_period
from bot.delegations import Delegation
from bot.edits import Wrong
from bot.periods import CapKind
from bot.refusal import NotAllowed, Unknown
from handlers.flows.adjust_spend import adjust_spend
from handlers.flows.show_adjustments import show_adjustments
from handlers.flows.undo_adjustment import undo_adjustment
from tests.builders import ANA, FIN, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.registry import holds, trail
from tests.spending import spend

ORGANISATION = an_organisation()
TODAY = date(2026, 11, 23)
ENTRY = Entry("a-1", "search-ranking", Decimal(120), TODAY, "Seats of November.", FIN)


@pytest.fixture
async def running(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    return database


async def adjust(database, now=MONDAY, organisation=ORGANISATION, **named):
    async with database.ledger() as ledger:
        return holds(await adjust_spend(replace(ENTRY, **named), ledger, organisation, now))


async def undo(database, by=SAM, id_="a-1", now=MONDAY):
    async with database.ledger() as ledger:
        return holds(await undo_adjustment(id_, by, ledger, ORGANISATION, now))


async def listed(database, by=FIN, start=0):
    async with database.reading() as ledger:
        return holds(
            await show_adjustments(
                by=by, start=start, ledger=ledger, organisation=ORGANISATION, now=MONDAY
            )
        )


async def spent(database, cap=CapKind.WEEKLY, at=MONDAY, key="search-ranking"):
    async with database.reading() as ledger:
        return (await ledger.spend.of(key, running_period(a_workflow(), cap, at))).cost


async def test_money_is_booked_on_its_day_and_noted(running):
    card = await adjust(running)

    assert await spent(running) == 120
    assert (
        "Booked *$120.00* for *Search ranking* (`search-ranking`) on Mon 23 Nov 2026" in card.text
    )
    assert "“Seats of November.”" in card.text
    [change] = await trail(running)
    assert (change.actor, change.reason) == (FIN, "Seats of November.")
    assert change.what == "booked an adjustment of $120.00"


async def test_a_credit_takes_away(running):
    await spend(running, a_workflow(), "200", MONDAY)

    card = await adjust(running, amount=Decimal("-120.5"))

    assert await spent(running) == Decimal("79.5")
    assert "a credit of $120.50" in card.text


async def test_a_credit_may_leave_less_than_nothing(running):
    await adjust(running, amount=Decimal(-50))

    assert await spent(running) == -50


async def test_the_same_form_sent_twice_is_booked_once(running):
    await adjust(running)
    await adjust(running)

    assert await spent(running) == 120
    assert len(await trail(running)) == 1


async def test_an_alert_follows_as_with_any_spend(running):
    await adjust(running, amount=Decimal(230))

    assert "$230.00 of $250.00" in (await said(running, to="C0SEARCH"))[0].text
    assert "$230.00 of $250.00" in (await said(running, to=OWEN))[0].text


async def test_a_credit_keeps_an_alert_current(running):
    await adjust(running, amount=Decimal(230))

    await adjust(running, id="a-2", amount=Decimal(-100))

    [rewritten, *_] = await said(running, act="update", to="C0SEARCH")
    assert "$130.00" in rewritten.text


async def test_a_closed_week_announces_nothing_and_says_late(running):
    card = await adjust(running, amount=Decimal(240), day=date(2026, 11, 20))

    assert "the next review shows it as late" in card.text
    assert await spent(running) == 0
    assert await spent(running, at=MONDAY - timedelta(days=3)) == 240
    assert await said(running, to="C0SEARCH") == []
    async with running.reading() as ledger:
        late = await ledger.material.late(["search-ranking"])
    assert [amount for _, amount in late["search-ranking"]] == [240]


async def test_a_day_begins_where_the_workflows_team_is(running):
    await adjust(running, day=date(2026, 11, 1))

    async with running.reading() as ledger:
        [one] = await ledger.adjustments.latest(9)
    assert one.at == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert await spent(running, CapKind.MONTHLY) == 120


async def test_it_may_be_nobodys(running):
    card = await adjust(running, workflow="")

    assert await spent(running) == 0
    async with running.reading() as ledger:
        assert await ledger.spend.between("", MONDAY - timedelta(1), MONDAY) == 120
    assert "for nobody (unattributed)" in card.text
    [change] = await trail(running, "adjustments")
    assert change.actor == FIN


async def test_undo_books_it_back_once_and_keeps_both(running):
    await adjust(running)

    card = await undo(running)

    assert await spent(running) == 0
    assert "booked back on the same day" in card.text
    assert [one.what for one in await trail(running)] == [
        "undid an adjustment of $120.00",
        "booked an adjustment of $120.00",
    ]
    with pytest.raises(AlreadyUndone, match=SAM):
        await undo(running, FIN)
    assert await spent(running) == 0


async def test_of_two_people_who_undo_at_once_the_first_counts(running):
    await adjust(running)

    outcomes = await asyncio.gather(undo(running, FIN), undo(running, SAM), return_exceptions=True)

    assert len([one for one in outcomes if isinstance(one, AlreadyUndone)]) == 1
    assert await spent(running) == 0


async def test_what_is_sent_again_after_undo_stays_undone(running):
    await adjust(running)
    await undo(running)

    card = await adjust(running)

    assert await spent(running) == 0
    assert f"undone by <@{SAM}>" in card.text
    assert len(card.blocks) == 1


@pytest.mark.parametrize("by", [OWEN, ANA, "U0LEE"])
async def test_only_finance_and_admins_may(running, by):
    await adjust(running)

    for act in (adjust(running, id="a-2", by=by), undo(running, by), listed(running, by)):
        with pytest.raises(NotAllowed, match=f"<@{FIN}> or <@{SAM}>"):
            await act
    assert await spent(running) == 120


async def test_who_stands_in_for_finance_may_and_it_is_noted_for_whom(running):
    stands_in = Delegation("d-1", FIN, "U0LEE", MONDAY, MONDAY + timedelta(1), "leave")

    await adjust(running, organisation=an_organisation(delegations=(stands_in,)), by="U0LEE")

    [change] = await trail(running)
    assert (change.actor, change.after["instead_of"]) == ("U0LEE", FIN)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"amount": Decimal(0)}, "amount", id="nothing"),
        pytest.param({"day": TODAY + timedelta(1)}, "day", id="tomorrow"),
        pytest.param({"day": date(1999, 12, 31)}, "day", id="another century"),
        pytest.param({"reason": " \u200b "}, "reason", id="no visible reason"),
        pytest.param({"reason": "x" * 501}, "reason", id="a novel"),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(running, wrong, field):
    with pytest.raises(Wrong) as refused:
        await adjust(running, **wrong)

    assert [one.field for one in refused.value.found] == [field]
    assert await spent(running) == 0


async def test_all_that_is_wrong_is_said_at_once(running):
    with pytest.raises(Wrong) as refused:
        await adjust(running, amount=Decimal(0), day=TODAY + timedelta(1), reason="")

    assert [one.field for one in refused.value.found] == ["amount", "day", "reason"]


async def test_a_workflow_that_is_not_there_is_refused(running):
    with pytest.raises(Unknown):
        await adjust(running, workflow="not-there")


async def test_what_was_booked_is_listed_the_newest_first_with_the_way_back(running):
    assert "Nothing was booked by hand yet" in (await listed(running)).text
    for n in range(17):
        await adjust(running, id=f"a-{n}", amount=Decimal(n + 1), now=MONDAY + timedelta(minutes=n))
    await undo(running, id_="a-16")

    card = await listed(running)

    first, second, *_ = card.text.splitlines()[1:]
    assert "*$17.00* · `search-ranking`" in first
    assert f"undone by <@{SAM}>" in first
    assert "*$16.00*" in second
    undos = [block for block in card.blocks if "accessory" in block]
    assert len(undos) == 14
    assert "*$1.00*" in (await listed(running, start=15)).text


async def test_words_of_people_mention_nobody(running):
    card = await adjust(running, reason="<!channel> *look*")

    assert "<!channel>" not in card.text
    assert "&lt;!channel&gt;" in card.text
