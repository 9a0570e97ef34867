"""One call as a gateway tells of it; told again in another way, it is the same record.

A gateway pushes each call, loses some, and lists them all later: with other digits of a float,
another precision of time and other empty fields. What differs only so is made alike here.
"""

import hashlib
import re
from datetime import datetime
from decimal import Context, Decimal
from enum import StrEnum
from typing import NamedTuple

import msgspec

from bot.attribution import Clues
from bot.money import ZERO, is_amount
from bot.providers import bare_model, standard_provider
from bot.sources import Kind
from bot.usage import LONGEST, MOST_TAGS, CostBasis, Grain, SentUsage, Usage, read_usage

# Of a float's 15 to 17 digits the last ones depend on the order in which it was summed up.
_DIGITS = Context(prec=14)
# Followed by the moment at which it was written down, so each way tells another one.
_CACHE_HIT = re.compile(r"_cache_hit[0-9.]+$")
_BATCH_COST = "_batch_cost"
_BATCHES = frozenset({"retrieve_batch", "aretrieve_batch"})
# They read or manage what another call has made and paid for.
_FREE = re.compile(
    r"a?_?(?:get|list|delete|cancel|retrieve|file)_|a?create_(?:batch|file|thread|assistants)\b"
    r"|a_add_message\b|add_message\b|a?upload_|a?vector_store_(?!search)"
    r"|a?video_(?:list|retrieve|content|delete)|(?:call|list)_mcp_tools?\b"
)
_AGENT = "user-agent:"
# In this order: a tag is set on purpose, a header may be a default of the client.
NAMING = ("workflow:", "x-workflow-id:")
# Who calls with the gateway's master key, and what clients send in place of a person.
_NOBODY = re.compile(r"\s*(?:default_user_id\s*$|\{|\[|$)")


class Ending(StrEnum):
    SUCCESS = "success"
    FAILED = "failed"
    BLOCKED = "blocked"


class GatewayTokens(NamedTuple):
    """As counted by the gateway; 0 also where it counted nothing."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


class Caller(NamedTuple):
    """`people`: whoever it may be, the best known first. `on_plan`: the caller's own subscription
    paid, not the organisation's account.
    """

    key: str = ""
    key_name: str = ""
    key_workflow: str = ""
    team: str = ""
    project: str = ""
    people: tuple[str, ...] = ()
    on_plan: bool = False


class GatewayCall(msgspec.Struct, frozen=True, gc=False):
    """`id` is the answer's, `call_id` the gateway's own: a call that falls back to another model is
    two answers to one call, and an answer from a cache one answer to two. `named`: what the caller
    calls its workflow besides in tags, the best first.
    """

    id: str
    call_id: str
    at: datetime
    operation: str = ""
    provider: str = ""
    model: str = ""
    ending: Ending = Ending.SUCCESS
    cost: Decimal | None = None
    tokens: GatewayTokens = GatewayTokens()
    cached: bool = False
    caller: Caller = Caller()
    named: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    run: str = ""


def read_call(call: GatewayCall, sender: str, now: datetime) -> Usage:
    """The record as it is booked. Raises NotUsage."""
    usage = read_usage(_sent(call), sender, now)
    return msgspec.structs.replace(usage, kind=Kind.GATEWAY, clues=_clues(call.caller), fills=True)


def identity(call: GatewayCall) -> str:
    """A batch is one record, however often it is asked for."""
    answer = _CACHE_HIT.sub("_cache_hit", call.id)
    if call.operation in _BATCHES and answer:
        return _short(f"{answer.removesuffix(_BATCH_COST)}|batch")
    return _short(f"{answer or call.call_id}|{call.call_id}") if answer or call.call_id else ""


def _short(key: str) -> str:
    """Some answers' ids hold a page of base64."""
    if len(key) <= LONGEST["id"]:
        return key
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _sent(call: GatewayCall) -> SentUsage:
    provider = standard_provider(call.provider or _before(call.model))
    cost = _cost(call)
    inputs, outputs, read, written = _tokens(call.tokens)
    return SentUsage(
        id=identity(call),
        at=call.at.replace(microsecond=call.at.microsecond // 1000 * 1000),
        workflow=_fit("workflow", _declared(call)),
        provider=_fit("provider", provider),
        model=_fit("model", bare_model(provider, call.model)),
        input_tokens=inputs,
        output_tokens=outputs,
        cache_read_tokens=read,
        cache_write_tokens=written,
        cost=cost,
        cost_basis=None if cost is None else CostBasis.PROVIDER_ESTIMATE,
        user=_fit("user", next((one for one in call.caller.people if not _NOBODY.match(one)), "")),
        run=_fit("run", call.run),
        tags=_tags(call),
        grain=Grain.BUCKET if call.operation in _BATCHES else Grain.REQUEST,
    )


def _before(model: str) -> str:
    provider, slash, _ = model.partition("/")
    return provider if slash else ""


def _cost(call: GatewayCall) -> Decimal | None:
    """None where it is unknown: 0 is also what a gateway says of a model it has no price for."""
    if call.caller.on_plan:
        return ZERO
    if call.cost:
        return _DIGITS.plus(call.cost) if is_amount(call.cost) else call.cost
    # Of what its vendor refused a gateway counts what was sent; an answer that begins is billed.
    refused = call.ending is not Ending.SUCCESS and not call.tokens.output
    managing = _FREE.match(call.operation) and not any(call.tokens)
    return ZERO if call.cached or refused or managing else None


def _tokens(told: GatewayTokens) -> tuple[int | None, int | None, int | None, int | None]:
    """What was not counted is unknown. Input includes the cache, whichever way it was told."""
    if not any(told):
        return None, None, None, None
    cache = told.cache_read + told.cache_write
    inputs = told.input if told.input >= cache else told.input + cache
    return inputs, told.output, told.cache_read, told.cache_write


def _declared(call: GatewayCall) -> str:
    tagged = [tag for tag in call.tags if tag.lower().startswith(NAMING)]
    said = (
        tag[len(start) :] for start in NAMING for tag in tagged if tag.lower().startswith(start)
    )
    return next((name for name in (*said, *call.named) if name.strip()), "").strip()


def _tags(call: GatewayCall) -> tuple[str, ...]:
    """What client was used is nobody's business here."""
    kept = (_fit("user", tag) for tag in call.tags if not tag.lower().startswith(_AGENT))
    said = [*dict.fromkeys(tag for tag in kept if tag)][: MOST_TAGS - 2]
    if call.ending is not Ending.SUCCESS:
        said.append(f"status:{call.ending}")
    if call.caller.on_plan:
        said.append("paid:plan")
    return tuple(said)


def _clues(caller: Caller) -> Clues:
    return Clues(
        key=_fit("key", caller.key),
        key_name=_fit("key_name", caller.key_name),
        key_workflow=_fit("workflow", caller.key_workflow),
        team=_fit("team", caller.team),
        project=_fit("project", caller.project),
    )


def _fit(name: str, text: str) -> str:
    """Money is not turned away because a name beside it is odd."""
    return text.replace("\0", "\ufffd").strip()[: LONGEST[name]]
