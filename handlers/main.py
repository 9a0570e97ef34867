"""Plug everything together and open the doors."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import stamina
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute
from uvicorn.loops.auto import auto_loop_factory

from handlers import clock, logs
from handlers.desk import Desk
from handlers.http.health import health_routes
from handlers.http.litellm.budget import budget_routes
from handlers.http.litellm.door import litellm_routes
from handlers.http.otlp.door import otlp_routes
from handlers.http.usage import usage_routes
from handlers.http.usage_writer import UsageWriter
from handlers.http.workflows import workflow_routes
from handlers.settings import Settings
from handlers.slack.delivery import Dispatcher
from handlers.slack.door import entrance
from handlers.slack.roll_call import RollCall
from handlers.slack.router import listen
from handlers.vendors.connectors import connectors
from handlers.vendors.pulling import Puller
from storage.database import Database
from storage.schema import migrate

log = structlog.get_logger()

# Allocated before the garbage collector looks at what is new; 700 by default.
_OBJECTS_AT_ONCE = 10_000

ABOUT = """Machines report usage and read budgets here, with `Authorization: Bearer KEY`.
Slack posts to `/slack/events`."""


@dataclass(frozen=True)
class Bot:
    """The running parts. `deliver` sends what is due now; the background does so by itself."""

    app: FastAPI
    desk: Desk
    dispatcher: Dispatcher
    roll_call: RollCall
    puller: Puller

    async def deliver(self) -> int:
        return await self.dispatcher.deliver_due()


def build(settings: Settings, database: Database, *, background: bool = True) -> Bot:
    """Without `background` neither the clock ticks nor the outbox empties by itself."""
    desk = Desk(database, settings.admins)
    client = _client(settings)
    dispatcher = Dispatcher(desk, client, pace=1.0 if background else 0.0)
    roll_call = RollCall(desk, client)
    writer = UsageWriter(desk)
    bolt = _bolt(settings, desk, client)
    puller = Puller(desk, connectors(settings))
    work = (dispatcher, roll_call, puller)
    app = FastAPIOffline(
        redoc_url=None,
        title="budget-bot",
        description=ABOUT,
        lifespan=_open(settings, bolt, desk, writer, work if background else ()),
    )
    keys = {name: key.get_secret_value() for name, key in settings.api_keys.items()}
    app.router.routes.extend(_for_spend(settings, desk, writer, keys))
    if settings.slack_signing_secret is not None:
        # Without the secret nothing could be verified; Socket Mode needs no address anyway.
        app.add_route("/slack/events", entrance(bolt), methods=["POST"], include_in_schema=False)
    app.include_router(workflow_routes(desk, keys))
    app.include_router(health_routes(desk))
    app.add_route("/", _to_docs, include_in_schema=False)
    return Bot(app, desk, dispatcher, roll_call, puller)


def _for_spend(
    settings: Settings, desk: Desk, writer: UsageWriter, keys: Mapping[str, str]
) -> list[BaseRoute]:
    pulled = settings.litellm_source if settings.litellm_url and settings.litellm_key else None
    return [
        *usage_routes(keys, writer),
        *otlp_routes(desk, keys, writer),
        *litellm_routes(keys, writer),
        *budget_routes(desk, keys, pulled),
    ]


async def _to_docs(_request: Request) -> RedirectResponse:
    return RedirectResponse("docs")


def _client(settings: Settings) -> AsyncWebClient:
    token = settings.slack_bot_token
    # The SDK's own retry after a lost connection would post twice.
    return AsyncWebClient(
        token=token.get_secret_value() if token else None,
        base_url=settings.slack_api_url,
        timeout=10,
        retry_handlers=[],
    )


def _bolt(settings: Settings, desk: Desk, client: AsyncWebClient) -> AsyncApp:
    secret = settings.slack_signing_secret
    bolt = AsyncApp(
        # Otherwise it reads the source of all its callers for one.
        name="budget-bot",
        client=client,
        signing_secret=secret.get_secret_value() if secret else None,
        # What happens after the answer is begun apart, and Bolt's default polls for it every 10 ms.
        process_before_response=True,
        request_verification_enabled=secret is not None,
    )
    listen(bolt, desk, client)
    return bolt


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def _open(
    settings: Settings,
    bolt: AsyncApp,
    desk: Desk,
    writer: UsageWriter,
    background: Sequence[Dispatcher | RollCall | Puller],
) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(desk.database.close)
            stack.callback(writer.readers.close)
            await _start(stack, writer.run())
            for work in background:
                await _start(stack, work.run())
            if background:
                await stack.enter_async_context(clock.ticking(desk))
            if settings.slack_app_token is not None:
                socket = AsyncSocketModeHandler(bolt, settings.slack_app_token.get_secret_value())
                stack.push_async_callback(socket.close_async)
                await _start(stack, _connect(socket))
            yield

    return lifespan


async def _connect(socket: AsyncSocketModeHandler) -> None:
    """Slack may be away when the bot starts; once connected, the handler reconnects by itself."""
    async for attempt in stamina.retry_context(on=Exception, attempts=None, timeout=None):
        with attempt:
            await socket.connect_async()  # type: ignore[no-untyped-call]
    log.info("connected by Socket Mode")


async def _start(stack: contextlib.AsyncExitStack, work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    stack.push_async_callback(_stop, task)


async def _stop(task: "asyncio.Future[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def serve(settings: Settings) -> None:
    """Migrate, then answer until told to stop. Raises NewerSchema."""
    logs.set_up(settings.log_format)
    # uvloop where there is one.
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    database = Database(settings.database_url)
    await migrate(database)
    bot = build(settings, database)
    config = uvicorn.Config(
        bot.app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    # What is loaded by now stays; the garbage collector need not look at it again and again.
    gc.freeze()
    # Records in flight are thousands of objects and no circles.
    gc.set_threshold(_OBJECTS_AT_ONCE)
    log.info("serving", address=f"http://{settings.host}:{settings.port}")
    await uvicorn.Server(config).serve()
