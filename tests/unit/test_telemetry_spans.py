import pytest

from bot.telemetry.clients import client_of, span_reader
from bot.telemetry.records import Record, origin_of
from bot.usage import SentUsage
from tests.otlp import NANOS, SPAN, TRACE

ID = f"{TRACE}:{SPAN}"
NEW = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
    "gen_ai.response.model": "claude-sonnet-4-5-20250929",
    "gen_ai.response.id": "msg_01",
    "gen_ai.conversation.id": "conv-1",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 200,
    "gen_ai.usage.cache_read.input_tokens": 700,
    "gen_ai.usage.cache_write.input_tokens": 100,
    "gen_ai.usage.reasoning.output_tokens": 90,
}
OLD = {
    "llm.request.type": "chat",
    "gen_ai.system": "OpenAI",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.prompt_tokens": 1000,
    "gen_ai.usage.completion_tokens": 200,
    "traceloop.workflow.name": "search-ranking",
}


def read(said, name="chat", scope="", service="shop") -> SentUsage | None:
    origin = origin_of({"service.name": service} if service else {}, scope, {})
    return span_reader(client_of(origin))(Record(origin, said, NANOS, name, ID))


def heard(said, **named) -> SentUsage:
    sent = read(said, **named)
    assert sent is not None
    return sent


def tokens(sent: SentUsage):
    return sent.input_tokens, sent.output_tokens, sent.cache_read_tokens, sent.cache_write_tokens


def test_the_newer_conventions_include_cache_and_reasoning():
    sent = heard(NEW)

    assert tokens(sent) == (1000, 200, 700, 100)
    assert (sent.id, sent.provider, sent.model, sent.run) == (
        ID,
        "anthropic",
        "claude-sonnet-4-5-20250929",
        "conv-1",
    )
    assert sent.service == "shop"


def test_the_older_names_and_openllmetrys_are_read():
    sent = heard(OLD, name="openai.chat")

    assert tokens(sent) == (1000, 200, None, None)
    assert (sent.provider, sent.model, sent.workflow) == ("openai", "gpt-4o", "search-ranking")


@pytest.mark.parametrize(
    "name",
    ["gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"],
)
def test_what_was_written_to_a_cache_has_older_names(name):
    said = {key: value for key, value in NEW.items() if "cache_write" not in key}

    assert heard(said | {name: 50}).cache_write_tokens == 50


def test_a_cache_larger_than_the_input_was_counted_apart():
    sent = heard(NEW | {"gen_ai.usage.input_tokens": 10})

    assert tokens(sent) == (810, 200, 700, 100)


@pytest.mark.parametrize(
    "operation",
    ["invoke_agent", "invoke_workflow", "execute_tool", "create_agent", "", "CHAT"],
)
def test_what_repeats_the_calls_within_is_not_counted(operation):
    assert read(NEW | {"gen_ai.operation.name": operation}) is None


@pytest.mark.parametrize("operation", ["chat", "generate_content", "text_completion", "embeddings"])
def test_every_inference_counts(operation):
    assert read(NEW | {"gen_ai.operation.name": operation}) is not None


def test_a_span_that_only_its_name_tells_to_be_a_call_counts_with_tokens():
    said = {"gen_ai.usage.input_tokens": 5, "gen_ai.request.model": "gpt-4o"}

    assert read(said, name="chat gpt-4o") is not None
    assert read(said, name="agent run") is None
    assert read({"user.id": "u-1"}, name="chat with a friend") is None


def test_a_call_without_tokens_is_one_that_nobody_measured():
    sent = heard({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"})

    assert (tokens(sent), sent.cost) == ((None,) * 4, None)


def test_an_agents_sum_of_its_calls_and_a_library_s_own_price_are_not_read():
    sent = heard(NEW | {"gen_ai.aggregated_usage.input_tokens": 9000, "operation.cost": 1.5})

    assert (sent.input_tokens, sent.cost) == (1000, None)


def test_copilots_cost_has_no_unit_and_its_own_models_are_githubs():
    said = NEW | {"gen_ai.provider.name": "github", "github.copilot.cost": 3.0}
    sent = heard(said, service="github-copilot")

    assert (sent.provider, sent.cost) == ("github.copilot", None)


def test_both_sides_of_a_request_to_the_claude_api_are_one_record():
    said = NEW | {"anthropic.request.id": "req_9", "anthropic.workspace.id": "wrkspc_1"}
    sdk = heard(said, scope="com.anthropic.sdk.python")
    api = heard(said, service="claude-platform", scope="com.anthropic.claude-platform")

    assert sdk.id == api.id == "req_9"
    assert api.project == "wrkspc_1"


@pytest.mark.parametrize(
    ("service", "scope", "client"),
    [
        ("claude-code", "", "claude-code"),
        ("renamed", "com.anthropic.claude_code.tracing", "claude-code"),
        ("codex_cli_rs", "", "codex"),
        ("gemini-cli", "", "gemini-cli"),
        ("github-copilot", "github.copilot", "copilot-cli"),
        ("claude-platform", "", "claude-platform"),
        ("shop", "com.anthropic.sdk.python", "claude-platform"),
        ("shop", "opentelemetry.instrumentation.openai_v2", "shop"),
        ("", "", "unknown_service"),
    ],
)
def test_a_client_is_known_by_its_scope_or_service(service, scope, client):
    assert client_of(origin_of({"service.name": service}, scope, {})) == client


def test_claude_codes_own_spans_are_read_where_they_are_chosen():
    said = {
        "model": "claude-sonnet-4-5",
        "gen_ai.system": "anthropic",
        "input_tokens": 10,
        "output_tokens": 2,
        "cache_read_tokens": 90,
    }
    sent = heard(said, name="claude_code.llm_request", service="claude-code")

    assert tokens(sent) == (100, 2, 90, None)
    assert read(said, name="claude_code.interaction", service="claude-code") is None
