import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.periods import BEGINNING, Calendar, CapKind, WeekStart
from bot.refusal import Refusal, Unknown
from bot.workflows import Caps, Kind, Status, Workflow
from handlers.steps.save_workflow import save_workflow
from storage.workflows import ChangedMeanwhile, TakenKey
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_team, a_workflow

WORKFLOW = a_workflow()
FULL = replace(
    WORKFLOW,
    caps=Caps(Decimal("0.000000001"), Decimal("250.10"), Decimal(900), Decimal(1_000_000_000)),
    thresholds=(50, 100),
    ends_on=date(2028, 2, 29),
    retire_on=date(2026, 12, 31),
    last_review_date=date(2026, 11, 16),
    approver=ANA,
    channel="C0OTHER",
    agreed_by=OWEN,
    agreed_at=MONDAY + timedelta(microseconds=1),
    calendars=(
        Calendar(BEGINNING, "Europe/Berlin"),
        Calendar(MONDAY, "Africa/Cairo", WeekStart.SUNDAY),
    ),
    name="Ränking 🎉 \u202e<!channel>",
)


@pytest.fixture
async def registry(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
    return database


async def add(database, *workflows):
    async with database.ledger() as ledger:
        for workflow in workflows:
            await ledger.workflows.add(workflow)


async def get(database, key="search-ranking"):
    async with database.reading() as ledger:
        return await ledger.workflows.get(key)


@pytest.mark.parametrize(
    "workflow", [FULL, Workflow("search-ranking", "S", "search")], ids=["full", "bare"]
)
async def test_a_record_comes_back_as_it_was(registry, workflow):
    await add(registry, workflow)

    assert await get(registry) == replace(workflow, version=1)


async def test_a_taken_key_is_refused_and_the_ledger_goes_on(registry):
    await add(registry, WORKFLOW)

    async with registry.ledger() as ledger:
        with pytest.raises(TakenKey) as refused:
            await ledger.workflows.add(a_workflow(owner=FIN))
        await ledger.workflows.add(a_workflow(key="other"))

    assert refused.value.field == "key"
    assert (await get(registry)).owner == OWEN
    assert (await get(registry, "other")).owner == OWEN


async def test_what_was_changed_meanwhile_is_not_written_over(registry):
    await add(registry, WORKFLOW)
    seen = await get(registry)
    async with registry.ledger() as ledger:
        await ledger.workflows.save(replace(seen, tool="Cursor"))

    async with registry.ledger() as ledger:
        with pytest.raises(ChangedMeanwhile):
            await ledger.workflows.save(replace(seen, tool="Codex"))

    assert (await get(registry)).tool == "Cursor"


async def test_of_five_who_save_at_once_one_is_first(registry):
    await add(registry, WORKFLOW)
    seen = await get(registry)

    async def save(number):
        async with registry.ledger() as ledger:
            await save_workflow(
                ledger, seen, replace(seen, tool=f"{number}"), by=OWEN, what="edited", now=MONDAY
            )

    ended = await asyncio.gather(*map(save, range(5)), return_exceptions=True)

    assert sum(isinstance(one, ChangedMeanwhile) for one in ended) == 4
    async with registry.reading() as ledger:
        assert len(await ledger.changes.of("search-ranking")) == 1


async def test_a_change_is_audited_with_what_differs_and_only_then(registry):
    async with registry.ledger() as ledger:
        first = await save_workflow(
            ledger, None, WORKFLOW, by=OWEN, what="registered", now=MONDAY, reason="Trial."
        )
        lower = replace(first, caps=first.caps.having(CapKind.WEEKLY, Decimal(200)))
        second = await save_workflow(ledger, first, lower, by=ANA, what="edited", now=MONDAY)
        same = await save_workflow(ledger, second, second, by=ANA, what="edited", now=MONDAY)
        changes = await ledger.changes.of("search-ranking")

    assert same is second
    newest, oldest = changes
    assert (newest.actor, newest.before, newest.after) == (
        ANA,
        {"weekly_cap": "250"},
        {"weekly_cap": "200"},
    )
    assert (oldest.actor, oldest.what, oldest.reason) == (OWEN, "registered", "Trial.")
    assert oldest.after["owner"] == OWEN


async def test_a_ledger_that_fails_leaves_neither_record_nor_audit(registry):
    with pytest.raises(RuntimeError):
        async with registry.ledger() as ledger:
            await save_workflow(ledger, None, WORKFLOW, by=OWEN, what="registered", now=MONDAY)
            raise RuntimeError

    async with registry.reading() as ledger:
        assert await ledger.workflows.all() == ()
        assert await ledger.changes.of("search-ranking") == ()


async def test_a_contradiction_is_not_saved(registry):
    wrong = replace(WORKFLOW, caps=Caps(weekly=Decimal(2), monthly=Decimal(1)))

    async with registry.ledger() as ledger:
        with pytest.raises(Refusal):
            await save_workflow(ledger, None, wrong, by=OWEN, what="registered", now=MONDAY)
        assert await ledger.workflows.all() == ()


async def test_a_history_is_read_page_by_page(registry):
    async with registry.ledger() as ledger:
        kept = await save_workflow(ledger, None, WORKFLOW, by=OWEN, what="0", now=MONDAY)
        for number in range(1, 5):
            after = replace(kept, tool=f"{number}")
            kept = await save_workflow(ledger, kept, after, by=OWEN, what=f"{number}", now=MONDAY)
        page = await ledger.changes.of("search-ranking", limit=2, skip=1)

    assert [change.what for change in page] == ["3", "2"]


async def test_workflows_are_found_by_person_team_and_name(registry):
    async with registry.ledger() as ledger:
        await ledger.teams.save(a_team(key="support"))
    await add(registry, WORKFLOW, a_workflow(key="answers", team="support", owner=FIN, backup=OWEN))

    async with registry.reading() as ledger:
        assert [one.key for one in await ledger.workflows.of_person(OWEN)] == [
            "answers",
            "search-ranking",
        ]
        assert [one.key for one in await ledger.workflows.of_person(MIA)] == ["search-ranking"]
        assert [one.key for one in await ledger.workflows.all(team="support")] == ["answers"]
        assert set(await ledger.workflows.names()) == {"answers", "search-ranking"}
        with pytest.raises(Unknown, match="/budget list"):
            await ledger.workflows.get("nothing")


async def test_those_that_end_are_found_by_their_day(registry):
    day = date(2026, 11, 30)
    trial = {"kind": Kind.EXPERIMENT, "ends_on": day}
    await add(
        registry,
        a_workflow(key="announced", retire_on=day),
        a_workflow(key="later", retire_on=day + timedelta(days=1)),
        a_workflow(key="retired", retire_on=day, status=Status.RETIRED),
        a_workflow(key="trial", **trial),
        a_workflow(key="draft", status=Status.PROPOSED, **trial),
        a_workflow(key="tool", ends_on=day),
    )

    async with registry.reading() as ledger:
        assert [one.key for one in await ledger.workflows.ending(day)] == ["announced", "trial"]
