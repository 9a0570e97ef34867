"""A Slack that takes everything and notes when it came: `python -m bench.slack PORT`.

`GET /arrivals` has, for each post, its channel and the machine's monotonic clock in nanoseconds.
"""

import itertools
import sys
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_numbers = itertools.count(1)
_arrivals: list[tuple[str, int]] = []


async def posted(request: Request) -> JSONResponse:
    at = time.monotonic_ns()
    channel = (await request.json())["channel"]
    _arrivals.append((channel, at))
    return JSONResponse({"ok": True, "channel": channel, "ts": f"1.{next(_numbers):06d}"})


async def anything(_request: Request) -> JSONResponse:
    user = {"id": "U0BENCH", "name": "bench", "tz": "Europe/Berlin", "profile": {}}
    return JSONResponse({"ok": True, "team_id": "T0BENCH", "user": user})


async def arrivals(_request: Request) -> JSONResponse:
    return JSONResponse(_arrivals)


app = Starlette(
    routes=[
        Route("/api/chat.postMessage", posted, methods=["POST"]),
        Route("/api/{method}", anything, methods=["GET", "POST"]),
        Route("/arrivals", arrivals),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
