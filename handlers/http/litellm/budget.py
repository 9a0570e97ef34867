"""`POST /litellm/budget`: what LiteLLM's webhook tells of budgets that it keeps itself."""

import base64
import binascii
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from fastapi import Depends, HTTPException, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.gateway_budgets import BudgetEvent, BudgetHint
from bot.money import ZERO, is_amount
from handlers.desk import Desk
from handlers.flows.hear_budget_hint import hear_budget_hint
from handlers.http.bodies import kind_of, read_body
from handlers.http.edge import ApiKeys
from handlers.http.half_pairs import mended
from handlers.http.litellm.document import budget_document

PATH = "/litellm/budget"
MOST_BYTES = 100_000


def budget_routes(desk: Desk, api_keys: Mapping[str, str], source: str | None) -> list[BaseRoute]:
    """`source`: the one that is pulled from LiteLLM's log, if it is."""
    keys = ApiKeys(api_keys)
    door = BudgetDoor(desk, keys, source)
    described = APIRoute(
        PATH, post_budget, methods=["POST"], dependencies=[Depends(keys)], **budget_document()
    )
    return [Route(PATH, door.post, methods=["POST"]), described]


async def post_budget() -> None:
    """Hear of a budget that LiteLLM keeps. It is no spend: admins are told once a month.

    LiteLLM's webhook sends no headers of one's own, so the key may be the password of the address:
    `https://litellm:KEY@budget.example.com/litellm/budget`.
    """


class Heard(msgspec.Struct):
    """`told`: admins are told of it, for the first time this month."""

    told: bool


class _Webhook(msgspec.Struct):
    event: str
    event_group: Any = None
    spend: Decimal | None = None
    max_budget: Decimal | None = None
    soft_budget: Decimal | None = None
    projected_spend: Decimal | None = None
    projected_exceeded_date: Any = None
    token: Any = None
    key_alias: Any = None
    team_id: Any = None
    team_alias: Any = None
    user_id: Any = None
    user_email: Any = None
    customer_id: Any = None
    organization_id: Any = None


_webhook = msgspec.json.Decoder(_Webhook)
_WORTH_A_WORD = frozenset(event.value for event in BudgetEvent)
# Of each group: what identifies it, and what people call it.
_WHOSE = {
    "key": ("token", "key_alias"),
    "team": ("team_id", "team_alias"),
    "user": ("user_id", "user_email"),
    "internal_user": ("user_id", "user_email"),
    "end_user": ("customer_id", "customer_id"),
    "customer": ("customer_id", "customer_id"),
    "organization": ("organization_id", "organization_id"),
}


class BudgetDoor:
    def __init__(self, desk: Desk, keys: ApiKeys, source: str | None) -> None:
        self._desk = desk
        self._keys = keys
        self._source = source

    async def post(self, request: Request) -> Response:
        """LiteLLM takes nothing but 200 for heard."""
        self._keys.name(_bearer(request.headers.get("authorization", "")))
        if not kind_of(request).endswith("json"):
            raise HTTPException(415, "Send Content-Type: application/json.")
        hint = _read(await read_body(request, MOST_BYTES))
        told = False if hint is None else await self._hear(hint)
        return Response(msgspec.json.encode(Heard(told)), media_type="application/json")

    async def _hear(self, hint: BudgetHint) -> bool:
        now = self._desk.now()
        async with self._desk.database.ledger() as ledger:
            organisation = await self._desk.organisation(ledger)
            return await hear_budget_hint(hint, self._source, ledger, organisation, now)


def _bearer(authorization: str) -> str:
    """The password of an address is the key, too."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        return authorization
    try:
        _, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return f"Bearer {password}"


def _read(body: bytes) -> BudgetHint | None:
    """None where it is not about a budget."""
    try:
        told = _webhook.decode(mended(body, rb"\ufffd"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(400, "The body is no event of LiteLLM's webhook.") from error
    if told.event not in _WORTH_A_WORD:
        return None
    event = BudgetEvent(told.event)
    group = _text(told.event_group)
    whose, name = _whose(told, group)
    return BudgetHint(
        event,
        group.replace("_", " "),
        whose,
        name,
        spent=_money(told.projected_spend if event is BudgetEvent.PROJECTED else told.spend)
        or ZERO,
        budget=_money(_budget(told, event)),
        expected_by=_text(told.projected_exceeded_date),
    )


def _whose(told: _Webhook, group: str) -> tuple[str, str]:
    fields = _WHOSE.get(group, ("token", "key_alias"))
    whose, name = (_text(getattr(told, field)) for field in fields)
    return whose or _text(told.token) or _text(told.team_id), name


def _budget(told: _Webhook, event: BudgetEvent) -> Decimal | None:
    """A forecast of a soft budget has it under the other name."""
    if event is BudgetEvent.SOFT_CROSSED and told.soft_budget is not None:
        return told.soft_budget
    return told.max_budget


def _money(amount: Decimal | None) -> Decimal | None:
    return amount if amount is not None and is_amount(amount) else None


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""
