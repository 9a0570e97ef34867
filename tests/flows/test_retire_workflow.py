from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.periods import BEGINNING, Calendar, CapKind
from bot.refusal import NotAllowed, Refusal
from bot.requests import RequestDraft, Until
from bot.workflows import Caps, Kind, NotThatWay, Status
from handlers.flows.release_words import release_words
from handlers.steps.open_request import open_request
from handlers.steps.retire_workflow import end_experiments, retire_due
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_workflow, an_organisation, an_override
from tests.outbox import said
from tests.registry import entered, presses, settled, stored, submits, trail, types

pytestmark = pytest.mark.usefixtures("clock")
ORGANISATION = an_organisation()
TRIAL = a_workflow(kind=Kind.EXPERIMENT, ends_on=date(2026, 11, 29), caps=Caps(total=Decimal(500)))
# Midnight in Berlin at the end of Sunday 29 November.
MIDNIGHT = datetime(2026, 11, 29, 23, tzinfo=UTC)


@pytest.fixture
async def desk(database):
    return await settled(database, a_workflow())


async def retires(desk, by, **values):
    return await submits(desk, by, await types(desk, by, "retire search-ranking"), **values)


async def tick(job, database, now):
    async with database.ledger() as ledger:
        await job(ledger, ORGANISATION, now)


async def test_without_a_day_it_is_retired_at_once(desk):
    done = await retires(desk, OWEN, reason="Replaced by the new index.")

    workflow = await stored(desk.database)
    told, asked, to_owner = await said(desk.database)
    assert workflow.status is Status.RETIRED
    assert "revokes its keys" in asked.text
    assert (to_owner.channel, "Please revoke" in to_owner.text) == (OWEN, True)
    assert "“Replaced by the new index.”" in told.text
    assert "does not cut access" in done.card.text
    assert [change.what for change in await trail(desk.database)] == [
        "asked to revoke its keys",
        "retired",
    ]


async def test_with_a_last_day_it_stays_active_through_that_day(desk):
    done = await retires(desk, OWEN, retire_on="2026-11-29")
    await tick(retire_due, desk.database, MIDNIGHT - timedelta(microseconds=1))
    before = await stored(desk.database)
    await tick(retire_due, desk.database, MIDNIGHT)
    await tick(retire_due, desk.database, MIDNIGHT)

    announced, told, _ = await said(desk.database)
    assert "through Sun 29 Nov 2026" in done.card.text
    assert before.status is Status.ACTIVE
    assert (await stored(desk.database)).status is Status.RETIRED
    assert "through Sun 29 Nov 2026" in announced.text
    assert "was *retired* – “its last day is over”" in told.text
    assert {change.actor for change in (await trail(desk.database))[:2]} == {"budget-bot"}


async def test_until_then_it_can_be_kept(desk):
    await retires(desk, OWEN, retire_on="2026-11-29")

    done = await presses(desk, OWEN, "workflow.keep", "search-ranking")
    await tick(retire_due, desk.database, MIDNIGHT)

    workflow = await stored(desk.database)
    assert "stays" in done.text
    assert (workflow.status, workflow.retire_on) == (Status.ACTIVE, None)


async def test_what_was_not_announced_or_is_over_cannot_be_kept(desk):
    with pytest.raises(NotThatWay, match="no last day"):
        await presses(desk, OWEN, "workflow.keep", "search-ranking")
    await retires(desk, OWEN)
    with pytest.raises(NotThatWay, match="is retired"):
        await presses(desk, OWEN, "workflow.keep", "search-ranking")


async def test_a_day_that_is_over_is_refused_beside_its_field(desk):
    with pytest.raises(Refusal, match="is over") as refused:
        await retires(desk, OWEN, retire_on="2026-11-22")

    assert refused.value.field == "retire_on"


async def test_today_is_a_last_day(desk):
    await retires(desk, OWEN, retire_on="2026-11-23")

    assert (await stored(desk.database)).status is Status.ACTIVE


@pytest.mark.parametrize("by", [MIA, FIN], ids=["backup", "somebody"])
async def test_only_owner_approver_and_admins_retire(desk, by):
    with pytest.raises(NotAllowed, match="may retire"):
        await types(desk, by, "retire search-ranking")


