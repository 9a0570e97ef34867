"""The same records as others word them: OTLP spans in protobuf, events of LiteLLM's logger."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, TracesData

from bot.usage import SentUsage

# An event of LiteLLM has 12 to 14 kB, nearly all of it of no concern here.
_FILLER = 12_000


def parts(records: Sequence[SentUsage], each: int) -> Iterator[Sequence[SentUsage]]:
    return (records[at : at + each] for at in range(0, len(records), each))


def spans(records: Sequence[SentUsage]) -> bytes:
    """One export of a program."""
    resource = ResourceSpans(scope_spans=[ScopeSpans(spans=[_span(one) for one in records])])
    resource.resource.attributes.extend([_said("service.name", "bench")])
    exported: bytes = TracesData(resource_spans=[resource]).SerializeToString()
    return exported


def events(records: Sequence[SentUsage]) -> bytes:
    """One batch of LiteLLM's logger, as `json_array`."""
    return json.dumps([_event(one) for one in records]).encode()


def _span(record: SentUsage) -> Span:
    nanos = int(record.at.timestamp() * 1e9)
    number = record.id.encode()
    return Span(
        trace_id=number[:16].ljust(16, b"0"),
        span_id=number[-8:],
        name=f"chat {record.model}",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=nanos,
        end_time_unix_nano=nanos,
        attributes=[
            _said("gen_ai.operation.name", "chat"),
            _said("gen_ai.provider.name", record.provider),
            _said("gen_ai.request.model", record.model),
            _said("gen_ai.response.model", record.model),
            _said("gen_ai.response.id", record.id),
            _said("gen_ai.conversation.id", record.run),
            _said("gen_ai.usage.input_tokens", record.input_tokens),
            _said("gen_ai.usage.output_tokens", record.output_tokens),
            _said("gen_ai.usage.cache_read.input_tokens", record.cache_read_tokens),
            _said("workflow.id", record.workflow),
            _said("user.id", record.user),
        ],
    )


def _said(key: str, value: str | int | None) -> KeyValue:
    if isinstance(value, str):
        return KeyValue(key=key, value=AnyValue(string_value=value))
    return KeyValue(key=key, value=AnyValue(int_value=value or 0))


def _event(record: SentUsage) -> dict[str, Any]:
    moment = record.at.timestamp()
    return {
        "id": record.id,
        "litellm_call_id": f"call-{record.id}",
        "trace_id": record.run,
        "call_type": "acompletion",
        "status": "success",
        "custom_llm_provider": record.provider,
        "model": f"{record.provider}/{record.model}",
        "model_group": record.model,
        "startTime": moment,
        "endTime": moment,
        "response_cost": float(record.cost or Decimal("0.0123")),
        "prompt_tokens": record.input_tokens,
        "completion_tokens": record.output_tokens,
        "total_tokens": (record.input_tokens or 0) + (record.output_tokens or 0),
        "request_tags": [f"workflow:{record.workflow}"],
        "cache_hit": False,
        "metadata": {
            "user_api_key_hash": "0" * 64,
            "user_api_key_alias": "bench",
            "user_api_key_user_id": record.user,
            "user_api_key_team_id": "bench",
            "usage_object": {"prompt_tokens_details": {"cached_tokens": record.cache_read_tokens}},
        },
        "messages": [{"role": "user", "content": "redacted-by-litellm"}],
        "model_map_information": {"model_map_value": {"note": "x" * _FILLER}},
    }
