"""The two addresses the bot itself is given: response URLs and the Socket Mode WebSocket."""

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.websockets import WebSocket

from playground.acts import answers
from playground.refusals import Refused, invalid
from playground.shapes import Json
from playground.slack import Slack

GONE = {"expired_url", "used_url"}


def routes(slack: Slack) -> APIRouter:
    router = APIRouter()

    @router.post("/response/{token}", include_in_schema=False)
    async def respond(token: str, request: Request) -> Response:
        try:
            url = answers.use(slack, token)
            answers.respond(slack, url, _object(await request.body()))
        except Refused as refused:
            status = 404 if refused.error in GONE else 400
            return JSONResponse(refused.answer, status_code=status)
        return PlainTextResponse("ok")

    @router.websocket("/socket")
    async def socket(websocket: WebSocket, ticket: str = "") -> None:
        await slack.sockets.serve(websocket, ticket)

    return router


def _object(body: bytes) -> Json:
    try:
        read: Any = json.loads(body)
    except ValueError:
        raise Refused("invalid_payload") from None
    if not isinstance(read, dict):
        raise invalid("invalid_payload", ["must be an object"])
    return read
