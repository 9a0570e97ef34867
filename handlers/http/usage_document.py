"""What `POST /v1/usage` takes and answers, as `/docs` shows it."""

from copy import deepcopy
from typing import Any

import msgspec

from bot.usage import Outcome, SentUsage
from handlers.http.usage_reading import PLAIN


class RecordAnswer(msgspec.Struct, omit_defaults=True, frozen=True):
    """`field` and `reason` say why a record was refused; `id` is null where none was sent."""

    id: str | None
    outcome: Outcome
    field: str | None = None
    reason: str | None = None


class UsageAnswer(msgspec.Struct, frozen=True):
    """How many records were taken, …; `records` are in the order in which they were sent."""

    taken: int
    repeated: int
    corrected: int
    refused: int
    records: list[RecordAnswer]


_EXAMPLE = {
    "id": "req_8f14e45f",
    "workflow": "search-ranking",
    "at": "2026-11-23T09:00:00Z",
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "input_tokens": 4808,
    "output_tokens": 312,
    "cache_read_tokens": 3000,
    "user": "U0OWEN",
    "run": "nightly-17",
}

_NOES = {
    400: "The body is no JSON, or neither a record nor a list",
    401: "No valid API key",
    408: "The body took more than 30 seconds to come",
    413: "More than 10,000 records or 10 MB",
    415: "Not application/json, plain or gzip",
    503: "Busy: send it again after `Retry-After`; what is booked already counts once",
}


def document() -> dict[str, Any]:
    """For the route that describes the door."""
    record = deepcopy(_RECORD)
    # A number in JSON is taken from its digits, so both ways of writing it are exact.
    record["properties"]["cost"]["anyOf"][0] |= {
        "type": ["string", "number"],
        "pattern": f"^{PLAIN}$",
    }
    record["properties"]["tags"]["description"] = (
        "A list of texts, or an object of them, which are kept as `key:value`."
    )
    body = {
        "schema": {"anyOf": [record, {"type": "array", "items": record}]},
        "example": [_EXAMPLE],
    }
    answer = {"application/json": {"schema": _ANSWER}}
    answers: dict[int, dict[str, Any]] = {
        202: {"description": "At least one record is booked, and durable", "content": answer},
        422: {"description": "Every record was refused", "content": answer},
    }
    return {
        "tags": ["usage"],
        "status_code": 202,
        "responses": answers | {code: {"description": why} for code, why in _NOES.items()},
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": body}}},
    }


def answer_schema() -> Any:  # noqa: ANN401 - JSON
    return deepcopy(_ANSWER)


def _schema(model: type) -> Any:  # noqa: ANN401 - JSON
    (schema,), parts = msgspec.json.schema_components([model], ref_template="{name}")
    return _inlined(schema, parts)


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(schema, list):
        return [_inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"]], parts)
    return {name: _inlined(value, parts) for name, value in schema.items()}


# Read while the module is loaded: what a record is does not change while the bot runs.
_RECORD, _ANSWER = _schema(SentUsage), _schema(UsageAnswer)
