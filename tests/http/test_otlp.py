import gzip
import json
from decimal import Decimal

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.http.conftest import Machine
from tests.otlp import NANOS, SPAN, TRACE, a_log, a_span, as_json, as_protobuf, logs, spans
from tests.unit.test_telemetry_logs import CLAUDE, CODEX, GEMINI
from tests.unit.test_telemetry_spans import NEW, OLD

JSON, PROTOBUF = "application/json", "application/x-protobuf"
ENCODINGS = pytest.mark.parametrize("kind", [JSON, PROTOBUF])
WRITTEN = {JSON: as_json, PROTOBUF: as_protobuf}


async def tell(machine: Machine, signal, body, kind=JSON, **headers):
    known = {"authorization": "Bearer open-sesame", "content-type": kind}
    if isinstance(body, dict):
        body = WRITTEN[kind](body)
    return await machine.client.post(f"/otlp/v1/{signal}", headers=known | headers, content=body)


async def spent(machine: Machine):
    workflow = (await machine.get("/v1/workflows/search-ranking")).json()
    (week,) = (one for one in workflow["periods"] if one["kind"] == "weekly")
    return Decimal(week["spent"]), week["records"], week["unmetered"]


async def sources(machine: Machine):
    async with machine.database.reading() as ledger:
        return set(await ledger.freshness.fresh_through())


def claude_code(*records):
    scope = "com.anthropic.claude_code.events"
    return logs(*records, scope=scope, service__name="claude-code", workflow="search-ranking")


@ENCODINGS
async def test_an_agents_calls_are_booked_from_its_logs(machine: Machine, kind):
    answer = await tell(machine, "logs", claude_code(a_log(CLAUDE)), kind)

    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.content == (b"{}" if kind == JSON else b"")
    assert await spent(machine) == (Decimal("0.00305"), 1, 0)
    assert await sources(machine) == {"gateway/claude-code"}


@ENCODINGS
async def test_what_is_sent_again_counts_once(machine: Machine, kind):
    message = claude_code(a_log(CLAUDE))

    await tell(machine, "logs", message, kind)
    answer = await tell(machine, "logs", message, kind)

    assert answer.status_code == 200
    assert await spent(machine) == (Decimal("0.00305"), 1, 0)


async def test_a_call_is_the_same_in_both_encodings(machine: Machine):
    message = spans(a_span(NEW), service__name="shop", workflow="search-ranking")

    await tell(machine, "traces", message, JSON)
    await tell(machine, "traces", message, PROTOBUF)

    assert (await spent(machine))[1] == 1


@ENCODINGS
async def test_a_programs_calls_are_booked_from_its_spans(machine: Machine, kind):
    streamed = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
    agent = NEW | {"gen_ai.operation.name": "invoke_agent"}
    message = spans(
        a_span(NEW),
        a_span(agent, spanId="b7ad6b7169203332"),
        a_span(streamed, spanId="b7ad6b7169203333"),
        a_span({"http.request.method": "GET"}, "GET", spanId="b7ad6b7169203334"),
        service__name="shop",
        workflow="search-ranking",
    )
    if kind == PROTOBUF:
        message = json.loads(
            json.dumps(message)
            .replace("b7ad6b7169203332", "t61rcWkgMzI=")
            .replace("b7ad6b7169203333", "t61rcWkgMzM=")
            .replace("b7ad6b7169203334", "t61rcWkgMzQ=")
        )

    answer = await tell(machine, "traces", message, kind)

    assert answer.status_code == 200
    # 200 × $3 + 700 × $0.30 + 100 × $3.75 + 200 × $15, a million each.
    assert await spent(machine) == (Decimal("0.004185"), 2, 1)
    assert await sources(machine) == {"gateway/shop"}


async def test_every_client_is_a_source_of_its_own(machine: Machine):
    for said in (CLAUDE, CODEX, GEMINI):
        await tell(machine, "logs", claude_code(a_log(said)))
    await tell(machine, "traces", spans(a_span(NEW), service__name="github-copilot"))
    await tell(machine, "traces", spans(a_span(OLD)))

    assert await sources(machine) == {
        "gateway/claude-code",
        "gateway/codex",
        "gateway/gemini-cli",
        "gateway/copilot-cli",
        "gateway/unknown_service",
    }


async def test_signals_that_do_not_count_are_taken_and_not_stored(machine: Machine):
    said = {"model": "claude-sonnet-4-5", "gen_ai.system": "anthropic", "input_tokens": 10}
    span = a_span(said | NEW, "claude_code.llm_request")

    answer = await tell(machine, "traces", spans(span, service__name="claude-code"))

    assert (answer.status_code, answer.json()) == (200, {})
    assert await sources(machine) == set()


