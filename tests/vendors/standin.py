"""A vendor on a port of its own: it pages honestly, and misbehaves as told, a request at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.playground.threaded import running

KEY = "sk-admin-very-secret"
_json = msgspec.json.Encoder(decimal_format="number")

Fault = Callable[[Any], Response]


@dataclass
class Asked:
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes = b""

    def __getitem__(self, name: str) -> str:
        return dict(self.query)[name]


@dataclass
class Standin:
    """`answer` is what it honestly says; a fault that is not None takes its place, in order."""

    answer: Callable[[Asked], Any]
    faults: list[Fault | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def serve(self, request: Request) -> Response:
        asked = Asked(
            request.url.path,
            request.query_params.multi_items(),
            dict(request.headers),
            await request.body(),
        )
        self.asked.append(asked)
        honest = self.answer(asked)
        fault = self.faults.pop(0) if self.faults else None
        return says(honest) if fault is None else fault(honest)

    @contextmanager
    def open(self) -> "Iterator[Standin]":
        with running(
            Starlette(routes=[Route("/{path:path}", self.serve, methods=["GET", "POST"])])
        ) as self.url:
            yield self


def says(content: Any) -> Response:
    return Response(_json.encode(content), media_type="application/json")


def status(code: int, headers: dict[str, str] | None = None) -> Fault:
    return lambda _: Response("a secret of the vendor's", code, headers)


def breaks_off(honest: Any) -> Response:
    """Half of the body, and then the connection is gone."""
    body = _json.encode(honest)

    async def half():
        yield body[: len(body) // 2]
        raise ConnectionAbortedError

    return StreamingResponse(half(), media_type="application/json")


def cut(honest: Any) -> Response:
    """Half of the body, as if that were all."""
    body = _json.encode(honest)
    return Response(body[: len(body) // 2], media_type="application/json")


def web_page(_: Any) -> Response:
    return Response("<html>log in</html>", media_type="text/html")


def packed(honest: Any) -> Response:
    return Response(_json.encode(honest), headers={"Content-Encoding": "gzip"})


def instead(content: Any) -> Fault:
    return lambda _: says(content)


def changed(change: Callable[[Any], Any]) -> Fault:
    return lambda honest: says(change(honest))


@dataclass
class OpenAI:
    """`bill`: the lines of each day as (project, key, item, dollars). A page holds `size` lines."""

    bill: dict[datetime, list[tuple[str, str | None, str, Decimal]]] = field(default_factory=dict)
    size: int = 3

    @property
    def total(self) -> Decimal:
        return sum((line[3] for lines in self.bill.values() for line in lines), Decimal(0))

    def __call__(self, asked: Asked) -> Any:
        start = datetime.fromtimestamp(int(asked["start_time"]), UTC)
        lines = self.bill.get(start, [])
        at = int(dict(asked.query).get("page", "page_0").removeprefix("page_"))
        rest = lines[at + self.size :]
        return {
            "object": "page",
            "data": [bucket(start, [line(*one) for one in lines[at : at + self.size]])],
            "has_more": bool(rest),
            "next_page": f"page_{at + self.size}" if rest else None,
        }


def bucket(start: datetime, results: list[Any]) -> dict[str, Any]:
    return {
        "object": "bucket",
        "start_time": int(start.timestamp()),
        "end_time": int((start + timedelta(days=1)).timestamp()),
        "results": results,
    }


def line(project: str, key: str | None, item: str, dollars: Decimal) -> dict[str, Any]:
    return {
        "object": "organization.costs.result",
        "amount": {"value": dollars, "currency": "usd"},
        "line_item": item,
        "project_id": project,
        "api_key_id": key,
        "user_id": None,
        "quantity": Decimal("12.5"),
        "quantity_unit": "1000_tokens",
    }


def usage(project: str, key: str | None, tokens: int) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": tokens,
        "output_tokens": tokens // 10,
        "input_cached_tokens": 0,
        "num_model_requests": 1,
        "project_id": project,
        "api_key_id": key,
        "user_id": None,
        "model": "gpt-6",
        "batch": None,
        "service_tier": None,
    }


@dataclass
class Anthropic:
    """`bill`: the rows of each day as (key, e-mail, cents). A page holds `size` rows."""

    bill: dict[datetime, list[tuple[str | None, str, Decimal]]] = field(default_factory=dict)
    refreshed: datetime | None = None
    size: int = 2

    @property
    def total(self) -> Decimal:
        return sum((row[2] for rows in self.bill.values() for row in rows), Decimal(0)) / 100

    def __call__(self, asked: Asked) -> Any:
        start = datetime.fromisoformat(asked["starting_at"]).replace(tzinfo=UTC)
        rows = self.bill.get(start, [])
        at = int(dict(asked.query).get("page", "0"))
        tell = self._row if asked.path.endswith("/cost") else self._record
        rest = rows[at + self.size :]
        return {
            "data": [tell(start, *row) for row in rows[at : at + self.size]],
            "has_more": bool(rest),
            "next_page": str(at + self.size) if rest else None,
            "data_refreshed_at": self.refreshed and self.refreshed.isoformat(),
        }

    def _row(self, start: datetime, key: str | None, email: str, cents: Decimal) -> Any:
        actor = {"type": "user_actor", "user_id": email, "email_address": email, "deleted": False}
        cost = {"amount": str(cents), "list_amount": str(cents), "currency": "USD", "requests": 1}
        return {
            "starting_at": start.isoformat(),
            "ending_at": (start + timedelta(days=1)).isoformat(),
            "group": {"api_key_id": key, "model": "claude-sonnet-5", "actor": actor},
            "cost": cost,
        }

    def _record(self, start: datetime, _key: str | None, email: str, cents: Decimal) -> Any:
        cost = {"amount": cents, "currency": "USD"}
        tokens = {"input": 100, "output": 10, "cache_read": 0, "cache_creation": 0}
        return {
            "actor": {"type": "user_actor", "email_address": email},
            "date": start.isoformat(),
            "customer_type": "api",
            "model_breakdown": [
                {"model": "claude-sonnet-5", "tokens": tokens, "estimated_cost": cost}
            ],
        }


def vendors(openai: OpenAI, anthropic: Anthropic) -> Callable[[Asked], Any]:
    """Both behind one address, with what they report beside their bills."""

    def answer(asked: Asked) -> Any:
        if asked.path == "/v1/organization/costs":
            return openai(asked)
        if not asked.path.startswith("/v1/organization/"):
            return anthropic(asked)
        day = datetime.fromtimestamp(int(asked["start_time"]), UTC)
        lines = openai.bill.get(day, []) if asked.path.endswith("/completions") else []
        results = [usage(project, key, 1000) for project, key, _, _ in lines]
        return {"object": "page", "data": [bucket(day, results)], "has_more": False}

    return answer
