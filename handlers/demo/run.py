"""`make demo`: the bot beside a local Slack workspace, with a registry and spend arriving."""

import asyncio
import contextlib
import fcntl
import signal
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import httpx
import structlog
import uvicorn
from rich.console import Console
from rich.panel import Panel

from bot.refusal import Refusal
from handlers import logs
from handlers.demo.feed import STEP_SECONDS, history, step
from handlers.demo.replay import open_trace, replay
from handlers.desk import Desk
from handlers.files.contract import read_contract
from handlers.files.manifest import manifest
from handlers.files.usage_csv import UsageFile
from handlers.flows.apply_contract import apply_contract
from handlers.main import build
from handlers.settings import Settings
from playground.config import Config
from playground.server import create
from storage.database import Database
from storage.schema import migrate

log = structlog.get_logger()

FOLDER = Path(".demo")
_KEY = "demo-machine-key-only-local"
_BATCH = 500
_REVIEW_DAYS, _EXPERIMENT_DAYS = 14, 45


@dataclass(frozen=True)
class Demo:
    """What the person asked for. `speed`: how much faster than life a trace is replayed."""

    fresh: bool = False
    usage: Path | None = None
    speed: float = 10
    port: int = 8300
    playground_port: int = 8400


class _Quiet(uvicorn.Server):
    """Two servers share this process; the demo itself listens for Ctrl-C."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(demo: Demo) -> None:
    """Until Ctrl-C. Everything is kept in `.demo/` of the current folder. Raises Refusal."""
    trace = None if demo.usage is None else open_trace(demo.usage)
    FOLDER.mkdir(exist_ok=True)
    with _alone():
        if demo.fresh:
            _forget()
        with (FOLDER / "log.jsonl").open("a") as log:
            logs.set_up("json", to=log)
            asyncio.run(_run(demo, trace))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Raises Refusal while another demo keeps its things here."""
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refusal(
                f"A demo is running in this folder ({FOLDER.resolve()}). Stop it with Ctrl-C, "
                "or start this one in another folder."
            ) from None
        yield


def _forget() -> None:
    for path in FOLDER.iterdir():
        if path.name != "lock":
            path.unlink()


async def _run(demo: Demo, trace: UsageFile | None) -> None:
    bot_at, slack_at = _free(demo.port), _free(demo.playground_port)
    config = _config(bot_at)
    settings = _settings(config, bot_at, slack_at)
    database = Database(settings.database_url)
    await migrate(database)
    bot = build(settings, database)
    await _register(bot.desk)
    servers = _server(create(config), slack_at), _server(bot.app, bot_at)
    serving = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.gather(*(server.up.wait() for server in servers))
    feeding = asyncio.create_task(_feed(f"http://127.0.0.1:{bot_at}", bot.desk, demo.speed, trace))
    feeding.add_done_callback(_say_why)
    _stop_on_signal(feeding, servers)
    _greet(slack_at, bot_at)
    await asyncio.gather(*serving)


def _say_why(feeding: "asyncio.Task[None]") -> None:
    error = None if feeding.cancelled() else feeding.exception()
    if error is not None:
        log.error("no more spend arrives", exc_info=error)


def _free(port: int) -> int:
    """The port, or the next one nobody listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return _free(port + 1)
        return port


def _config(bot_port: int) -> Config:
    return Config(
        bot_url=f"http://127.0.0.1:{bot_port}/slack/events",
        manifest=manifest(),
        state=FOLDER / "slack.db",
    )


def _settings(config: Config, bot_port: int, slack_port: int) -> Settings:
    return Settings(
        database_url=f"sqlite:///{FOLDER / 'budget-bot.db'}",
        slack_bot_token=config.bot_token,
        slack_signing_secret=config.signing_secret,
        slack_app_token=None,
        slack_api_url=f"http://127.0.0.1:{slack_port}/api/",
        api_keys={"demo": _KEY},
        admins=["U0SAM"],
        port=bot_port,
    )


def _server(app: object, port: int) -> _Quiet:
    return _Quiet(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )


def _stop_on_signal(feeding: "asyncio.Task[None]", servers: Iterable[_Quiet]) -> None:
    def stop() -> None:
        feeding.cancel()
        for server in servers:
            server.should_exit = True

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)


async def _register(desk: Desk) -> None:
    today = desk.now().date()
    text = (files("handlers.demo") / "registry.yaml").read_text(encoding="utf-8")
    filled = text.format(
        review_date=today + timedelta(days=_REVIEW_DAYS),
        ends_on=today + timedelta(days=_EXPERIMENT_DAYS),
    )
    async with desk.database.ledger() as ledger:
        if await ledger.teams.all():
            return
        organisation = await desk.organisation(ledger)
        await apply_contract(read_contract(filled), ledger, organisation, desk.now(), file="demo")


async def _feed(address: str, desk: Desk, speed: float, trace: UsageFile | None) -> None:
    headers = {"Authorization": f"Bearer {_KEY}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as machine:
        past = list(history(desk.now()))
        for start in range(0, len(past), _BATCH):
            await machine.post("/v1/usage", json=past[start : start + _BATCH])
        if trace is not None:
            await replay(trace, speed, machine, desk)
        else:
            await _live(machine, desk)


async def _live(machine: httpx.AsyncClient, desk: Desk) -> None:
    number = 0
    while True:
        now = (await machine.get("/v1/workflows/search-ranking")).json()
        climbed = next(one["percent"] for one in now["periods"] if one["kind"] == "weekly")
        await machine.post("/v1/usage", json=step(desk.now(), number, climbed))
        number += 1
        await asyncio.sleep(STEP_SECONDS)


def _greet(slack_port: int, bot_port: int) -> None:
    Console().print(
        Panel(
            f"[bold]http://127.0.0.1:{slack_port}[/bold]   ← open this\n\n"
            "Owen's first alert arrives in #search within a minute.\n"
            "Try  /budget help · /budget request · switch to Ana and approve ·\n"
            "switch to Sam and type  /budget review now\n\n"
            f"[dim]Bot: http://127.0.0.1:{bot_port}/docs · KEY for /v1/usage: {_KEY}\n"
            f"Log: {FOLDER / 'log.jsonl'} · Ctrl-C stops, everything is kept[/dim]",
            title="budget-bot",
            expand=False,
        )
    )
