from datetime import timedelta
from decimal import Decimal

import pytest

from bot.sources import Signal, SourceSetting
from bot.telemetry.clients import Choice, client_of_log, log_reader
from bot.telemetry.records import Record, origin_of
from bot.usage import CostBasis, NotUsage, SentUsage
from tests.builders import MONDAY
from tests.otlp import NANOS

CLAUDE = {
    "event.name": "api_request",
    "session.id": "s-1",
    "event.sequence": 7,
    "request_id": "req_01",
    "model": "claude-sonnet-4-5",
    "input_tokens": 100,
    "output_tokens": 20,
    "cache_read_tokens": 3000,
    "cache_creation_tokens": 400,
    "cost_usd": 0.0030499999999999998,
    "cost_usd_micros": 3050,
    "user.email": "owen@example.com",
}
CODEX = {
    "event.name": "codex.sse_event",
    "event.kind": "response.completed",
    "event.timestamp": "2026-11-23T09:00:00.250Z",
    "conversation.id": "c-1",
    "model": "gpt-5.1-codex",
    "input_token_count": "900",
    "cached_token_count": "600",
    "output_token_count": "70",
    "reasoning_token_count": "30",
    "tool_token_count": "970",
}
GEMINI = {
    "event.name": "gemini_cli.api_response",
    "event.timestamp": "2026-11-23T09:00:00.000Z",
    "session.id": "s-2",
    "prompt_id": "p-1",
    "model": "gemini-2.5-pro",
    "input_token_count": 500,
    "output_token_count": 40,
    "cached_content_token_count": 300,
    "thoughts_token_count": 60,
    "total_token_count": 600,
}


def read(said, at=NANOS, scope="com.anthropic.claude_code.events", **resource) -> SentUsage | None:
    origin = origin_of({"service.name": "claude-code"} | resource, scope, {})
    record = Record(origin, said, at)
    client = client_of_log(record)
    return None if client is None else log_reader(client)(record)


def heard(said, **named) -> SentUsage:
    sent = read(said, **named)
    assert sent is not None
    return sent


def tokens(sent: SentUsage):
    return sent.input_tokens, sent.output_tokens, sent.cache_read_tokens, sent.cache_write_tokens


def test_claude_code_counts_what_a_cache_holds_apart_from_input():
    sent = heard(CLAUDE)

    assert tokens(sent) == (3500, 20, 3000, 400)
    assert (sent.id, sent.provider, sent.model) == ("req_01", "anthropic", "claude-sonnet-4-5")
    assert (sent.user, sent.run, sent.at) == ("owen@example.com", "s-1", MONDAY)


def test_claude_codes_whole_millionths_go_before_its_double():
    sent = heard(CLAUDE | {"cost_usd": 0.4})

    assert (sent.cost, sent.cost_basis) == (Decimal("0.00305"), CostBasis.CLIENT_ESTIMATE)


def test_a_double_is_the_digits_that_stand_for_it():
    said = {name: value for name, value in CLAUDE.items() if name != "cost_usd_micros"}

    assert heard(said).cost == Decimal("0.0030499999999999998")


def test_claude_codes_zero_for_a_model_it_cannot_price_is_no_cost():
    assert heard(CLAUDE | {"cost_usd_micros": 0}).cost is None


def test_without_a_request_id_the_session_counts_its_events():
    said = {name: value for name, value in CLAUDE.items() if name != "request_id"}

    assert heard(said).id == "s-1|7"


@pytest.mark.parametrize(
    ("model", "plain", "provider"),
    [
        ("claude-opus-4-8[1m]", "claude-opus-4-8", "anthropic"),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws.bedrock",
        ),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5@20250929", "gcp.vertex_ai"),
    ],
)
def test_claude_codes_model_has_one_name_and_says_who_serves_it(model, plain, provider):
    sent = heard(CLAUDE | {"model": model})

    assert (sent.model, sent.provider) == (plain, provider)


def test_codex_writes_its_counts_as_texts_and_its_tool_tokens_are_the_total():
    sent = heard(CODEX)

    assert tokens(sent) == (900, 70, 600, None)
    assert (sent.provider, sent.run) == ("openai", "c-1")
    assert sent.id == "c-1|2026-11-23T09:00:00.250Z|gpt-5.1-codex|900/70/600/0"


