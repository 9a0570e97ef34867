from dataclasses import replace

from bot.periods import CapKind
from bot.tiers import Tier, TierRule
from bot.workflows import Status
from tests.builders import MONDAY, an_organisation, an_override
from tests.http.conftest import Machine
from tests.http.test_usage import a_record


async def test_a_workflow_shows_its_caps_and_what_its_periods_hold(machine: Machine):
    await machine.send(a_record("r-1", cost="100.125"))
    async with machine.database.ledger() as ledger:
        await ledger.overrides.add(an_override())

    answer = await machine.get("/v1/workflows/search-ranking")

    body = answer.json()
    assert answer.status_code == 200
    assert (body["status"], body["owner"], body["tightest"]) == ("active", "U0OWEN", "weekly")
    (source,) = body["sources"]
    assert (source["lane"], source["trouble"]) == ("realtime", None)
    assert source["through"] is not None
    weekly = next(period for period in body["periods"] if period["kind"] == CapKind.WEEKLY)
    assert weekly == {
        "kind": "weekly",
        "start": "2026-11-22T23:00:00Z",
        "end": "2026-11-29T23:00:00Z",
        "spent": "100.125",
        "assumed": "0",
        "late": "0",
        "records": 1,
        "unmetered": 0,
        "cap": "250",
        "effective_cap": "350",
        "left": "249.875",
        "percent": 28,
    }


async def test_a_workflow_shows_its_month_by_model_tier(machine: Machine):
    await machine.send(
        a_record("r-1", cost="80", model="claude-opus-4-1"),
        a_record("r-2", cost="8", model="o1-pro"),
        a_record("r-3", cost="0.5", model="gpt-5-nano"),
        a_record("r-4", cost="1", model="ours"),
        a_record("r-5", cost="2", model="nobody-knows"),
    )
    async with machine.database.ledger() as ledger:
        await ledger.organisation.save(an_organisation(tiers=(TierRule(Tier.STANDARD, "ours"),)))

    body = (await machine.get("/v1/workflows/search-ranking")).json()

    assert body["tiers"] == [
        {"tier": "premium", "spent": "88"},
        {"tier": "standard", "spent": "1"},
        {"tier": "cheap", "spent": "0.5"},
        {"tier": None, "spent": "2"},
    ]


async def test_a_period_without_a_cap_has_none_to_be_left(machine: Machine):
    body = (await machine.get("/v1/workflows/search-ranking")).json()

    daily = body["periods"][0]
    assert (daily["cap"], daily["effective_cap"], daily["left"], daily["percent"]) == (None,) * 4


async def test_a_total_period_has_no_end(machine: Machine):
    body = (await machine.get("/v1/workflows/search-ranking")).json()

    assert (body["periods"][3]["kind"], body["periods"][3]["end"]) == ("total", None)


async def test_nothing_is_left_of_a_paused_workflow(machine: Machine):
    async with machine.database.ledger() as ledger:
        workflow = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(workflow, status=Status.PAUSED, status_since=MONDAY))

    body = (await machine.get("/v1/workflows/search-ranking")).json()

    assert body["periods"][1]["effective_cap"] == "0"


async def test_all_workflows_are_listed(machine: Machine):
    body = (await machine.get("/v1/workflows")).json()

    assert [one["key"] for one in body["workflows"]] == ["search-ranking"]


async def test_an_unknown_workflow_is_a_404_that_names_it(machine: Machine):
    answer = await machine.get("/v1/workflows/serach")

    assert answer.status_code == 404
    assert "serach" in answer.json()["detail"]


async def test_the_registry_is_shown_to_key_holders_only(machine: Machine):
    assert (await machine.get("/v1/workflows", key="wrong")).status_code == 401
