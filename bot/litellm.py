"""What LiteLLM says of a call: pushed by its logger, and as a row of its own log of spend.

Named is only what is kept. Prompts, answers, headers, addresses and tracebacks are no fields, so
they never become values. What callers fill in themselves may be anything, and turns nothing away.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from bot.gateway_calls import Caller, Ending, GatewayCall, GatewayTokens
from bot.money import ZERO
from bot.usage import NotUsage

# In place of an object: nothing, mostly.
_Odd = str | int | float | bool | list[Any] | None
_Part = TypeVar("_Part", bound=msgspec.Struct)

_FAILURE = "failure"
_BLOCKED = ("Guardrail", "BudgetExceeded")


class _Details(msgspec.Struct, gc=False):
    cached_tokens: Any = None
    cache_creation_tokens: Any = None
    cache_write_tokens: Any = None


class _Counted(msgspec.Struct, gc=False):
    """In OpenAI's words, or in Anthropic's, whose `input_tokens` leave the cache out."""

    prompt_tokens: Any = None
    completion_tokens: Any = None
    input_tokens: Any = None
    output_tokens: Any = None
    cache_read_input_tokens: Any = None
    cache_creation_input_tokens: Any = None
    prompt_tokens_details: _Details | _Odd = None


class _KeyMetadata(msgspec.Struct, gc=False):
    workflow: Any = None


class _SpendMetadata(msgspec.Struct, gc=False):
    workflow_id: Any = None


class _RequestMetadata(msgspec.Struct, gc=False):
    workflow: Any = None


class _Failure(msgspec.Struct, gc=False):
    error_class: Any = None
    error_budget_entity_type: Any = None


class _Costs(msgspec.Struct, gc=False):
    guardrail_cost: Decimal | None = None


class _Metadata(msgspec.Struct, gc=False):
    user_api_key_hash: Any = None
    user_api_key_alias: Any = None
    user_api_key_team_id: Any = None
    user_api_key_team_alias: Any = None
    user_api_key_project_id: Any = None
    user_api_key_user_id: Any = None
    user_api_key_user_email: Any = None
    user_api_key_end_user_id: Any = None
    user_api_key_auth_metadata: _KeyMetadata | _Odd = None
    spend_logs_metadata: _SpendMetadata | _Odd = None
    requester_metadata: _RequestMetadata | _Odd = None
    usage_object: _Counted | _Odd = None
    error_information: _Failure | _Odd = None
    cost_breakdown: _Costs | _Odd = None
    used_client_oauth_token: Any = None


class _StatusFields(msgspec.Struct, gc=False):
    guardrail_status: Any = None


class Event(msgspec.Struct, gc=False):
    """A StandardLoggingPayload, as the `generic_api` logger sends it."""

    id: str | int | None = None
    litellm_call_id: str | int | None = None
    startTime: float | str | None = None  # noqa: N815 - LiteLLM's name
    call_type: Any = None
    custom_llm_provider: Any = None
    model: Any = None
    status: Any = None
    response_cost: Decimal | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cache_hit: Any = None
    session_id: Any = None
    trace_id: Any = None
    end_user: Any = None
    request_tags: Any = None
    metadata: _Metadata | _Odd = None
    error_information: _Failure | _Odd = None
    status_fields: _StatusFields | _Odd = None

    def call(self) -> GatewayCall:
        """Raises NotUsage."""
        said = _part(self.metadata, _Metadata)
        failure = _part(self.error_information, _Failure)
        guarded = _part(self.status_fields, _StatusFields).guardrail_status
        return GatewayCall(
            id=_text(self.id),
            call_id=_text(self.litellm_call_id),
            at=_instant(self.startTime),
            operation=_text(self.call_type),
            provider=_text(self.custom_llm_provider),
            model=_text(self.model),
            ending=_ending(self.status, failure, guarded),
            cost=self.response_cost,
            tokens=_tokens(said, self.prompt_tokens, self.completion_tokens),
            cached=_is_true(self.cache_hit),
            caller=_caller(said, said.user_api_key_hash, (_text(self.end_user),)),
            named=_named(said),
            tags=_tags(self.request_tags),
            run=_text(self.session_id) or _text(self.trace_id),
        )


class LogRow(msgspec.Struct, gc=False):
    """A row of `/spend/logs/v2`."""

    request_id: str | int | None = None
    litellm_call_id: str | int | None = None
    startTime: float | str | None = None  # noqa: N815 - LiteLLM's name
    call_type: Any = None
    custom_llm_provider: Any = None
    model: Any = None
    status: Any = None
    spend: Decimal | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cache_hit: Any = None
    session_id: Any = None
    api_key: Any = None
    user: Any = None
    end_user: Any = None
    request_tags: Any = None
    metadata: _Metadata | _Odd = None

    def call(self) -> GatewayCall:
        """Raises NotUsage."""
        said = _part(self.metadata, _Metadata)
        # What a guardrail costs is in the pushed cost, and stands beside the logged one.
        guarding = _part(said.cost_breakdown, _Costs).guardrail_cost
        return GatewayCall(
            id=_text(self.request_id),
            call_id=_text(self.litellm_call_id),
            at=_instant(self.startTime),
            operation=_text(self.call_type),
            provider=_text(self.custom_llm_provider),
            model=_text(self.model),
            ending=_ending(self.status, _part(said.error_information, _Failure), None),
            cost=None if self.spend is None else self.spend + (guarding or ZERO),
            tokens=_tokens(said, self.prompt_tokens, self.completion_tokens),
            cached=_is_true(self.cache_hit),
            caller=_caller(said, self.api_key, (_text(self.user), _text(self.end_user))),
            named=_named(said),
            tags=_tags(self.request_tags),
            run=_text(self.session_id),
        )


def _part(value: object, kind: type[_Part]) -> _Part:
    return value if isinstance(value, kind) else kind()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _is_true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _instant(said: float | str | None) -> datetime:
    try:
        at = _read_instant(said)
    except (ValueError, OverflowError, OSError) as error:
        raise NotUsage(
            "It must be the moment at which the call began.", field="startTime"
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _read_instant(said: float | str | None) -> datetime:
    if said is None:
        raise ValueError
    return (
        datetime.fromisoformat(said) if isinstance(said, str) else datetime.fromtimestamp(said, UTC)
    )


def _ending(status: object, failure: _Failure, guarded: object) -> Ending:
    if status != _FAILURE:
        return Ending.SUCCESS
    raised = _text(failure.error_class).startswith(_BLOCKED)
    stopped = raised or failure.error_budget_entity_type or guarded == "guardrail_intervened"
    return Ending.BLOCKED if stopped else Ending.FAILED


def _tokens(said: _Metadata, inputs: int | None, outputs: int | None) -> GatewayTokens:
    counted = _part(said.usage_object, _Counted)
    details = _part(counted.prompt_tokens_details, _Details)
    read = _count(counted.cache_read_input_tokens) or _count(details.cached_tokens)
    written = (
        _count(counted.cache_creation_input_tokens)
        or _count(details.cache_creation_tokens)
        or _count(details.cache_write_tokens)
    )
    sent = _count(counted.prompt_tokens) or inputs or 0
    if not sent and _count(counted.input_tokens):
        sent = _count(counted.input_tokens) + read + written
    got = _count(counted.completion_tokens) or outputs or _count(counted.output_tokens)
    return GatewayTokens(sent, got, read, written)


def _caller(said: _Metadata, key: object, others: tuple[str, ...]) -> Caller:
    return Caller(
        key=_text(key),
        key_name=_text(said.user_api_key_alias),
        key_workflow=_text(_part(said.user_api_key_auth_metadata, _KeyMetadata).workflow),
        team=_text(said.user_api_key_team_id) or _text(said.user_api_key_team_alias),
        project=_text(said.user_api_key_project_id),
        people=(
            _text(said.user_api_key_user_email),
            _text(said.user_api_key_user_id),
            *others,
            _text(said.user_api_key_end_user_id),
        ),
        on_plan=said.used_client_oauth_token is True,
    )


def _named(said: _Metadata) -> tuple[str, ...]:
    return (
        _text(_part(said.spend_logs_metadata, _SpendMetadata).workflow_id),
        _text(_part(said.requester_metadata, _RequestMetadata).workflow),
    )


def _tags(said: object) -> tuple[str, ...]:
    if isinstance(said, str):
        try:
            said = msgspec.json.decode(said)
        except msgspec.DecodeError:
            return ()
    return tuple(map(_text, said)) if isinstance(said, list) else ()
