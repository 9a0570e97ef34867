"""What LiteLLM's logger posts is booked once, whatever its format; what cannot be read is named."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from handlers.http.litellm.door import MOST_BYTES
from handlers.http.litellm.reading import read_events
from tests.builders import MONDAY

AT = MONDAY.timestamp() - 60


def an_event(number=1, /, **named):
    metadata = {
        "user_api_key_hash": "5c1e",
        "user_api_key_alias": "search-prod",
        "user_api_key_team_id": "team-search",
        "requester_metadata": {"headers": {"cookie": "SECRET"}},
        "usage_object": {
            "prompt_tokens": 2000,
            "completion_tokens": 100,
            "prompt_tokens_details": {"cached_tokens": 500},
        },
    }
    return {
        "id": f"chatcmpl-{number}",
        "litellm_call_id": f"call-{number}",
        "call_type": "acompletion",
        "status": "success",
        "startTime": AT,
        "custom_llm_provider": "openai",
        "model": "openai/gpt-4o-mini",
        "response_cost": 0.00035999999999999997,
        "prompt_tokens": 2000,
        "completion_tokens": 100,
        "cache_hit": None,
        "session_id": "",
        "trace_id": "trace-1",
        "request_tags": ["workflow:search-ranking"],
        "metadata": metadata,
        "messages": [{"role": "user", "content": "SECRET"}],
        "response": {"choices": ["SECRET"]},
        "model_map_information": {"model_map_value": {"max_tokens": 16384}},
        **named,
    }


async def post(machine, content, *, kind="application/json", **headers):
    given = {"authorization": "Bearer open-sesame", "content-type": kind} | headers
    return await machine.client.post("/litellm/logs", content=content, headers=given)


async def spent(machine):
    """This week: USD at known and assumed prices, records, records without a figure."""
    workflow = (await machine.get("/v1/workflows/search-ranking")).json()
    (week,) = (one for one in workflow["periods"] if one["kind"] == "weekly")
    return Decimal(week["spent"]), week["records"], week["unmetered"]


async def told(machine, *events):
    """Name and outcome of each."""
    answer = await post(machine, json.dumps(list(events)))
    return [(one["id"], one["outcome"]) for one in answer.json()["records"]]


FORMATS: dict[str, Callable[[list[Any]], str]] = {
    "json_array": json.dumps,
    "ndjson": lambda events: "\n".join(map(json.dumps, events)),
}


@pytest.mark.parametrize("shape", FORMATS)
@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "text/plain", ""])
async def test_every_format_is_taken_under_any_fitting_name(machine, shape, kind):
    answer = await post(machine, FORMATS[shape]([an_event(1), an_event(2)]), kind=kind)

    assert (answer.status_code, answer.json()["taken"]) == (202, 2)


async def test_one_event_may_come_alone_over_as_many_lines_as_it_likes(machine):
    answer = await post(machine, json.dumps(an_event(), indent=2))

    assert answer.json()["taken"] == 1


async def test_calls_count_for_their_workflow_to_the_nano_dollar(machine):
    await told(machine, an_event(1), an_event(2, response_cost=0.0000000125))

    assert await spent(machine) == (Decimal("0.000360012"), 2, 0)


async def test_the_same_call_again_changes_nothing(machine):
    await told(machine, an_event())
    again = an_event(response_cost=0.00036, startTime=AT + 0.0001, trace_id="")

    assert await told(machine, again) == [("chatcmpl-1|call-1", "repeated")]
    assert await spent(machine) == (Decimal("0.00036"), 1, 0)


async def test_a_call_that_falls_back_is_a_failure_and_an_answer(machine):
    failed = an_event(
        id="call-1",
        status="failure",
        model="openai/gpt-5",
        response_cost=0.0,
        prompt_tokens=0,
        completion_tokens=0,
        metadata={"usage_object": {}},
        error_information={"error_class": "InternalServerError", "traceback": "SECRET"},
    )

    outcomes = await told(machine, failed, an_event())

    assert outcomes == [("call-1|call-1", "taken"), ("chatcmpl-1|call-1", "taken")]
    assert await spent(machine) == (Decimal("0.00036"), 2, 0)


async def test_answers_from_a_cache_cost_nothing_each(machine):
    hits = [
        an_event(n, id=f"chatcmpl-1_cache_hit{AT + n}", cache_hit=True, response_cost=0.0)
        for n in (2, 3)
    ]

    await told(machine, an_event(1), *hits)

    assert await spent(machine) == (Decimal("0.00036"), 3, 0)


async def test_what_litellm_has_no_price_for_is_priced_or_assumed_or_counted_without(machine):
    known = an_event(1, model="openai/gpt-4o", response_cost=0.0, metadata={}, prompt_tokens=10**6)
    unknown = an_event(2, model="openai/our-own", response_cost=0.0)
    picture = an_event(
        3,
        call_type="aimage_generation",
        response_cost=0.0,
        prompt_tokens=0,
        completion_tokens=0,
        metadata={},
    )

    await told(machine, known, picture)
    assert await spent(machine) == (Decimal("2.501"), 2, 1)
    await told(machine, unknown)
    assert (await spent(machine))[0] > Decimal("2.501")


def test_an_anthropic_call_counts_its_cache_once():
    usage = {
        "input_tokens": 700,
        "output_tokens": 90,
        "cache_read_input_tokens": 4000,
        "cache_creation_input_tokens": 200,
    }
    event = an_event(prompt_tokens=0, completion_tokens=0, metadata={"usage_object": usage})
    read = read_events(json.dumps(event).encode(), "gateway", MONDAY)

    (one,) = read.usages
    assert (one.input_tokens, one.output_tokens) == (4900, 90)
    assert (one.cache_read_tokens, one.cache_write_tokens) == (4000, 200)


async def test_nothing_but_what_is_named_is_kept(machine):
    await told(machine, an_event(1), an_event(2, startTime="SECRET", error_str="SECRET"))
    answer = await post(machine, json.dumps([an_event(3, response_cost="SECRET")]))

    assert "SECRET" not in answer.text
    for usage in read_events(json.dumps(an_event()).encode(), "gateway", MONDAY).usages:
        assert "SECRET" not in repr(usage)


async def test_one_event_that_cannot_be_read_is_named_and_refuses_no_other(machine):
    odd = [
        an_event(2, response_cost=[1]),
        None,
        an_event(4, startTime=None),
        an_event(5, id=None, litellm_call_id=None),
        an_event(6, response_cost=float("nan"), prompt_tokens="x"),
        an_event(7, id="chatcmpl-\ud800"),
        an_event(8, startTime=AT + 3600),
        an_event(9, startTime=1e300),
    ]
    answer = (await post(machine, json.dumps([an_event(1), *odd, an_event(10)]))).json()

    assert (answer["taken"], answer["refused"]) == (2, len(odd))
    refused = [one.get("field") for one in answer["records"] if one["outcome"] == "refused"]
    assert refused == [
        "response_cost", None, "startTime", "id", "prompt_tokens", "id", "at", "startTime"
    ]  # fmt: skip
    assert [one["id"] for one in answer["records"]][:2] == ["chatcmpl-1|call-1", "chatcmpl-2"]


async def test_a_line_that_is_no_json_refuses_no_other_line(machine):
    body = f'{json.dumps(an_event(1))}\n{{"id": "chatcmpl-2", \n\n{json.dumps(an_event(3))}\n'

    answer = (await post(machine, body)).json()

    assert [one["outcome"] for one in answer["records"]] == ["taken", "refused", "taken"]


async def test_what_python_writes_for_no_number_is_gone_past(machine):
    texts = {"messages": 'he said \\"NaN\\" and -Infinity', "response": "NaN", "x": float("-inf")}
    event = an_event(1, saved_cache_cost=float("nan"), **texts)

    assert (await told(machine, event, an_event(2)))[0] == ("chatcmpl-1|call-1", "taken")


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": "none"},
        {"metadata": None, "request_tags": None, "error_information": []},
        {"metadata": {"spend_logs_metadata": [1], "requester_metadata": "x", "usage_object": 7}},
        {"metadata": {"user_api_key_auth_metadata": {"workflow": {"a": 1}}}, "end_user": {"a": 1}},
        {"request_tags": [None, 5, {"a": 1}, "workflow:search-ranking"], "session_id": 7},
        {"cache_hit": "None", "custom_llm_provider": None, "model_group": 5, "trace_id": None},
        {"startTime": "2026-11-23T08:59:00.743+00:00"},
        {"startTime": "2026-11-23 08:59:00.743"},
        {"end_user": "x" * 5000, "model": "m" * 5000},
        {"end_user": "<!channel> \u202e \x00 \ud83d\ude00 \udc00"},
    ],
)
async def test_what_stands_beside_the_money_turns_it_not_away(machine, odd):
    answer = await post(machine, json.dumps(an_event(**odd)))

    assert answer.json()["taken"] == 1, answer.text


@pytest.mark.parametrize(
    "body", ["", " ", "null", "7", '"x"', "[", "{", '{"id": ', "<a/>", "id=1", "{}}", "[{}]]"]
)
async def test_a_body_that_is_no_json_is_refused_whole(machine, body):
    assert (await post(machine, body)).status_code == 400


async def test_a_body_of_which_nothing_can_be_booked_is_told_so(machine):
    answer = await post(machine, json.dumps([{}, {"id": "x"}]))

    assert (answer.status_code, answer.json()["refused"]) == (422, 2)


async def test_no_events_are_no_fault(machine):
    assert (await post(machine, "[]")).status_code == 202


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/xml",
        "image/png",
    ],
)
async def test_what_is_plainly_no_json_is_refused_by_its_kind(machine, kind):
    assert (await post(machine, json.dumps([an_event()]), kind=kind)).status_code == 415


async def test_a_body_may_be_packed(machine):
    packed = gzip.compress(json.dumps([an_event()]).encode())

    answer = await post(machine, packed, **{"content-encoding": "gzip"})

    assert answer.json()["taken"] == 1


async def test_what_unpacks_to_more_than_is_read_is_stopped(machine):
    bomb = gzip.compress(b" " * (MOST_BYTES + 1))

    answer = await post(machine, bomb, **{"content-encoding": "gzip"})

    assert answer.status_code == 413


async def test_five_hundred_events_with_their_prompts_fit(machine):
    events = [an_event(n, messages="x" * 20_000) for n in range(512)]
    body = json.dumps(events)

    answer = await post(machine, body)

    assert len(body) > 10_000_000
    assert answer.json()["taken"] == 512


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic b3Blbi1zZXNhbWU="])
async def test_without_a_key_nothing_is_read(machine, authorization):
    answer = await post(machine, b"[", authorization=authorization)

    assert answer.status_code == 401


async def test_the_documents_example_is_taken(machine):
    document = (await machine.client.get("/openapi.json")).json()
    operation = document["paths"]["/litellm/logs"]["post"]
    body = operation["requestBody"]["content"]["application/json"]

    answer = await post(machine, json.dumps(body["example"]))

    assert answer.json()["taken"] == 1
    assert set(operation["responses"]) == {"202", "400", "401", "408", "413", "415", "422", "503"}
    assert operation["security"]
