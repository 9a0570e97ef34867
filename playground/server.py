from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from playground import control, page, routes
from playground.acts.impossible import Impossible
from playground.api import door
from playground.api.failing import HANG_UP, hang_up_with
from playground.config import Config
from playground.slack import Slack, open_slack

ABOUT = """The Web API of a local Slack workspace is under `/api/`; what people do in it is here.
Every call under `/control/` answers with what happened."""


class Server(FastAPI):
    """FastAPI, and a way for a fault to hang up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[HANG_UP] = hang_up_with(send)
            _learn_address(self.state.slack, Request(scope))
        await super().__call__(scope, receive, send)


def _learn_address(slack: Slack, request: Request) -> None:
    from_bot = request.url.path.startswith("/api/")
    slack.address.learn(str(request.base_url), from_bot=from_bot)


async def _impossible(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, status_code=409)


def create(config: Config) -> FastAPI:
    """The whole playground as one application; it opens its state when the server starts."""
    slack = open_slack(config)
    # FastAPI's own documentation page needs the internet; ours is among the pages.
    app = Server(
        title="Playground",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=_closing(slack),
    )
    # To include a router is to take each of its routes apart a second time.
    app.router.routes += door.routes(slack).routes
    app.router.routes += routes.routes(slack).routes
    app.router.routes += control.routes(slack)
    app.router.routes += page.routes(slack).routes
    app.state.slack = slack
    app.add_exception_handler(Impossible, _impossible)
    return app


def _closing(slack: Slack) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await slack.close()

    return lifespan
