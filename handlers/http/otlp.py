"""`POST /otlp/v1/…`: what clients and programs tell of their calls by OpenTelemetry's protocol."""

import asyncio
from collections.abc import Mapping

from fastapi import Depends, HTTPException, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.sources import Signal
from bot.telemetry.clients import Choice
from bot.usage import Outcome
from handlers.desk import Desk
from handlers.http import otlp_json, otlp_protobuf
from handlers.http.bodies import kind_of, read_body
from handlers.http.booking import book, check_room
from handlers.http.edge import ApiKeys
from handlers.http.otlp_answers import JSON, KINDS, PROTOBUF, Malformed, failure, success
from handlers.http.otlp_document import document
from handlers.http.otlp_reading import Heard
from handlers.http.usage_writer import UsageWriter

PATH = "/otlp/v1"
# What the specification recommends is four times as much; an exporter sends a few hundred kB.
MOST_BYTES = 16_000_000

_ENCODINGS = {PROTOBUF: otlp_protobuf, JSON: otlp_json}
# In seconds: for so long a change of which signal counts may go unnoticed.
_REMEMBERED = 5.0


def otlp_routes(desk: Desk, api_keys: Mapping[str, str], writer: UsageWriter) -> list[BaseRoute]:
    """The doors, and behind them, never reached, the routes that describe them in `/docs`."""
    keys = ApiKeys(api_keys)
    door = OtlpDoor(desk, keys, writer)
    routes: list[BaseRoute] = [
        Route(f"{PATH}/logs", door.logs, methods=["POST"]),
        Route(f"{PATH}/traces", door.traces, methods=["POST"]),
    ]
    described = [
        APIRoute(path, endpoint, methods=["POST"], dependencies=[Depends(keys)], **document(signal))
        for path, endpoint, signal in (
            (f"{PATH}/logs", post_logs, Signal.LOGS),
            (f"{PATH}/traces", post_traces, Signal.SPANS),
        )
    ]
    return [*routes, *described]


async def post_logs() -> None:
    """Book the calls that Claude Code, Codex and Gemini CLI tell of in log records."""


async def post_traces() -> None:
    """Book the inference spans of Copilot CLI and of programs by the GenAI conventions."""


def _read(heard: Heard, kind: str, body: bytes, signal: Signal) -> None:
    encoding = _ENCODINGS[kind]
    try:
        if signal is Signal.LOGS:
            heard.logs(encoding.read_logs(body))
        else:
            heard.spans(encoding.read_spans(body))
    except Malformed as error:
        raise HTTPException(400, f"The body is not what it should be: {error}.") from error


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

    async def _answer(self, request: Request, signal: Signal) -> Response:
        kind = kind_of(request)
        try:
            heard = await self._heard(request, kind, signal)
            await self._book(heard)
        except HTTPException as error:
            return failure(kind, error)
        return success(kind, signal, heard.rejected, heard.reason)

    async def _heard(self, request: Request, kind: str, signal: Signal) -> Heard:
        sender = self._keys.name(request.headers.get("authorization", ""))
        check_room(self._writer)
        if kind not in KINDS:
            raise HTTPException(415, f"Send Content-Type: {PROTOBUF} or {JSON}.")
        body = await read_body(request, MOST_BYTES)
        check_room(self._writer)
        heard = Heard(sender, await self._chosen(), self._desk.now())
        _read(heard, kind, body, signal)
        return heard

    async def _book(self, heard: Heard) -> None:
        for answer in await book(self._writer, heard.usages):
            if answer.outcome is Outcome.REFUSED:
                heard.reject(answer.field, answer.reason or "")

    async def _chosen(self) -> Choice:
        clock = asyncio.get_running_loop().time()
        if clock >= self._chosen_until:
            async with self._desk.database.reading() as ledger:
                self._choice = Choice((await self._desk.organisation(ledger)).sources)
            self._chosen_until = clock + _REMEMBERED
        return self._choice
