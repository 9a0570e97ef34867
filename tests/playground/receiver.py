"""A bot's end of the line: keeps what is delivered and answers as it is told."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Received:
    """`kind` is a command's name, an interaction's type, or an event's type."""

    kind: str
    payload: dict[str, Any]
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are used up one by one; then it is 200 and an empty body.

    An answer is a status and a JSON body, or the seconds it stays silent.
    """

    received: list[Received] = field(default_factory=list)
    own: list[Received] = field(default_factory=list)
    answers: list[tuple[int, Any] | float] = field(default_factory=list)

    def app(self):
        return Starlette(routes=[Route("/slack/events", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        one = _read(body, dict(request.headers))
        if _is_own(one):
            self.own.append(one)
            return Response()
        self.received.append(one)
        answer = self.answers.pop(0) if self.answers else (200, "")
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return Response()
        status, said = answer
        return Response(said if isinstance(said, str) else json.dumps(said), status_code=status)

    def of(self, kind):
        return [one.payload for one in self.received if one.kind == kind]

    def last(self):
        return self.received[-1].payload


def _is_own(one):
    """A bot's own messages, edits and deletions come back to it as events."""
    event = one.payload.get("event", {})
    about = (event, event.get("message", {}), event.get("previous_message", {}))
    return any("bot_id" in part for part in about)


def _read(body, headers):
    if headers["content-type"].startswith("application/json"):
        payload = json.loads(body)
        return Received(payload["event"]["type"], payload, headers, body)
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    if "payload" in form:
        payload = json.loads(form["payload"])
        return Received(payload["type"], payload, headers, body)
    return Received(form["command"], form, headers, body)
