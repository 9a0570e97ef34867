"""`budget-bot source list | test | pull | clear`: vendors' bills, asked for by hand."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column, Table

from bot import pulls
from bot.charges import Stretch
from bot.freshness import Source
from bot.health import Finding, State
from bot.names import quoted
from bot.pulls import Pull
from bot.refusal import Refusal
from bot.source_words import facts, through
from handlers.cli.clearing import clear_command
from handlers.cli.findings import show
from handlers.cli.opening import opened, settings_of, tell_database
from handlers.cli.saying import REFUSED, end, err, flowing, out, refusals, say, warn
from handlers.desk import Desk
from handlers.settings import Settings
from handlers.vendors import litellm
from handlers.vendors.connector import Connector, Told
from handlers.vendors.connectors import WANTED, connectors, named
from handlers.vendors.examination import Sum, examined

_OLDEST = date(2000, 1, 1)
_Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]

source = typer.Typer(
    no_args_is_help=True,
    help=flowing("""Vendors' bills, which the running bot asks for by itself.

    A vendor is asked once its credential is set; `list` says which variable that is. `clear` takes
    back what a FOCUS file has brought."""),
    epilog="Examples:  budget-bot source list  ·  budget-bot source test openai  ·  "
    "budget-bot source pull anthropic --since 2026-10-01  ·  "
    "budget-bot source clear bill/focus-payer-2",
)
source.command("clear", help=flowing(clear_command.__doc__))(clear_command)


@source.command(
    "list", help="Where spend is heard of: who is asked, how far each has told, what is wrong."
)
def list_command() -> None:
    with refusals():
        settings = settings_of(Settings)
        known = connectors(settings)
        asyncio.run(_listed(settings, known))


async def _listed(settings: Settings, known: tuple[Connector, ...]) -> None:
    async with opened(settings) as desk, desk.database.reading() as ledger:
        told = {pull.source: pull for pull in await ledger.pulls.all()}
        heard = {one.name: one for one in await ledger.freshness.sources() if one.is_listed}
        now = desk.now()
    tell_database(desk.database)
    table = Table("source", Column("as it stands", overflow="fold"), box=None)
    for connector in known:
        about = [_standing(told.get(connector.source))]
        about += [_facts(heard, connector.source, now)] if connector.source in heard else []
        table.add_row(connector.source, "\n".join(about))
    for name in sorted(heard.keys() - {connector.source for connector in known}):
        table.add_row(escape(_printable(name)), _facts(heard, name, now))
    for name in sorted(WANTED.keys() - {connector.source for connector in known} - heard.keys()):
        table.add_row(name, f"not set up: {WANTED[name]}", style="dim")
    out.print(table)


def _facts(heard: Mapping[str, Source], name: str, now: datetime) -> str:
    return escape(_printable(facts(heard[name], now)))


def _printable(text: str) -> str:
    """Nothing that a terminal would obey."""
    return "".join(letter for letter in text if letter.isprintable())


def _standing(pull: Pull | None) -> str:
    if pull is None:
        return "not asked yet"
    at = pull.succeeded_at
    said = f"{_through(pull)}, {f'last success {_minute(at)}' if at else 'never succeeded'}"
    return said if not pull.error else f"{said}\n[red]{escape(pull.error)}[/]"


def _through(pull: Pull) -> str:
    return f"told {through(pull.through)}" if pull.through else "nothing told yet"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@source.command(
    "test",
    help=flowing("""Ask a source for its last day, book nothing, and say what
    works: address, credential, permission, rows and dollars, currency, freshness."""),
)
def test_command(name: _Name) -> None:
    with refusals():
        settings = settings_of(Settings)
        connector = named(name, connectors(settings))
        findings = asyncio.run(_tested(settings, connector))
    show(findings)
    if any(finding.state is State.BROKEN for finding in findings):
        raise typer.Exit(REFUSED)


async def _tested(settings: Settings, connector: Connector) -> tuple[Finding, ...]:
    known_by = litellm.known_by(settings) if connector.vendor.name == litellm.NAME else ()
    async with opened(settings) as desk:
        return *known_by, *await examined(connector, desk)


@source.command(
    "pull",
    help=flowing("""Ask a source now, and book what it says. Interrupted, it
    goes on where it stopped; nothing is counted twice."""),
)
def pull_command(
    name: _Name,
    *,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="From this UTC day on, as in 2026-10-01, and wholly: also what is settled.",
        ),
    ] = None,
) -> None:
    with refusals():
        settings = settings_of(Settings)
        connector = named(name, connectors(settings))
        pull, total = asyncio.run(_pulled(settings, connector, since))
    if pull is None:
        end(f"{connector.source} is being pulled just now; the running bot books what it says.")
    say(f"{connector.source}: {total}; {_through(pull)}.")
    if pull.error:
        end(pull.error, ["What is whole is booked; the next pull goes on from there."])


async def _pulled(
    settings: Settings, connector: Connector, since: str | None
) -> tuple[Pull | None, Sum]:
    # The flows take a moment to load; no other command waits for them.
    from handlers.vendors.pulling import Puller  # noqa: PLC0415

    async with opened(settings) as desk:
        begin = None if since is None else _day(since, connector, desk.now())
        with _progress() as progress:
            heard = _Heard(progress, connector, desk)
            puller = Puller(desk, (connector,))
            pull = await puller.pull(connector, early=True, since=begin, heard=heard)
    return pull, heard.total


class _Heard:
    """Moves the bar, and adds up."""

    def __init__(self, progress: Progress, connector: Connector, desk: Desk) -> None:
        self.total = Sum()
        self._progress, self._connector, self._now = progress, connector, desk.now()
        self._task = progress.add_task(connector.source, total=None)
        self._steps = 0

    def __call__(self, step: Stretch, told: Told) -> None:
        self.total += Sum.of(told)
        self._steps += 1
        left = sum(1 for _ in pulls.steps(step.end, self._now, self._connector.step))
        self._progress.update(self._task, completed=self._steps, total=self._steps + left)


def _progress() -> Progress:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*bar, console=err, transient=True)


def _day(text: str, connector: Connector, now: datetime) -> datetime:
    """Raises Refusal."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{quoted(text)} is no date: write it like 2026-10-01.") from None
    begin = datetime.combine(day, time(), UTC)
    if not day >= _OLDEST or begin > now:
        raise Refusal(f"{day:%d %b %Y} is not a day that a bill can be told of.")
    oldest = begin if connector.oldest is None else connector.oldest(now)
    if begin < oldest:
        warn([f"{connector.vendor.name} tells nothing before {oldest:%d %b %Y}; begun there."])
    return begin
