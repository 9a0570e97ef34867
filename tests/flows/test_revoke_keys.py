"""The keys of a retired workflow: who is asked, who may say so, and what spends afterwards."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.cards.kit import when
from bot.delegations import Absence, Delegation
from bot.notices import Card
from bot.people import Person
from bot.periods import BEGINNING, Calendar
from bot.refusal import NotAllowed, TooLate
from bot.revocations import State, reminders
from bot.teams import Team
from bot.workflows import Status
from handlers.flows.remind_revocations import remind_revocations
from handlers.flows.settle_revocation import assign_revocation, confirm_revoked
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.retire_workflow import retire, retire_due
from storage.database import Database
from storage.schema import migrate
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.registry import settled, stored, trail
from tests.spending import spend

ORGANISATION = an_organisation()
KEY = "search-ranking"
SEARCH, OPS = "C0SEARCH", "C0OPS"
DAY = timedelta(days=1)


async def retired(database, workflow=None, *, organisation=ORGANISATION, now=MONDAY):
    await settled(database, workflow or a_workflow())
    async with database.ledger() as ledger:
        before = await ledger.workflows.get(KEY)
        await retire(ledger, organisation, before, SAM, "", now)


def a_leaver():
    return Person(OWEN, "Owen", None, outsider=False, deleted=True, read_at=MONDAY)


async def keys(database):
    async with database.reading() as ledger:
        return await ledger.revocations.of(KEY)


async def confirms(database, by, now=MONDAY, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await confirm_revoked(KEY, by=by, ledger=ledger, organisation=organisation, now=now)


async def assigns(database, by, person=FIN, due_on=date(2026, 11, 25), now=MONDAY):
    async with database.ledger() as ledger:
        await assign_revocation(
            KEY, person, due_on, by=by, ledger=ledger, organisation=ORGANISATION, now=now
        )


async def remind(database, now):
    async with database.ledger() as ledger:
        await remind_revocations(ledger, ORGANISATION, now)


async def used(database, usd, at, **named):
    await spend(database, a_workflow(), usd, at, **named)
    async with database.ledger() as ledger:
        quiet = await raise_alerts(ledger, ORGANISATION, [KEY], at)
    return quiet[KEY]


async def alarms(database, to):
    return [one.text for one in await said(database, to=to) if "🚨" in one.text]


@pytest.mark.parametrize("by", [OWEN, ANA, SAM], ids=["owner", "approver", "admin"])
async def test_who_may_say_that_they_are_revoked(database, by):
    await retired(database)

    await confirms(database, by)

    assert (await keys(database)).state is State.REVOKED
    assert (await trail(database))[0].what == "said its keys are revoked"


@pytest.mark.parametrize("by", [FIN, MIA, "U0EVE"])
async def test_nobody_else_may(database, by):
    await retired(database)

    with pytest.raises(NotAllowed, match="<@U0OWEN>, <@U0ANA>"):
        await confirms(database, by)
    with pytest.raises(NotAllowed):
        await assigns(database, by)


async def test_who_is_assigned_may_and_whoever_stands_in_for_them(database):
    await retired(database)
    await assigns(database, OWEN, FIN)
    stands_in = Delegation("d-1", FIN, MIA, MONDAY, MONDAY + DAY, "Holiday.")

    await confirms(database, MIA, organisation=an_organisation(delegations=(stands_in,)))

    [shown] = [one for one in await said(database, act="update", to=SEARCH) if "✅" in one.text]
    assert f"<@{MIA}> for <@{FIN}> says its keys are revoked" in shown.text


async def test_a_second_press_is_told_who_was_first(database):
    await retired(database)
    await confirms(database, OWEN)

    with pytest.raises(TooLate, match="<@U0OWEN> says its keys are revoked"):
        await confirms(database, ANA)
    with pytest.raises(TooLate, match="<@U0OWEN> says"):
        await assigns(database, ANA)


async def test_while_the_owner_is_away_the_backup_is_asked(database):
    away = an_organisation(absences=(Absence(OWEN, MONDAY - DAY, MONDAY + 7 * DAY),))

    await retired(database, organisation=away)

    assert (await keys(database)).person == MIA
    assert any("Please revoke" in one.text for one in await said(database, to=MIA))


async def test_where_nobody_is_left_somebody_has_to_be_assigned(database):
    nobody = a_workflow(owner=None, backup=None)
    await settled(database, nobody, teams=(Team("search", "Search", SEARCH, "Europe/Berlin"),))
    async with database.ledger() as ledger:
        await retire(ledger, ORGANISATION, await ledger.workflows.get(KEY), SAM, "", MONDAY)

    assert (await keys(database)).person is None
    assert any("Nobody is assigned" in one.text for one in await said(database, to=SEARCH))


async def test_what_was_never_active_has_no_keys_to_revoke(database):
    await retired(database, a_workflow(status=Status.PROPOSED, activated_at=None))

    assert await keys(database) is None
    assert len(await said(database)) == 1


async def test_the_clock_retires_and_asks_once_however_often_it_ticks(database):
    await settled(database, a_workflow(retire_on=date(2026, 11, 22)))

    for _ in range(2):
        async with database.ledger() as ledger:
            await retire_due(ledger, ORGANISATION, MONDAY)

    assert [one.channel for one in await said(database)] == [SEARCH, SEARCH, OWEN]


@pytest.mark.parametrize(
    ("zone", "now", "due_on", "first", "second"),
    [
        pytest.param(
            "Europe/Berlin",
            "2026-11-23T09:00",
            date(2026, 11, 26),
            "2026-11-26T08:00",
            "2026-11-27T08:00",
            id="a plain week",
        ),
        pytest.param(
            "Europe/Berlin",
            "2026-10-22T09:00",
            date(2026, 10, 27),
            "2026-10-27T08:00",
            "2026-10-28T08:00",
            id="winter comes and a weekend",
        ),
        pytest.param(
            "Pacific/Auckland",
            "2026-09-24T20:00",
            date(2026, 9, 30),
            "2026-09-29T20:00",
            "2026-09-30T20:00",
            id="summer comes in Auckland, where it is Friday",
        ),
        pytest.param(
            "America/Los_Angeles",
            "2027-03-12T05:00",
            date(2027, 3, 16),
            "2027-03-16T16:00",
            "2027-03-17T16:00",
            id="summer comes in Los Angeles, where it is Thursday",
        ),
        pytest.param(
            "Asia/Kolkata",
            "2028-02-25T20:00",
            date(2028, 3, 1),
            "2028-03-01T03:30",
            "2028-03-02T03:30",
            id="Saturday in Kolkata, a leap year",
        ),
        pytest.param(
            "America/Sao_Paulo",
            "2026-12-30T12:00",
            date(2027, 1, 4),
            "2027-01-04T12:00",
            "2027-01-05T12:00",
            id="new year in São Paulo",
        ),
    ],
)
async def test_three_working_days_and_two_reminders_by_the_local_clock(
    database, zone, now, due_on, first, second
):
    at = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, first, second)]
    await retired(database, a_workflow(calendars=(Calendar(BEGINNING, zone),)), now=at[0])

    one = await keys(database)

    assert one.due_on == due_on
    assert reminders(one) == (at[1], at[2])


async def test_its_person_is_reminded_then_the_approver_too_each_once(database):
    await retired(database)
    first, second = reminders(await keys(database))

    for now in (first - timedelta(seconds=1), first, first, second, second, second + 9 * DAY):
        await remind(database, now)

    reminded = {to: len(await _reminders(database, to)) for to in (OWEN, ANA, FIN)}
    assert reminded == {OWEN: 2, ANA: 1, FIN: 0}


async def _reminders(database, to):
    return [one for one in await said(database, to=to) if "⏰" in one.text]


async def test_whose_account_is_gone_is_not_asked_and_the_approver_hears_of_it(database):
    await retired(database)
    first, _ = reminders(await keys(database))
    async with database.ledger() as ledger:
        await ledger.people.save(a_leaver())

    await remind(database, first)

    assert (len(await _reminders(database, OWEN)), len(await _reminders(database, ANA))) == (0, 1)


async def test_whose_account_is_gone_already_has_no_keys_to_revoke(database):
    await settled(database, a_workflow())
    async with database.ledger() as ledger:
        await ledger.people.save(a_leaver())
        await retire(ledger, ORGANISATION, await ledger.workflows.get(KEY), SAM, "", MONDAY)

    assert (await keys(database)).person == MIA


async def test_nobody_is_reminded_of_what_is_done(database):
    await retired(database)
    _, second = reminders(await keys(database))
    await confirms(database, OWEN)

    await remind(database, second)

    assert await _reminders(database, OWEN) == []


async def test_once_it_is_done_no_reminder_or_alarm_keeps_its_buttons(database):
    await retired(database)
    await used(database, "5", MONDAY + DAY)
    for day in (5, 6, 7):
        await remind(database, MONDAY + day * DAY)

    assert await _reminders(database, ANA)
    assert await alarms(database, OPS)

    await confirms(database, SAM, now=MONDAY + 8 * DAY)

    for place in (OWEN, ANA, OPS):
        rewritten = {row.target: row for row in await said(database, act="update", to=place)}
        for row in await said(database, to=place):
            if Card(row.text, tuple(row.blocks)).has_buttons:
                last = rewritten[row.key]
                assert not Card(last.text, tuple(last.blocks)).has_buttons
                assert f"<@{SAM}> says its keys are revoked" in last.text


async def test_a_later_day_reminds_again(database):
    await retired(database)
    first, second = reminders(await keys(database))
    await remind(database, first)
    await remind(database, second)

    await assigns(database, ANA, MIA, date(2026, 12, 4), now=second)
    await remind(database, datetime(2026, 12, 4, 8, tzinfo=UTC))

    assert len(await _reminders(database, MIA)) == 1


async def test_spend_alarms_owner_approver_and_admins_once_a_day(database):
    await retired(database)
    at = MONDAY + timedelta(hours=1)

    await used(database, 100, MONDAY - timedelta(hours=1))
    assert await alarms(database, OWEN) == []
    quiet = await used(database, "12.50", at, model="gpt-5")
    await used(database, 500, at + timedelta(hours=1))
    await used(database, 3, at + DAY)

    for to in (OWEN, ANA, OPS):
        first, second = await alarms(database, to)
        assert "$12.50 was spent since" in first
        assert first.count(f"Data through {when(at, 'Europe/Berlin')} (test).") == 1
        assert "gpt-5, sent by test" in first
        assert "$515.50 was spent since" in second
    assert (
        len([one for one in await said(database, to=SEARCH) if "is retired, but" in one.text]) == 1
    )
    assert quiet.until == datetime(2026, 11, 23, 23, tzinfo=UTC)


async def test_a_late_record_from_before_the_retirement_is_no_alarm(database):
    await retired(database)

    await used(database, 100, MONDAY)
    await used(database, 100, MONDAY - DAY)

    assert await alarms(database, OWEN) == []


async def test_nothing_new_is_no_alarm_on_another_day(database):
    await retired(database)
    await used(database, 5, MONDAY + timedelta(hours=1))

    async with database.ledger() as ledger:
        await raise_alerts(ledger, ORGANISATION, [KEY], MONDAY + 2 * DAY)

    assert len(await alarms(database, OWEN)) == 1


async def test_only_what_came_after_the_word_opens_the_check_again(database):
    await retired(database)
    said_at = MONDAY + timedelta(hours=3)
    await confirms(database, OWEN, now=said_at)

    await used(database, 5, said_at - timedelta(hours=1))
    before = await keys(database)
    await used(database, 5, said_at + DAY)

    again = await keys(database)
    assert before.state is State.REVOKED
    assert (again.state, again.still, again.due_on) == (State.OPEN, said_at, date(2026, 11, 25))
    assert "said to be revoked" in (await alarms(database, OWEN))[-1]
    await confirms(database, OWEN, now=said_at + 2 * DAY)
    assert (await keys(database)).state is State.REVOKED


async def test_what_was_retired_before_anybody_was_asked_is_asked_now(database):
    await settled(database, a_workflow(status=Status.RETIRED, status_since=MONDAY - DAY))

    await used(database, 5, MONDAY)

    assert (await keys(database)).person == OWEN
    assert len(await alarms(database, OWEN)) == 1


async def test_the_alarm_follows_a_workflow_whose_team_has_another_channel(database):
    await retired(database)
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team(channel="C0NEW", approver=FIN))

    await used(database, 5, MONDAY + DAY)

    assert len(await alarms(database, FIN)) == 1
    assert any("is retired, but" in one.text for one in await said(database, to="C0NEW"))
    assert (await stored(database)).status is Status.RETIRED


async def test_of_two_who_press_at_once_one_is_told(postgres_url):
    url = postgres_url()
    one, other = Database(url), Database(url)
    await migrate(one)
    await retired(one)

    done = await asyncio.gather(
        *(confirms(database, by) for database, by in ((one, OWEN), (other, ANA)) * 3),
        return_exceptions=True,
    )

    assert sum(each is None for each in done) == 1
    assert all(isinstance(each, TooLate) for each in done if each is not None)
    await one.close()
    await other.close()
