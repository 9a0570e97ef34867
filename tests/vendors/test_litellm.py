"""LiteLLM's log of spend, asked by the hour: it fills what its push has lost, and doubles none."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs

from bot.charges import Stretch
from bot.usage import Outcome
from handlers.desk import Desk
from handlers.flows.record_usage import record_usage
from handlers.http.litellm.reading import read_events
from handlers.settings import Settings
from handlers.vendors import pulling
from handlers.vendors.asking import Asking, Patience
from handlers.vendors.connector import Connector
from handlers.vendors.connectors import connectors
from handlers.vendors.litellm import HOUR, PAGE, window
from handlers.vendors.pulling import Puller
from handlers.vendors.trouble import NotUnderstood, Unanswered
from tests.builders import MONDAY, a_team, a_workflow
from tests.servers import NO_TLS
from tests.vendors.standin import Asked, Standin, breaks_off, instead, status

HURRIED = Patience(attempts=3, first=0, longest=1, silence=1, whole=5)
CALLS = 2 * PAGE + 30


class Stopped(Desk):
    def now(self):
        return MONDAY


def at(number: int) -> datetime:
    """From 07:00 on, four a minute: three pages of the hour."""
    return MONDAY - 2 * HOUR + timedelta(seconds=15 * number, microseconds=743_900)


def a_row(number: int, **named: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 500}}
    return {
        "request_id": f"chatcmpl-{number}",
        "litellm_call_id": f"call-{number}",
        "call_type": "acompletion",
        "api_key": "5c1e",
        "spend": Decimal("0.00036"),
        "prompt_tokens": 2000,
        "completion_tokens": 100,
        "startTime": at(number).isoformat(timespec="milliseconds"),
        "model": "openai/gpt-4o-mini",
        "custom_llm_provider": "openai",
        "user": "",
        "metadata": {"user_api_key_alias": "search-prod", "usage_object": usage},
        "cache_hit": "None",
        "request_tags": ["workflow:search-ranking"],
        "session_id": "other-run",
        "status": "success",
        **named,
    }


def an_event(number: int) -> dict[str, Any]:
    """The same call, as it is pushed: other digits, microseconds, other fields empty."""
    usage = {"prompt_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 500}}
    return {
        "id": f"chatcmpl-{number}",
        "litellm_call_id": f"call-{number}",
        "call_type": "acompletion",
        "status": "success",
        "startTime": at(number).timestamp(),
        "custom_llm_provider": "openai",
        "model": "openai/gpt-4o-mini",
        "response_cost": 0.00035999999999999997,
        "prompt_tokens": 2000,
        "completion_tokens": 100,
        "trace_id": "run-1",
        "request_tags": ["workflow:search-ranking"],
        "metadata": {
            "user_api_key_hash": "5c1e",
            "user_api_key_alias": "search-prod",
            "user_api_key_user_email": "mia@example.com",
            "usage_object": usage,
        },
    }


def honestly(asked: Asked) -> Any:
    start, end = (
        datetime.strptime(asked[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        for name in ("start_date", "end_date")
    )
    rows = [a_row(number) for number in range(CALLS) if start <= at(number) <= end]
    size, page = int(asked["page_size"]), int(asked["page"])
    data = rows[(page - 1) * size : page * size]
    return {"data": data, "total": len(rows), "page": page, "page_size": size}


@pytest.fixture(scope="module")
def served() -> Iterator[Standin]:
    with Standin(honestly).open() as standin:
        yield standin


@pytest.fixture
def litellm(served: Standin) -> Standin:
    served.faults.clear()
    served.asked.clear()
    served.answer = honestly
    return served


def the_connector(standin: Standin) -> Connector:
    (one,) = connectors(Settings(litellm_url=standin.url, litellm_key="sk-admin-very-secret"))
    return one


async def told(standin: Standin, start: datetime, length: timedelta = HOUR):
    one = the_connector(standin)
    step = Stretch(start, start + length)
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        pages = await one.fetch(Asking(http, one.vendor, lambda: MONDAY, HURRIED), step)
    return one.parse(pages, step, MONDAY).usage


async def test_all_pages_of_an_hour_are_read(litellm):
    usage = await told(litellm, MONDAY - 2 * HOUR)

    assert len(usage) == CALLS
    assert [one["page"] for one in litellm.asked] == ["1", "2", "3"]
    assert litellm.asked[0].headers["authorization"] == "Bearer sk-admin-very-secret"
    assert {(one.source, one.sender) for one in usage} == {("litellm", "litellm")}


async def test_a_gateway_that_throttles_and_breaks_off_is_asked_again(litellm):
    litellm.faults = [status(429, {"Retry-After": "0"}), None, breaks_off, status(503), None]

    assert len(await told(litellm, MONDAY - 2 * HOUR)) == CALLS


async def test_pages_are_read_to_the_end_whatever_is_said_of_their_number(litellm):
    litellm.answer = lambda asked: {**honestly(asked), "total": 1, "total_pages": 1}

    assert len(await told(litellm, MONDAY - 2 * HOUR)) == CALLS


@pytest.mark.parametrize(
    "lie", [{"data": None}, {"error": "no"}, [], "x", {"data": [], "page_size": "x"}]
)
async def test_what_is_no_page_is_not_believed(litellm, lie):
    litellm.faults = [instead(lie)]

    with pytest.raises(NotUnderstood):
        await told(litellm, MONDAY - 2 * HOUR)


async def test_the_same_page_again_is_not_believed(litellm):
    litellm.answer = lambda _: {"data": [a_row(n) for n in range(PAGE)], "page_size": PAGE}

    with pytest.raises(NotUnderstood):
        await told(litellm, MONDAY - 2 * HOUR)


async def test_a_gateway_that_does_not_answer_is_left_alone(litellm):
    litellm.faults = [status(503)] * 3

    with pytest.raises(Unanswered):
        await told(litellm, MONDAY - 2 * HOUR)


async def test_a_row_that_cannot_be_booked_keeps_no_other_from_it(litellm):
    rows = [a_row(0), None, 7, a_row(1, startTime="yesterday"), a_row(2, request_tags="oops")]
    litellm.faults = [instead({"data": rows})]

    assert len(await told(litellm, MONDAY - 2 * HOUR)) == 2


async def test_what_a_guardrail_costs_is_in_the_cost(litellm):
    row = a_row(0, spend=0.001, metadata={"cost_breakdown": {"guardrail_cost": 0.0005}})
    litellm.faults = [instead({"data": [row]})]

    (one,) = await told(litellm, MONDAY - 2 * HOUR)
    assert one.cost == Decimal("0.0015")


def test_the_last_hours_are_asked_again_and_two_days_once_a_day():
    now = MONDAY + timedelta(minutes=17)

    assert window(now, False) == MONDAY - 3 * HOUR
    assert window(now, True) == MONDAY - 48 * HOUR


@pytest.fixture
async def registry(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    return database


async def booked(database, usage):
    desk = Stopped(database)
    async with database.ledger() as ledger:
        done = await record_usage(usage, ledger, desk, MONDAY)
    return [answer.outcome for answer in done.recorded.answers]


async def week(database):
    async with database.reading() as ledger:
        since = MONDAY - timedelta(days=7)
        return await ledger.spend.between("search-ranking", since, MONDAY + HOUR)


async def test_a_call_told_both_ways_counts_once_whichever_comes_first(litellm, registry):
    pushed = read_events(json.dumps([an_event(0), an_event(1)]).encode(), "litellm", MONDAY).usages
    litellm.faults = [instead({"data": [a_row(1), a_row(2)]})]
    pulled = await told(litellm, MONDAY - 2 * HOUR)

    assert await booked(registry, pushed) == [Outcome.TAKEN] * 2
    assert await booked(registry, pulled) == [Outcome.REPEATED, Outcome.TAKEN]
    again = read_events(json.dumps([an_event(2)]).encode(), "litellm", MONDAY).usages
    assert await booked(registry, again) == [Outcome.REPEATED]
    assert await week(registry) == Decimal("0.00108")


async def test_a_pull_that_is_cut_off_goes_on_where_it_was_and_fills_the_gaps(litellm, registry):
    some = [an_event(number) for number in range(0, CALLS, 3)]
    await booked(registry, read_events(json.dumps(some).encode(), "litellm", MONDAY).usages)
    puller = Puller(Stopped(registry), (the_connector(litellm),), HURRIED)
    # All is well until the second page of the hour that has three.
    await begun_at(registry, MONDAY - 6 * HOUR)
    litellm.faults = [*[None] * 5, *[status(503)] * 3]

    cut = await puller.pull(the_connector(litellm))
    whole = await puller.pull(the_connector(litellm), early=True)

    assert cut is not None
    assert whole is not None
    assert (cut.at, cut.failures) == (MONDAY - 2 * HOUR, 1)
    assert (whole.at, whole.failures, whole.error) == (None, 0, "")
    assert whole.through == MONDAY - timedelta(minutes=5)
    assert await week(registry) == CALLS * Decimal("0.00036")


async def begun_at(registry, hour):
    """Asked from `hour` on, and no earlier."""
    async with registry.ledger() as ledger:
        await ledger.pulls.claim("litellm", hour, hour)
        pull = await ledger.pulls.get("litellm")
        await ledger.pulls.save(replace(pull, at=hour, through=hour, due_at=hour))


async def test_a_source_that_belongs_to_another_key_is_told_and_not_passed_by(litellm, registry):
    (before,) = read_events(json.dumps([an_event(0)]).encode(), "litellm", MONDAY).usages
    theirs = msgspec.structs.replace(before, sender="another")
    assert await booked(registry, [theirs]) == [Outcome.TAKEN]
    await begun_at(registry, MONDAY - 2 * HOUR)

    pull = await Puller(Stopped(registry), (), HURRIED).pull(the_connector(litellm), early=True)

    assert pull is not None
    assert (pull.at, pull.through) == (MONDAY - 2 * HOUR, MONDAY - 2 * HOUR)
    assert pull.failures == 1
    assert "“litellm” belongs to another API key" in pull.error
    assert "Set it to the name of the API key LiteLLM pushes with" in pull.error


async def test_some_rows_that_are_refused_are_logged_and_the_others_booked(litellm, registry):
    (before,) = read_events(json.dumps([an_event(9)]).encode(), "gateway", MONDAY).usages
    huge = msgspec.structs.replace(before, nanos=9_220_000_000 * 10**9)
    assert await booked(registry, [huge]) == [Outcome.TAKEN]
    rows = [a_row(0), a_row(1, spend=5_000_000), a_row(2, spend=5_000_000)]
    litellm.faults = [instead({"data": rows})]
    await begun_at(registry, MONDAY - 2 * HOUR)

    with capture_logs() as logs:
        puller = Puller(Stopped(registry), (), HURRIED)
        pull = await puller.pull(the_connector(litellm), early=True)

    assert pull is not None
    assert pull.error == ""
    (said,) = [log for log in logs if log["event"] == "rows not booked"]
    assert (said["source"], said["rows"]) == ("litellm", 2)
    assert "more than $9 billion" in said["reason"]


async def test_a_busy_hour_is_booked_in_pieces_and_told_with_the_last(
    litellm, registry, monkeypatch
):
    pieces = list[int]()

    async def breaks_off_once(batch, *rest):
        pieces.append(len(batch))
        if len(pieces) == 2:
            raise ZeroDivisionError
        return await record_usage(batch, *rest)

    monkeypatch.setattr(pulling, "_PIECE", 100)
    monkeypatch.setattr(pulling, "record_usage", breaks_off_once)
    await begun_at(registry, MONDAY - 2 * HOUR)
    puller = Puller(Stopped(registry), (), HURRIED)

    with pytest.raises(ZeroDivisionError):
        await puller.pull(the_connector(litellm), early=True)

    assert await week(registry) == 100 * Decimal("0.00036")
    async with registry.reading() as ledger:
        kept = await ledger.pulls.get("litellm")
    assert kept.at == kept.through == MONDAY - 2 * HOUR

    whole = await puller.pull(the_connector(litellm), early=True)

    assert whole is not None
    assert (whole.error, pieces[2:5]) == ("", [100, 100, CALLS - 200])
    assert await week(registry) == CALLS * Decimal("0.00036")
