"""What the doors for LiteLLM take and answer, as `/docs` shows it."""

from typing import Any

from handlers.http.usage_document import answer_schema

_EXAMPLE = {
    "id": "chatcmpl-8f14e45f",
    "litellm_call_id": "0e5a3c52-6d3f-4d8e-9c0b-2b1f4f3c7d11",
    "call_type": "acompletion",
    "status": "success",
    "startTime": 1795424400.25,
    "custom_llm_provider": "openai",
    "model": "openai/gpt-4o-mini",
    "response_cost": 0.00024,
    "prompt_tokens": 1000,
    "completion_tokens": 200,
    "cache_hit": False,
    "request_tags": ["workflow:search-ranking"],
    "metadata": {"user_api_key_hash": "71848b30fbf3", "user_api_key_alias": "search-prod"},
}

_EVENT = {
    "type": "object",
    "description": "LiteLLM's StandardLoggingPayload; other fields are ignored.",
    "properties": {
        "id": {"type": "string"},
        "litellm_call_id": {"type": "string"},
        "startTime": {"type": ["number", "string"]},
        "response_cost": {"type": ["number", "null"], "description": "USD"},
        "prompt_tokens": {"type": ["integer", "null"]},
        "completion_tokens": {"type": ["integer", "null"]},
    },
}

_NOES = {
    400: "The body is no JSON",
    401: "No valid API key",
    408: "The body took more than 30 seconds to come",
    413: "More than 10,000 events or 32 MB",
    415: "A form, XML or the like, or packed otherwise than by gzip",
    503: "Busy: send it again after `Retry-After`; what is booked already counts once",
}


def logs_document() -> dict[str, Any]:
    """For the route that describes the door."""
    body = {
        "schema": {"anyOf": [_EVENT, {"type": "array", "items": _EVENT}]},
        "example": [_EXAMPLE],
    }
    answer = {"application/json": {"schema": answer_schema()}}
    answers: dict[int, dict[str, Any]] = {
        202: {"description": "What could be read is booked, and durable", "content": answer},
        422: {"description": "Every event was refused", "content": answer},
    }
    return {
        "tags": ["usage"],
        "status_code": 202,
        "responses": answers | {code: {"description": why} for code, why in _NOES.items()},
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": body}}},
    }


_BUDGET = {
    "type": "object",
    "description": "LiteLLM's WebhookEvent; other fields are ignored.",
    "required": ["event"],
    "properties": {
        "event": {"type": "string"},
        "event_group": {"type": ["string", "null"]},
        "spend": {"type": ["number", "null"]},
        "max_budget": {"type": ["number", "null"]},
        "soft_budget": {"type": ["number", "null"]},
        "token": {"type": ["string", "null"], "description": "the hash of a key"},
        "key_alias": {"type": ["string", "null"]},
        "team_id": {"type": ["string", "null"]},
    },
}

_BUDGET_EXAMPLE = {
    "event": "budget_crossed",
    "event_group": "key",
    "spend": 10.25,
    "max_budget": 10,
    "token": "5c1e8f0a",
    "key_alias": "search-prod",
}


def budget_document() -> dict[str, Any]:
    """The same for the door of LiteLLM's budgets."""
    noes = {400: "The body is no event", 401: _NOES[401], 413: "More than 100 kB", 415: "No JSON"}
    heard = {"type": "object", "properties": {"told": {"type": "boolean"}}}
    answer = {"description": "Heard", "content": {"application/json": {"schema": heard}}}
    body = {"schema": _BUDGET, "example": _BUDGET_EXAMPLE}
    answers: dict[int, dict[str, Any]] = {200: answer}
    return {
        "tags": ["usage"],
        "status_code": 200,
        "responses": answers | {code: {"description": why} for code, why in noes.items()},
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": body}}},
    }
