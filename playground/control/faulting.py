import time
from dataclasses import asdict

from fastapi import APIRouter

from playground import faults
from playground.control import asked
from playground.shapes import Json
from playground.slack import Slack


def routes(slack: Slack) -> APIRouter:
    router = APIRouter(prefix="/control", tags=["faults"])
    _calls(router, slack)
    _deliveries(router, slack)
    _log(router, slack)
    return router


def _calls(router: APIRouter, slack: Slack) -> None:
    @router.post("/faults")
    async def fail(given: asked.Fault) -> list[Json]:
        """Let Web API calls fail; `accept_…` does the work first and loses the answer."""
        until = None if given.seconds is None else time.monotonic() + given.seconds
        sent = given.model_dump(exclude={"seconds"})
        slack.faults.calls.append(faults.Fault(**sent, until=until))
        return [asdict(fault) for fault in slack.faults.waiting()]

    @router.get("/faults")
    async def waiting() -> list[Json]:
        """The faults of Web API calls that still strike."""
        return [asdict(fault) for fault in slack.faults.waiting()]

    @router.delete("/faults")
    async def end() -> Json:
        """End every fault, those of deliveries too."""
        slack.faults.end()
        return {"ok": True}


def _deliveries(router: APIRouter, slack: Slack) -> None:
    @router.post("/deliveries")
    async def disturb(given: asked.DeliveryFault) -> Json:
        """Repeat or reorder events, or sign deliveries wrongly."""
        slack.faults.disturb(faults.DeliveryFault(**given.model_dump()))
        return given.model_dump()

    @router.delete("/deliveries")
    async def deliver() -> Json:
        slack.faults.end_deliveries()
        return {"ok": True}

    @router.post("/socket")
    async def disconnect(given: asked.Disconnect) -> Json:
        """Send `disconnect` on every Socket Mode connection."""
        return {"connections": await slack.sockets.disconnect(given.reason)}


def _log(router: APIRouter, slack: Slack) -> None:
    @router.get("/calls")
    async def calls() -> list[Json]:
        """Every Web API call in order of arrival; `at` is monotonic, `wall` Unix seconds."""
        return slack.calls.all()

    @router.delete("/calls")
    async def clear() -> Json:
        slack.calls.clear()
        return {"ok": True}
