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
