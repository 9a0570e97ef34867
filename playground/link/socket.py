import asyncio
import json
import secrets
from collections.abc import Iterator

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.config import Config
from playground.link.delivery import Answer, Delivery
from playground.shapes import Json
from playground.workspace import Workspace

MOST_CONNECTIONS = 10


class SocketLink:
    """Socket Mode: the bot connects to us, and gets each delivery on any one of its connections."""

    def __init__(self, config: Config, workspace: Workspace) -> None:
        self._config, self._workspace = config, workspace
        self._tickets: set[str] = set()
        self._open: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Answer]] = {}

    def ticket(self) -> str:
        """For one connection; used up by it."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket, ticket: str) -> None:
        if ticket not in self._tickets or len(self._open) >= MOST_CONNECTIONS:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        self._open.append(socket)
        try:
            await socket.send_json(self._hello())
            await self._listen(socket)
        except WebSocketDisconnect:
            pass
        finally:
            self._open.remove(socket)

    async def send(self, delivery: Delivery) -> Answer:
        if not self._open:
            return Answer(failure="connection_failed")
        id_ = secrets.token_hex(16)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answer
        try:
            await self._next().send_json(_envelope(id_, delivery))
            return await asyncio.wait_for(answer, self._config.ack_seconds)
        except (TimeoutError, WebSocketDisconnect):
            return Answer(failure="http_timeout")
        finally:
            del self._waiting[id_]

    @property
    def connections(self) -> int:
        return len(self._open)

    async def disconnect(self, reason: str) -> int:
        """Tell every connection to come back anew; how many there were.

        Slack's reasons: warning, refresh_requested, link_disabled.
        """
        sockets = list(self._open)
        for socket in sockets:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
            if reason != "warning":
                await socket.close()
        return len(sockets)

    async def close(self) -> None:
        for socket in list(self._open):
            await socket.close()

    def _next(self) -> WebSocket:
        """Round robin, so that no bot counts on one connection seeing everything."""
        self._open.append(self._open.pop(0))
        return self._open[-1]

    async def _listen(self, socket: WebSocket) -> None:
        while True:
            for id_, answer in _acknowledged(await socket.receive_text()):
                waiting = self._waiting.get(id_)
                if waiting and not waiting.done():
                    waiting.set_result(answer)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._workspace.bot.app_id},
            "debug_info": {"host": "playground", "approximate_connection_time": 3600},
        }


def _envelope(id_: str, delivery: Delivery) -> Json:
    retry = {"retry_attempt": delivery.retry, "retry_reason": delivery.retry_reason}
    return {
        "envelope_id": id_,
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "events_api",
        **(retry if delivery.kind == "events_api" else {}),
    }


def _acknowledged(text: str) -> Iterator[tuple[str, Answer]]:
    try:
        said = json.loads(text)
    except ValueError:
        return
    if isinstance(said, dict) and "envelope_id" in said:
        payload = said.get("payload")
        body = "" if payload in (None, "") else json.dumps(payload)
        yield said["envelope_id"], Answer(status=200, text=body)
