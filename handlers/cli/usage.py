"""`budget-bot import`: usage from a CSV file."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from bot.imports import Money, Refused, Tally
from bot.money import from_nanos
from bot.money import say as dollars
from bot.periods import check_zone
from bot.refusal import Refusal
from bot.usage import Outcome
from handlers.cli.opening import settings_of
from handlers.cli.saying import REFUSED, err, refusals, say, warn
from handlers.cli.storing import check, store
from handlers.files.usage_csv import Reading, UsageFile, open_usage
from handlers.settings import Settings

_INTERRUPTED = 130
_STEP = 1_000_000


def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", show_default=False)],
    *,
    renamed: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="A column of another name. Repeatable."),
    ] = None,
    constants: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="The same in every row. Repeatable."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="For times without one, as in Europe/Berlin."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; store nothing.")] = False,
) -> None:
    """Read usage from a CSV file (UTF-8; comma, semicolon or tab), of any size.

    Fields: at, id, workflow, source, provider, model, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, cost, user, run, tags. Columns of these names are found
    by themselves. Without an id column a row is named by the content of the file and its number,
    so it may be interrupted and run again: nothing is counted twice.

    Example:  budget-bot import usage.csv --map when=at --set workflow=search-ranking --zone UTC
    """
    reading = Reading(_columns(renamed), _constants(constants), _zone(zone))
    with refusals():
        settings = settings_of(Settings)
        usage = open_usage(file, reading)
        _tell_ignored(usage)
        tally = Tally()
        done = _run(usage, settings, tally, dry_run=dry_run)
    _report(tally, dry_run=dry_run)
    if not done:
        _tell_interrupted(dry_run=dry_run)
        raise typer.Exit(_INTERRUPTED)
    raise typer.Exit(REFUSED if tally.rows[Outcome.REFUSED] and not tally.stored else 0)


def _columns(given: list[str] | None) -> dict[str, str]:
    return _once("--map", [one.rpartition("=") for one in given or ()])


def _constants(given: list[str] | None) -> dict[str, str]:
    return _once("--set", [one.partition("=") for one in given or ()])


def _once(option: str, given: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    pairs = [(name.strip(), value.strip()) for name, _, value in given]
    if not all(name and value for name, value in pairs):
        raise typer.BadParameter(f"Write it like {option} NAME=VALUE.", param_hint=option)
    if len(dict(pairs)) < len(pairs):
        raise typer.BadParameter("One name is there twice.", param_hint=option)
    return dict(pairs)


def _zone(name: str | None) -> str | None:
    try:
        return None if name is None else check_zone(name)
    except Refusal as no:
        raise typer.BadParameter(str(no), param_hint="--zone") from None


def _tell_ignored(usage: UsageFile) -> None:
    if usage.columns.ignored:
        warn([f"Not read: the columns {', '.join(usage.columns.ignored)}. (--map COLUMN=FIELD)"])


def _run(usage: UsageFile, settings: Settings, tally: Tally, *, dry_run: bool) -> bool:
    """False when it was interrupted. `tally` holds what is stored by then."""
    with _progress(usage) as at_byte:
        if dry_run:
            return check(usage, settings, tally, at_byte)
        try:
            return asyncio.run(store(usage, settings, tally, at_byte))
        except KeyboardInterrupt:
            return False


@contextmanager
def _progress(usage: UsageFile) -> Iterator[Callable[[int], None]]:
    bar = Progress(
        TextColumn(usage.path.name),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=usage.size)
        shown = 0

        def at_byte(byte: int) -> None:
            # Called for each line; drawing each would take longer than reading it.
            nonlocal shown
            if byte - shown >= _STEP:
                shown = byte
                bar.update(task, completed=byte)

        yield at_byte


def _report(tally: Tally, *, dry_run: bool) -> None:
    said = {Outcome.TAKEN: "would be read" if dry_run else "taken"}
    for outcome in Outcome:
        if tally.rows[outcome] or outcome is Outcome.TAKEN:
            word, money = said.get(outcome, outcome.value), _money(tally.money[outcome])
            say(f"{tally.rows[outcome]:>12,} {word}{money and f': {money}'}")
    for kind in sorted(tally.refused.values(), key=lambda kind: -kind.rows):
        about = f"{kind.about}: " if kind.about else ""
        warn([f"{kind.rows:>12,} × {about}{kind.reason} (line {_lines(kind)})"])


def _money(booked: Money) -> str:
    parts = []
    if booked.nanos:
        parts.append(dollars(from_nanos(booked.nanos)))
    if booked.assumed:
        assumed = dollars(from_nanos(booked.assumed))
        parts.append(f"of which {assumed} assumed (unknown model: --set model=NAME)")
    if booked.unmetered:
        parts.append(f"{booked.unmetered:,} unmetered (no cost, no tokens)")
    return ", ".join(parts)


def _lines(kind: Refused) -> str:
    """The words are those of the first; where the others' differ, it says so."""
    first, *others = map(str, kind.lines)
    if kind.rows > len(kind.lines):
        others.append("…")
    if not others:
        return first
    return f"{first}{'; likewise ' if kind.differ else ', '}{', '.join(others)}"


def _tell_interrupted(*, dry_run: bool) -> None:
    if dry_run:
        err.print("Interrupted; nothing was stored.")
        return
    err.print(
        "Interrupted. What is counted above is stored; run the same command again for the rest: "
        "nothing is counted twice."
    )
