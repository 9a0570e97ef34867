"""`budget-bot import` of FOCUS files: read whole, then kept in one transaction or not at all."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.charges import Stretch
from bot.focus.changes import Changes, check_newer
from bot.freshness import Source
from handlers.cli import focus_report as report
from handlers.cli.opening import opened, settings_of, tell_database
from handlers.cli.saying import end, err
from handlers.desk import Desk
from handlers.files.focus.reading import (
    FocusOptions,
    FocusPart,
    Replacement,
    open_focus,
    read_focus,
    replacements,
)
from handlers.files.focus.sums import FocusSums
from handlers.flows.record_bill import keep_bill
from handlers.settings import Settings
from storage.ledger import Ledger

_INTERRUPTED = 130


@dataclass(frozen=True)
class FocusImport:
    """What a person asked for. `replace`: also what is most likely another bill."""

    options: FocusOptions
    skip_bad_rows: bool = False
    replace: bool = False
    dry_run: bool = False


@dataclass
class Kept:
    """What was changed, by source and stretch, and the days of accounts; `done` once it is on
    disk. `sources`: as they stand by then, by name.
    """

    changes: list[tuple[Replacement, Changes]] = field(default_factory=list)
    days: set[tuple[str, datetime]] = field(default_factory=set)
    sources: Mapping[str, Source] = field(default_factory=dict)
    done: bool = False


def import_focus(paths: Sequence[Path], wanted: FocusImport) -> None:
    """Raises Refusal, and typer.Exit where it does not succeed."""
    settings = settings_of(Settings)
    parts = open_focus(paths, wanted.options)
    kept = Kept()
    with FocusSums() as sums:
        try:
            _read(parts, sums)
            _check(parts, sums, wanted)
            if not wanted.dry_run:
                asyncio.run(_store(sums, wanted, settings, kept))
        except KeyboardInterrupt:
            _end_interrupted(kept)
        report.tell(parts, sums, kept.changes, kept.sources, dry_run=wanted.dry_run)


def _end_interrupted(kept: Kept) -> None:
    if not kept.done:
        err.print("Interrupted; nothing was stored.")
        raise typer.Exit(_INTERRUPTED) from None


def _read(parts: Sequence[FocusPart], sums: FocusSums) -> None:
    with _progress("Reading", sum(part.file.size for part in parts)) as progress:
        read_focus(parts, sums, lambda byte: progress(completed=byte))


def _check(parts: Sequence[FocusPart], sums: FocusSums, wanted: FocusImport) -> None:
    bad = sum(part.seen.refused for part in parts)
    if bad:
        report.tell_refused(parts)
    if bad and not wanted.skip_bad_rows and not wanted.dry_run:
        rows = "1 row is" if bad == 1 else f"{bad:,} rows are"
        end(f"{rows} not right, so nothing was stored. (--skip-bad-rows leaves them out)")
    if not sums.told:
        report.tell_left_out(parts)
        end("No row is left that could be counted, so nothing was stored.")


async def _store(sums: FocusSums, wanted: FocusImport, settings: Settings, kept: Kept) -> None:
    """All of it in one transaction."""
    terms = sums.terms()
    found = replacements(terms, wanted.options.name)
    async with opened(settings) as desk:
        tell_database(desk.database)
        with _progress("Storing", sum(_days(one.stretch) for one in found)) as progress:
            async with desk.database.ledger() as ledger:
                for one in found:
                    changes = await _replace(one, sums, ledger, desk, kept, progress)
                    if not wanted.replace:
                        check_newer(changes, one.source, report.when(one.stretch))
                    kept.changes.append((one, changes))
                await ledger.reconciliations.mark(kept.days, desk.now())
                kept.sources = {one.name: one for one in await ledger.freshness.sources()}
        kept.done = True


async def _replace(
    one: Replacement,
    sums: FocusSums,
    ledger: Ledger,
    desk: Desk,
    kept: Kept,
    progress: Callable[..., None],
) -> Changes:
    changes, now = Changes(), desk.now()
    for bill in one.bills(sums, now):
        told = await keep_bill(bill, ledger, desk, now)
        kept.days |= told.days
        changes += Changes(told.added, told.changed, told.gone, told.same)
        progress(advance=_days(bill.stretch))
    return changes


def _days(stretch: Stretch) -> int:
    return (stretch.end - stretch.start).days


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[..., None]]:
    """To be told `completed=` or `advance=`."""
    columns = TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        yield partial(bar.update, bar.add_task("", total=total))