async def test_the_form_opens_with_the_day_that_was_announced(desk):
    await retires(desk, OWEN, retire_on="2026-11-29")

    form = await types(desk, ANA, "retire search-ranking")

    assert entered(form.view)["retire_on"] == "2026-11-29"


async def test_retiring_closes_requests_and_overrides_and_tells_who_asked(database):
    desk = await settled(database, a_workflow())
    async with database.ledger() as ledger:
        request = await open_request(ledger, ORGANISATION, more(CapKind.MONTHLY, FIN), MONDAY)
        granted = await open_request(ledger, ORGANISATION, more(CapKind.WEEKLY, "U0KIM"), MONDAY)
        await ledger.overrides.add(an_override(request=granted.id))

    await retires(desk, OWEN)

    async with database.reading() as ledger:
        assert (await ledger.requests.get(request.id)).state == "closed"
        assert await ledger.overrides.running(["search-ranking"]) == ()
        (override,) = await ledger.overrides.of("search-ranking")
    assert override.ended_at == MONDAY
    assert any("retired" in notice.text for notice in await said(database, to=FIN))
    assert any("+$100.00 on the weekly cap" in n.text for n in await said(database, to="U0KIM"))
    closed = (await trail(database))[1]
    assert (closed.actor, closed.what) == (
        OWEN,
        "closed the override of $100.00 on the weekly cap",
    )
    assert closed.before == {"weekly_cap in force": "350"}
    assert closed.after["weekly_cap in force"] == "0"
    assert (
        "weekly cap in force $350.00 → $0.00"
        in (await types(desk, OWEN, "history search-ranking")).text
    )


def more(cap, by):
    return RequestDraft(
        workflow="search-ranking",
        cap=cap,
        amount=Decimal(50),
        until=Until.PERIOD,
        asked_by=by,
        reason="Launch week.",
        outcome="Accepted pull requests",
    )


async def test_an_experiment_ends_after_its_date_and_its_owner_is_asked(database):
    desk = await settled(database, TRIAL)

    await tick(end_experiments, database, MIDNIGHT - timedelta(microseconds=1))
    before = await stored(database)
    await tick(end_experiments, database, MIDNIGHT)
    await tick(end_experiments, database, MIDNIGHT)
    assert len(await said(database)) == 1
    await tick(release_words, database, MIDNIGHT + timedelta(hours=7))

    in_channel, to_owner = await said(desk.database)
    assert before.status is Status.ACTIVE
    assert (await stored(database)).status is Status.ENDED
    assert "<@U0OWEN> decides" in in_channel.text
    assert (to_owner.channel, "Please decide" in to_owner.text) == (OWEN, True)


async def test_a_date_ends_only_running_experiments(database):
    tool = a_workflow(key="tool", ends_on=date(2026, 11, 1))
    proposed = a_workflow(
        key="draft", kind=Kind.EXPERIMENT, status=Status.PROPOSED, ends_on=date(2026, 11, 1)
    )
    await settled(database, tool, proposed)

    await tick(end_experiments, database, MIDNIGHT)

    assert (await stored(database, "tool")).status is Status.ACTIVE
    assert (await stored(database, "draft")).status is Status.PROPOSED


@pytest.mark.parametrize(
    ("zone", "turns"),
    [
        pytest.param("Pacific/Kiritimati", datetime(2026, 11, 29, 10, tzinfo=UTC), id="first"),
        pytest.param("Pacific/Niue", datetime(2026, 11, 30, 11, tzinfo=UTC), id="last"),
    ],
)
async def test_the_day_is_over_where_the_workflow_counts_it(database, zone, turns):
    await settled(
        database, a_workflow(retire_on=date(2026, 11, 29), calendars=(Calendar(BEGINNING, zone),))
    )

    await tick(retire_due, database, turns - timedelta(seconds=1))
    before = await stored(database)
    await tick(retire_due, database, turns)

    assert before.status is Status.ACTIVE
    assert (await stored(database)).status is Status.RETIRED