@ENCODINGS
async def test_what_is_rejected_is_counted_and_the_rest_is_booked(machine: Machine, kind):
    answer = await tell(
        machine,
        "logs",
        claude_code(
            a_log(CLAUDE | {"output_tokens": -5, "request_id": "req_02"}),
            a_log(CLAUDE),
            a_log(CLAUDE | {"model": "m" * 300, "request_id": "req_03"}),
            a_log(CLAUDE | {"input_tokens": 10**15, "request_id": "req_04"}),
            a_log(CLAUDE | {"request_id": "a\0b"}),
            a_log(CLAUDE, at=NANOS + 600 * 10**9),
        ),
        kind,
    )

    if kind == JSON:
        part = answer.json()["partialSuccess"]
        rejected, reason = int(part["rejectedLogRecords"]), part["errorMessage"]
    else:
        told = ExportLogsServiceResponse.FromString(answer.content).partial_success
        rejected, reason = told.rejected_log_records, told.error_message
    assert (answer.status_code, rejected) == (200, 5)
    assert reason.startswith("output_tokens: A count of tokens is")
    assert await spent(machine) == (Decimal("0.00305"), 1, 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bare", ["nan", "inf", "-inf"])
async def test_a_number_that_is_none_takes_only_its_own_record_along(machine: Machine, bare):
    """Python writes it bare, which is no JSON."""
    answer = await tell(
        machine,
        "logs",
        claude_code(
            a_log(CLAUDE | {"cost_usd_micros": float(bare), "request_id": "req_02"}),
            a_log(CLAUDE | {"temperature": float(bare), "prompt": "=NaN, or Infinity, \ud83d"}),
        ),
    )

    assert answer.status_code == 200
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    assert await spent(machine) == (Decimal("0.00305"), 1, 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "where"),
    [
        pytest.param('{"resourceLogs": [nan]}', "(byte 22)", id="no number"),
        pytest.param(
            '{"resourceLogs": [], "x": NaN, "y": "a, NaN, b"}', "(byte 26)", id="in a text"
        ),
        pytest.param('{"resourceLogs": NaN}', "$.resourceLogs", id="no list"),
    ],
)
async def test_what_is_no_json_is_refused_with_the_place(machine: Machine, body, where):
    answer = await tell(machine, "logs", body.encode())

    assert answer.status_code == 400
    assert where in answer.json()["message"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("id", ["", "b7ad6b71692033", "b7ad6b716920333100", "no hex no hex no"])
async def test_a_span_without_a_right_id_is_rejected(machine: Machine, id):
    answer = await tell(machine, "traces", spans(a_span(NEW, spanId=id), service__name="shop"))

    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert await sources(machine) == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["n" * 300, "a\0b"])
async def test_a_service_that_cannot_be_named_is_rejected(machine: Machine, name):
    answer = await tell(
        machine, "traces", spans(a_span(NEW), a_span(OLD), service__name=name), PROTOBUF
    )

    told = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert told.rejected_spans == 2
    assert told.error_message.startswith("source: ")
    assert await sources(machine) == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("signal", "brought", "door"),
    [
        ("logs", "resourceSpans", "traces"),
        ("traces", "resourceMetrics", "metrics"),
        ("metrics", "resourceLogs", "logs"),
    ],
)
async def test_what_another_door_takes_is_refused_naming_it(machine, signal, brought, door):
    answer = await tell(machine, signal, f'{{"{brought}": [{{"x": NaN}}]}}'.encode())

    assert answer.status_code == 400
    assert f"{brought} belong to /otlp/v1/{door}" in answer.json()["message"]


