"""`POST /otlp/v1/…`: what clients and programs tell of their calls by OpenTelemetry's protocol."""

import asyncio
from collections.abc import Mapping

from fastapi import Depends, HTTPException, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.sources import Signal
from bot.telemetry.clients import Choice
from handlers.desk import Desk
from handlers.http.bodies import kind_of, read_body
from handlers.http.booking import book, check_room, understood
from handlers.http.edge import ApiKeys
from handlers.http.otlp.answers import JSON, PROTOBUF, failure, success
from handlers.http.otlp.counters import count
from handlers.http.otlp.document import document
from handlers.http.otlp.encodings import ENCODINGS, hear
from handlers.http.otlp.points import HeardPoints
from handlers.http.otlp.reading import Heard
from handlers.http.usage_writer import UsageWriter

PATH = "/otlp/v1"

# What the specification recommends is four times as much; an exporter sends a few hundred kB.
MOST_BYTES = 16_000_000

# In seconds: for so long a change of which signal counts may go unnoticed.
_REMEMBERED = 5.0


def otlp_routes(desk: Desk, api_keys: Mapping[str, str], writer: UsageWriter) -> list[BaseRoute]:
    """The doors, and behind them, never reached, the routes that describe them in `/docs`."""
    keys = ApiKeys(api_keys)
    door = OtlpDoor(desk, keys, writer)
    routes: list[BaseRoute] = [
        Route(f"{PATH}/logs", door.logs, methods=["POST"]),
        Route(f"{PATH}/traces", door.traces, methods=["POST"]),
        Route(f"{PATH}/metrics", door.metrics, methods=["POST"]),
    ]
    described = [
        APIRoute(path, endpoint, methods=["POST"], dependencies=[Depends(keys)], **document(signal))
        for path, endpoint, signal in (
            (f"{PATH}/logs", post_logs, Signal.LOGS),
            (f"{PATH}/traces", post_traces, Signal.SPANS),
            (f"{PATH}/metrics", post_metrics, Signal.METRICS),
        )
    ]
    return [*routes, *described]


async def post_logs() -> None:
    """Book the calls that Claude Code, Codex and Gemini CLI tell of in log records."""


async def post_traces() -> None:
    """Book the inference spans of Copilot CLI and of programs by the GenAI conventions."""


async def post_metrics() -> None:
    """Count what is new in counters, of sources whose metrics are chosen to count."""


class OtlpDoor:
    """An exporter drops what is refused by 4xx, and sends again what is refused by 503."""

    def __init__(self, desk: Desk, keys: ApiKeys, writer: UsageWriter) -> None:
        self._desk = desk
        self._keys = keys
        self._writer = writer
        self._choice = Choice()
        self._chosen_until = 0.0

    async def logs(self, request: Request) -> Response:
        return await self._answer(request, Signal.LOGS)

    async def traces(self, request: Request) -> Response:
        return await self._answer(request, Signal.SPANS)

    async def metrics(self, request: Request) -> Response:
        return await self._answer(request, Signal.METRICS)

    async def _answer(self, request: Request, signal: Signal) -> Response:
        kind = kind_of(request)
        try:
            points = await self._received(request, kind, signal)
            heard = points.heard
            heard.hear(await book(self._writer, heard.usages))
            heard.hear(await count(self._desk, points))
        except HTTPException as error:
            return failure(kind, error)
        return success(kind, signal, heard.rejected, heard.reason)

    async def _received(self, request: Request, kind: str, signal: Signal) -> HeardPoints:
        sender = self._keys.name(request.headers.get("authorization", ""))
        check_room(self._writer)
        if kind not in ENCODINGS:
            raise HTTPException(415, f"Send Content-Type: {PROTOBUF} or {JSON}.")
        with self._writer.room.share() as share:
            body = await read_body(request, MOST_BYTES, share)
            check_room(self._writer)
            heard = Heard(sender, await self._chosen(), self._desk.now())
            return await understood(self._writer, hear, body, kind, signal, heard)

    async def _chosen(self) -> Choice:
        clock = asyncio.get_running_loop().time()
        if clock >= self._chosen_until:
            async with self._desk.database.reading() as ledger:
                self._choice = Choice((await self._desk.organisation(ledger)).sources)
            self._chosen_until = clock + _REMEMBERED
        return self._choice