def test_codex_without_a_time_of_the_record_has_that_of_the_event():
    assert heard(CODEX, at=0).at == MONDAY + timedelta(milliseconds=250)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"event.kind": "response.completed"}, id="the one without tokens"),
        pytest.param(CODEX | {"event.kind": "response.created"}, id="another moment of it"),
        pytest.param(CODEX | {"event.name": "codex.api_request"}, id="another event"),
        pytest.param(CLAUDE | {"event.name": "user_prompt"}, id="a prompt"),
        pytest.param(
            GEMINI | {"event.name": "gen_ai.client.inference.operation.details"}, id="the details"
        ),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_is_no_call_is_not_counted(said):
    assert read({"event.name": "codex.sse_event"} | said) is None


def test_an_event_of_another_program_with_the_same_name_is_none_of_claude_codes():
    assert read(CLAUDE, scope="shop", **{"service.name": "shop"}) is None


def test_gemini_thinks_on_top_of_what_it_answers():
    sent = heard(GEMINI)

    assert tokens(sent) == (500, 100, 300, None)
    assert (sent.provider, sent.cost) == ("gcp.gemini", None)
    assert sent.id == "s-2|p-1|2026-11-23T09:00:00.000Z|gemini-2.5-pro|500/40/300/60"


def test_prompts_of_geminis_tools_are_input_where_the_total_says_so():
    apart = GEMINI | {"tool_token_count": 25, "total_token_count": 625}

    assert heard(apart).input_tokens == 525
    assert heard(apart | {"total_token_count": 600}).input_tokens == 500


def test_what_a_record_says_goes_before_its_resource():
    resource = {"workflow": "from-resource", "team.id": "search", "user.id": "u-1"}
    sent = heard(CLAUDE | {"workflow.id": "own"}, **resource)

    assert (sent.workflow, sent.team, sent.user) == ("own", "search", "owen@example.com")
    assert heard(CLAUDE, **resource).workflow == "from-resource"


@pytest.mark.parametrize(
    "name",
    [
        "workflow.id",
        "workflow",
        "gen_ai.workflow.name",
        "traceloop.workflow.name",
        "x-workflow-id",
    ],
)
def test_a_workflow_is_declared_under_any_of_its_names(name):
    assert heard(CLAUDE | {name: "search-ranking"}).workflow == "search-ranking"
    assert heard(CLAUDE, **{name: "search-ranking"}).workflow == "search-ranking"


@pytest.mark.parametrize("value", ["many", 1.5, float("nan"), True, "9" * 40, ""])
def test_what_is_no_count_refuses_its_record(value):
    with pytest.raises(NotUsage) as no:
        heard(CLAUDE | {"output_tokens": value})

    assert no.value.field == "output_tokens"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1,5", "free", True, "1e999"])
def test_what_is_no_cost_refuses_its_record(value):
    with pytest.raises(NotUsage) as no:
        heard(CLAUDE | {"cost_usd_micros": value})

    assert no.value.field == "cost_usd_micros"


@pytest.mark.parametrize("nanos", [2**64 - 1, 10**30])
def test_a_time_beyond_the_calendar_is_refused_or_told(nanos):
    try:
        assert heard(CLAUDE, at=nanos).at.year > 2500
    except NotUsage as no:
        assert no.field == "at"  # noqa: PT017


def test_of_each_client_one_signal_counts_unless_a_source_is_said_to_have_another():
    choice = Choice((SourceSetting("ci/claude-code", signal=Signal.METRICS),))

    assert choice.counts(Signal.LOGS, "gateway/claude-code", "claude-code")
    assert not choice.counts(Signal.METRICS, "gateway/claude-code", "claude-code")
    assert not choice.counts(Signal.LOGS, "ci/claude-code", "claude-code")
    assert choice.counts(Signal.METRICS, "ci/claude-code", "claude-code")
    assert choice.counts(Signal.SPANS, "ci/shop", "shop")
    assert not choice.counts(Signal.METRICS, "ci/shop", "shop")
