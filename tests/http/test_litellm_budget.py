"""What LiteLLM says of its own budgets is a hint: said once a month, never booked."""

import json
from base64 import b64encode
from datetime import timedelta

import pytest

from bot.pulls import Pull
from playground.blockkit import problems
from tests.builders import MONDAY, an_organisation
from tests.outbox import said

CROSSED = {
    "event": "budget_crossed",
    "event_group": "key",
    "spend": 10.250000000000002,
    "max_budget": 10.0,
    "soft_budget": None,
    "token": "5c1e8f0a",
    "key_alias": "search-prod",
    "team_id": "team-search",
    "event_message": "Key Budget: Budget Crossed",
}


@pytest.fixture
async def told(machine):
    """Posts an event; the organisation has an admin channel."""
    async with machine.database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())

    async def post(content=CROSSED, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        known = {"authorization": "Bearer open-sesame", "content-type": "application/json"}
        return await machine.client.post("/litellm/budget", content=body, headers=known | headers)

    return post


def changed(**named):
    return {**CROSSED, **named}


async def test_admins_hear_of_it_once_a_month(told, machine):
    first, again = await told(), await told(changed(spend=11.5))

    assert (first.status_code, first.json(), again.json()) == (200, {"told": True}, {"told": False})
    (notice,) = await said(machine.database)
    assert notice.channel == "C0OPS"
    assert "key *search-prod* has used up its budget there: $10.25 of $10.00" in notice.text
    assert "LiteLLM's own count" in notice.text
    assert not problems(notice.blocks)


@pytest.mark.parametrize(
    "other",
    [
        {"max_budget": 20},
        {"token": "77aa"},
        {"event": "threshold_crossed"},
        {"event_group": "team"},
    ],
)
async def test_another_budget_is_another_word(told, machine, other):
    await told()
    await told(changed(**other))

    assert len(await said(machine.database)) == 2


async def test_it_is_no_spend_and_has_the_log_asked_at_once(told, machine):
    later = MONDAY + timedelta(hours=1)
    async with machine.database.ledger() as ledger:
        await ledger.pulls.claim("litellm", MONDAY, MONDAY)
        await ledger.pulls.save(Pull("litellm", later))

    await told()

    async with machine.database.ledger() as ledger:
        assert (await ledger.pulls.get("litellm")).due_at == MONDAY
        assert not await ledger.freshness.fresh_through()
    (notice,) = await said(machine.database)
    assert "asks its log of calls now" in notice.text


async def test_a_log_that_fails_is_not_asked_before_its_time(told, machine):
    later = MONDAY + timedelta(minutes=4)
    async with machine.database.ledger() as ledger:
        await ledger.pulls.claim("litellm", MONDAY, MONDAY)
        await ledger.pulls.save(Pull("litellm", later, failures=2))

    await told()

    async with machine.database.reading() as ledger:
        assert (await ledger.pulls.get("litellm")).due_at == later


async def test_a_forecast_is_told_with_its_figure_and_day(told, machine):
    await told(
        changed(
            event="projected_limit_exceeded",
            projected_spend=25.5,
            projected_exceeded_date="2026-12-20 00:00:00",
        )
    )

    (notice,) = await said(machine.database)
    assert "is expected to use up its budget there by 2026-12-20: $25.50 of $10.00" in notice.text


async def test_what_is_no_budget_is_heard_and_not_told(told, machine):
    answer = await told(changed(event="spend_tracked"))

    assert (answer.status_code, answer.json()) == (200, {"told": False})
    assert not await said(machine.database)


async def test_the_key_may_be_the_password_of_the_address(told):
    basic = b64encode(b"litellm:open-sesame").decode()

    assert (await told(authorization=f"Basic {basic}")).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !", "Basic b3Blbi1zZXNhbWU=", "Basic Ondyb25n", "Bearer wrong"],
)
async def test_without_a_key_nothing_is_heard(told, machine, authorization):
    assert (await told(authorization=authorization)).status_code == 401
    assert not await said(machine.database)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"event": 5}',
        b'{"event": "budget_crossed", "spend": NaN}',
        b"\xff",
        b"[" * 90_000,
    ],
)
async def test_what_is_no_event_is_refused(told, body):
    assert (await told(body)).status_code == 400


async def test_kinds_and_sizes_are_refused_by_their_own_status(told):
    assert (await told(**{"content-type": "application/x-www-form-urlencoded"})).status_code == 415
    assert (await told(b" " * 100_001)).status_code == 413


@pytest.mark.parametrize(
    "odd",
    [
        {"key_alias": "<!channel> *x* " + "y" * 400},
        {"key_alias": None, "token": None, "team_id": None},
        {"event_group": "<!here>", "spend": "1e999999999", "max_budget": "NaN"},
        {"event_group": None, "spend": None, "max_budget": None, "key_alias": "\u202e\x00"},
        {"projected_exceeded_date": {"a": 1}, "event": "projected_limit_exceeded"},
    ],
)
async def test_odd_words_are_told_harmlessly(told, machine, odd):
    answer = await told(changed(**odd))

    assert answer.json() == {"told": True}
    (notice,) = await said(machine.database)
    assert "<!" not in notice.text
    assert not problems(notice.blocks)


async def test_the_documents_example_is_heard(told, machine):
    document = (await machine.client.get("/openapi.json")).json()
    body = document["paths"]["/litellm/budget"]["post"]["requestBody"]["content"]

    assert (await told(body["application/json"]["example"])).json() == {"told": True}


async def test_half_a_character_in_a_name_hides_no_hint(told, machine):
    answer = await told(json.dumps(CROSSED).replace("search-prod", r"search\ud83d").encode())

    assert answer.json() == {"told": True}
    (notice,) = await said(machine.database)
    assert "key *search\ufffd* has used up" in notice.text
