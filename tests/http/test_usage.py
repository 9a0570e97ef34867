import asyncio
import json

from bot.money import LARGEST
from tests.builders import MONDAY
from tests.http.conftest import Machine


def a_record(id="r-1", **named):
    plain = {
        "id": id,
        "workflow": "search-ranking",
        "at": MONDAY.isoformat(),
        "model": "gpt-4o",
        "input_tokens": 1000,
        "output_tokens": 100,
    }
    return plain | named


async def test_a_record_is_taken(machine: Machine):
    answer = await machine.send(a_record())

    assert answer.status_code == 202
    assert answer.json() == {
        "taken": 1,
        "repeated": 0,
        "corrected": 0,
        "refused": 0,
        "records": [{"id": "r-1", "outcome": "taken"}],
    }


async def test_one_record_needs_no_list(machine: Machine):
    answer = await machine.send(json=a_record())

    assert (answer.status_code, answer.json()["taken"]) == (202, 1)


async def test_every_record_gets_its_own_answer_in_order(machine: Machine):
    await machine.send(a_record("r-1"), a_record("r-2"))

    answer = await machine.send(
        a_record("r-1"),
        a_record("r-2", cost="0.50"),
        a_record("r-3", at="2026-11-23T09:05:00.000001Z"),
        a_record("r-4", modle="gpt-4o"),
        {"workflow": "search-ranking", "at": "2026-11-23T09:00:00Z"},
        a_record("r-5", input_tokens="many"),
        a_record("r-6", at="yesterday"),
        7,
        a_record("r-7"),
    )

    body = answer.json()
    assert answer.status_code == 202
    assert [body[name] for name in ("taken", "repeated", "corrected", "refused")] == [1, 1, 1, 6]
    assert [(one["outcome"], one["id"], one.get("field")) for one in body["records"]] == [
        ("repeated", "r-1", None),
        ("corrected", "r-2", None),
        ("refused", "r-3", "at"),
        ("refused", "r-4", "modle"),
        ("refused", None, "id"),
        ("refused", "r-5", "input_tokens"),
        ("refused", "r-6", "at"),
        ("refused", None, None),
        ("taken", "r-7", None),
    ]
    assert "Did you mean “model”?" in body["records"][3]["reason"]


async def test_nothing_booked_is_a_422(machine: Machine):
    answer = await machine.send(a_record(cost=-1), a_record(id=""))

    assert answer.status_code == 422
    assert answer.json()["refused"] == 2


async def test_an_empty_list_is_told_why_nothing_is_booked(machine: Machine):
    answer = await machine.send(json=[])

    assert answer.status_code == 422
    assert answer.json() == {"detail": "The list is empty: send one record or more."}


async def test_a_number_keeps_its_digits(machine: Machine):
    body = json.dumps(a_record()).replace(
        '"output_tokens"', '"cost": 0.1234567890, "output_tokens"'
    )

    await machine.send(json=None, content=body, headers={"content-type": "application/json"})

    workflow = (await machine.get("/v1/workflows/search-ranking")).json()
    assert workflow["periods"][0]["spent"] == "0.123456789"


async def test_an_escaped_nul_is_refused_on_its_own(machine: Machine):
    answer = await machine.send(a_record("a\0b"), a_record("r-2"))

    assert [one["outcome"] for one in answer.json()["records"]] == ["refused", "taken"]


async def test_a_record_is_filed_under_the_keys_name_unless_it_says_another(machine: Machine):
    await machine.send(a_record(), key="open-sesame")
    await machine.send(a_record(), key="shibboleth")

    async with machine.database.reading() as ledger:
        assert set(await ledger.freshness.fresh_through()) == {"gateway", "ci"}


async def test_nobody_sends_under_anothers_source(machine: Machine):
    await machine.send(a_record(source="litellm"), key="open-sesame")

    answer = await machine.send(a_record("r-2", source="litellm"), key="shibboleth")

    assert answer.status_code == 422
    assert answer.json()["records"][0]["field"] == "source"


async def test_many_requests_at_once_are_all_answered_rightly(machine: Machine):
    answers = await asyncio.gather(
        *(machine.send(a_record(f"r-{n}"), a_record(f"r-{n + 1}")) for n in range(60))
    )

    assert {answer.status_code for answer in answers} == {202}
    assert sum(answer.json()["taken"] for answer in answers) == 61
    assert sum(answer.json()["repeated"] for answer in answers) == 59
    workflow = (await machine.get("/v1/workflows/search-ranking")).json()
    assert workflow["periods"][0]["records"] == 61


async def test_a_record_that_overflows_a_period_does_not_fail_its_neighbours(machine: Machine):
    """Ten times the largest cost is more than a period can hold."""
    await machine.send(*(a_record(f"l-{n}", workflow="x", cost=str(LARGEST)) for n in range(9)))
    large = a_record("l-9", workflow="x", cost=str(LARGEST))

    mixed, alone, *good = await asyncio.gather(
        machine.send(large, a_record("r-20")),
        machine.send(large | {"id": "l-10"}),
        *(machine.send(a_record(f"r-{n}")) for n in range(20)),
    )

    assert (mixed.status_code, alone.status_code) == (202, 422)
    assert [one["outcome"] for one in mixed.json()["records"]] == ["refused", "taken"]
    assert alone.json()["records"][0]["field"] == "cost"
    assert {answer.status_code for answer in good} == {202}


async def test_crossing_a_threshold_raises_an_alert_and_the_next_record_none(machine: Machine):
    await machine.send(a_record("r-1", cost="190"))
    await machine.send(a_record("r-2", cost="1"))

    async with machine.database.reading() as ledger:
        alerts = await ledger.alerts.running(["search-ranking"], MONDAY)
    assert [(alert.cap, alert.threshold) for alert in alerts] == [("weekly", 75)]
