"""For whoever keeps the bot running: alive, ready, measured."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.responses import Response

from handlers.desk import Desk
from storage.database import Unreachable
from storage.schema import head, revision

_QUEUED = Gauge("budget_bot_notices_waiting", "Messages waiting to be sent to Slack")
_OLDEST = Gauge("budget_bot_notices_oldest_seconds", "Age of the oldest waiting message")


def health_routes(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", summary="Alive: the process answers")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @routes.get("/readyz", summary="Ready: the database answers and its schema is this release's")
    async def readyz() -> JSONResponse:
        problem = await _problem(desk)
        body = {"status": "ready"} if problem is None else {"status": "not ready", "why": problem}
        return JSONResponse(body, 200 if problem is None else 503)

    @routes.get("/metrics", summary="Prometheus metrics")
    async def metrics() -> Response:
        await _measure(desk)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _problem(desk: Desk) -> str | None:
    try:
        found = await revision(desk.database)
    except Unreachable:
        return "the database does not answer"
    if found != head():
        return f"the schema is at {found}, this release needs {head()}: run `budget-bot migrate`"
    return None


async def _measure(desk: Desk) -> None:
    now = desk.now()
    async with desk.database.reading() as ledger:
        backlog = await ledger.notices.backlog(now)
    _QUEUED.set(backlog.waiting)
    _OLDEST.set(backlog.oldest.total_seconds())
