"""`budget-bot doctor`: what is well, what is not, and what to do about it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import typer

from bot import health
from bot.health import Finding, State
from handlers.cli.findings import show
from handlers.cli.opening import settings_of
from handlers.cli.saying import REFUSED, plain, refusals, say
from handlers.desk import Desk
from handlers.files.manifest import manifest
from handlers.settings import BadSettings, ServeSettings, Settings, read_settings
from handlers.slack.asking import asking
from handlers.slack.examination import examined, socket_mode
from handlers.vendors import litellm
from storage.database import Database, Unreachable
from storage.schema import head, revision

_FIRST_STEPS = (
    "Nothing is configured here. To try it without Slack: `budget-bot demo`. To connect your "
    "workspace: the steps under “Connect your workspace” in the README."
)


def doctor_command() -> None:
    """Look at settings, database, Slack, registry, outbox and sources, and say what to do.

    Exits with 1 when something is broken.

    Example:  budget-bot doctor
    """
    with refusals():
        settings = settings_of(Settings)
        findings = (*_settings(), *litellm.known_by(settings), *asyncio.run(_looked_at(settings)))
    show(findings)
    if settings.is_bare:
        say(f"\n{_FIRST_STEPS}")
    if any(finding.state is State.BROKEN for finding in findings):
        raise typer.Exit(REFUSED)


def _settings() -> Iterator[Finding]:
    """`serve` needs more than every other command."""
    try:
        settings = read_settings(ServeSettings)
    except BadSettings as bad:
        for problem in bad.problems:
            name, _, says = problem.partition(": ")
            yield health.broken(name, says, "Set it in the environment or in .env.")
    else:
        yield health.well("settings", "all that `serve` needs")
        keys = settings.api_keys.items()
        yield health.api_keys({name: len(key.get_secret_value()) for name, key in keys})


async def _looked_at(settings: Settings) -> tuple[Finding, ...]:
    database = Database(settings.database_url)
    desk = Desk(database, settings.admins)
    try:
        return (
            *[finding async for finding in _database(database)],
            *[finding async for finding in _rest(settings, desk)],
        )
    finally:
        await database.close()


async def _database(database: Database) -> AsyncIterator[Finding]:
    if database.is_sqlite:
        yield health.sqlite(sqlite3.sqlite_version_info)
    if not _is_there(database):
        todo = "`budget-bot serve` makes it; another one is named by BUDGET_BOT_DATABASE_URL."
        yield health.doubtful("database", f"{database.url.database} is not there yet", todo)
        return
    try:
        yield health.schema(await revision(database), head())
    except Unreachable as error:
        yield health.broken("database", plain(error), "Look at BUDGET_BOT_DATABASE_URL.")


async def _rest(settings: Settings, desk: Desk) -> AsyncIterator[Finding]:
    channels: set[str] = set()
    if await _is_current(desk.database):
        async with desk.database.reading() as ledger:
            organisation = await desk.organisation(ledger)
            teams = await ledger.teams.all()
            backlog = await ledger.notices.backlog(desk.now())
            troubled = await ledger.notices.troubled(limit=10)
            fresh = await ledger.freshness.sources()
        channels = {team.channel for team in teams} | {organisation.admin_channel or ""} - {""}
        for finding in (
            *health.organisation(organisation, teams),
            *health.outbox(backlog, troubled),
            *health.sources(fresh, desk.now()),
        ):
            yield finding
    async for finding in _slack(settings, channels):
        yield finding


async def _slack(settings: Settings, channels: set[str]) -> AsyncIterator[Finding]:
    token, app_token = settings.slack_bot_token, settings.slack_app_token
    if token is not None:
        client = asking(token.get_secret_value(), settings.slack_api_url)
        wanted = manifest()["oauth_config"]["scopes"]["bot"]
        async for finding in examined(client, wanted, channels):
            yield finding
    if app_token is not None:
        yield await socket_mode(app_token.get_secret_value(), settings.slack_api_url)


async def _is_current(database: Database) -> bool:
    try:
        return _is_there(database) and await revision(database) == head()
    except Unreachable:
        return False


def _is_there(database: Database) -> bool:
    """Looking must not make a SQLite file."""
    return not database.is_sqlite or Path(database.url.database or "").exists()