@ENCODINGS
@pytest.mark.parametrize("signal", ["logs", "traces", "metrics"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_message_without_anything_is_a_success(machine: Machine, signal, kind):
    answer = await tell(machine, signal, b"{}" if kind == JSON else b"", kind)

    assert answer.status_code == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("signal", ["logs", "traces", "metrics"])
@pytest.mark.parametrize(
    ("body", "kind", "headers", "status"),
    [
        pytest.param(b"[", JSON, {}, 400, id="half a list"),
        pytest.param(b"[]", JSON, {}, 400, id="a list"),
        pytest.param(b'{"%s": 5}', JSON, {}, 400, id="a number"),
        pytest.param(
            b'{"%s": [{"resource": {"attributes": [{"key": 5}]}}]}', JSON, {}, 400, id="k"
        ),
        pytest.param(b'{"%s": ' + b"[" * 90_000, JSON, {}, 400, id="deep and open"),
        pytest.param(
            b'{"x": ' + b'{"a":' * 90_000 + b"1" + b"}" * 90_001, JSON, {}, 400, id="deep"
        ),
        pytest.param(b'{"%s": "\xff"}', JSON, {}, 400, id="no UTF-8"),
        pytest.param(b"\x0a\xff", PROTOBUF, {}, 400, id="cut short"),
        pytest.param(b"\xff" * 50, PROTOBUF, {}, 400, id="no protobuf"),
        pytest.param(b"\x0a\x02\x0a\x00" * 10 + b"\x0a", PROTOBUF, {}, 400, id="cut at its end"),
        pytest.param(
            gzip.compress(b" " * 16_000_001), JSON, {"content-encoding": "gzip"}, 413, id="a bomb"
        ),
        pytest.param(
            gzip.compress(b"{}")[:-3], JSON, {"content-encoding": "gzip"}, 400, id="gzip cut"
        ),
        pytest.param(b"{}", JSON, {"content-encoding": "zstd"}, 415, id="zstd"),
        pytest.param(b"{}", "text/plain", {}, 415, id="plain text"),
        pytest.param(b"{}", "", {}, 415, id="unsaid"),
        pytest.param(b"{}", JSON, {"authorization": "Bearer wrong"}, 401, id="another's key"),
        pytest.param(b" " * 16_000_001, JSON, {}, 413, id="too large"),
    ],
)
async def test_what_is_no_message_is_refused_in_its_own_encoding(
    machine: Machine, signal, body, kind, headers, status
):
    name = {"logs": "resourceLogs", "traces": "resourceSpans", "metrics": "resourceMetrics"}
    answer = await tell(
        machine, signal, body.replace(b"%s", name[signal].encode()), kind, **headers
    )

    assert answer.status_code == status
    if kind == PROTOBUF:
        assert answer.headers["content-type"] == PROTOBUF
        assert Status.FromString(answer.content).message
    else:
        assert answer.json()["message"]
    assert await sources(machine) == set()


@ENCODINGS
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_when_too_much_is_waiting_the_exporter_is_told_to_come_again(machine: Machine, kind):
    machine.writer._rows = 50_000

    answer = await tell(machine, "logs", claude_code(a_log(CLAUDE)), kind)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_half_a_character_in_a_prompt_does_not_lose_the_call(machine: Machine):
    body = as_json(claude_code(a_log(CLAUDE | {"prompt": "HALF"}))).replace(b"HALF", rb"\ud83d")

    answer = await tell(machine, "logs", body)

    assert (answer.status_code, answer.json()) == (200, {})
    assert (await spent(machine))[1] == 1


INNER = {"traceId": TRACE, "spanId": "b7ad6b7169203332", "parentSpanId": SPAN}
UNMEASURED = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "claude-sonnet-4-5"}


@pytest.mark.parametrize(
    ("outer", "inner", "records"),
    [
        pytest.param(NEW, NEW, 1, id="both told"),
        pytest.param(UNMEASURED, NEW, 1, id="only the inner measured"),
        pytest.param(NEW, UNMEASURED, 1, id="only the outer measured"),
        pytest.param(NEW, NEW | {"gen_ai.usage.output_tokens": 5}, 2, id="two calls"),
    ],
)
async def test_a_call_that_two_libraries_tell_of_counts_once(
    machine: Machine, outer, inner, records
):
    """The SDK of a vendor and an instrumentation around it, say. What is inside has ended first."""
    sdk = spans(a_span(inner, **INNER), scope="com.anthropic.sdk.python", workflow="search-ranking")
    around = spans(a_span(outer), service__name="shop", workflow="search-ranking")
    both = {"resourceSpans": sdk["resourceSpans"] + around["resourceSpans"]}

    await tell(machine, "traces", both)

    assert (await spent(machine))[1:] == (records, 0)


@pytest.mark.parametrize(
    ("scope", "records"),
    [
        pytest.param("opentelemetry.instrumentation.anthropic", 1, id="another library"),
        pytest.param("com.anthropic.sdk.python", 2, id="the same library"),
    ],
)
async def test_a_response_that_two_libraries_tell_of_apart_counts_once(
    machine: Machine, scope, records
):
    """An instrumentation whose span is not around the SDK's own: two traces of one call."""
    whose = {"service__name": "shop", "workflow": "search-ranking"}
    sdk = spans(a_span(NEW), scope="com.anthropic.sdk.python", **whose)
    other = spans(a_span(NEW, spanId="b7ad6b7169203332"), scope=scope, **whose)

    await tell(machine, "traces", {"resourceSpans": sdk["resourceSpans"] + other["resourceSpans"]})

    assert (await spent(machine))[1] == records


@ENCODINGS
async def test_prompts_and_answers_are_nowhere(machine: Machine, kind, tmp_path, caplog):
    secret = "the-secret-recipe"
    said = {"prompt": secret, "gen_ai.input.messages": secret, "error": secret}
    message = claude_code(
        a_log(CLAUDE | said, body={"stringValue": secret}),
        a_log(CLAUDE | said | {"output_tokens": secret, "request_id": "req_02"}),
    )

    answer = await tell(machine, "logs", message, kind)
    broken = await tell(machine, "logs", as_json(message).replace(b'"intValue"', b'"x" 5'))

    assert answer.status_code == 200
    assert secret not in answer.text + broken.text + caplog.text
    if machine.database.is_sqlite:
        for file in tmp_path.glob("bot.db*"):
            assert secret.encode() not in file.read_bytes()


async def test_the_document_describes_the_doors(machine: Machine):
    paths = (await machine.client.get("/openapi.json")).json()["paths"]

    for signal in ("logs", "traces", "metrics"):
        operation = paths[f"/otlp/v1/{signal}"]["post"]
        assert set(operation["requestBody"]["content"]) == {JSON, PROTOBUF}
        assert set(operation["responses"]) == {"200", "400", "401", "408", "413", "415", "503"}
        assert operation["security"]
