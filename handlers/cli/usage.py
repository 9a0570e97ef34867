"""`budget-bot import`: usage from a CSV file, or a bill from FOCUS files."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from bot.focus.lines import read_name
from bot.imports import Money, Refused, Tally
from bot.money import from_nanos
from bot.money import say as dollars
from bot.periods import check_zone
from bot.refusal import Refusal
from bot.usage import Outcome
from handlers.cli.opening import settings_of
from handlers.cli.saying import REFUSED, err, refusals, say, warn
from handlers.cli.storing import check, store
from handlers.files.focus.header import are_focus, parts_of
from handlers.files.usage_csv import Reading, UsageFile, open_usage
from handlers.settings import Settings

_INTERRUPTED = 130
_STEP = 1_000_000


def import_command(  # noqa: PLR0913 - one for each option
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", show_default=False)],
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
    focus: Annotated[
        bool, typer.Option("--focus", help="It is a FOCUS file, whatever its columns look like.")
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="FOCUS: of this bill, where an account has several."),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="FOCUS: whose bill it is, whoever the file names."),
    ] = None,
    all_services: Annotated[
        bool, typer.Option("--all-services", help="FOCUS: also of services that are no AI.")
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="FOCUS: keep the rest all the same.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="FOCUS: also what looks like another bill.")
    ] = False,
) -> None:
    """Read usage from a CSV file (UTF-8; comma, semicolon or tab), or a bill in FOCUS's format.

    Fields: at, id, workflow, source, provider, model, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, cost, user, run, tags, account, key, key_name, project,
    team, service, repository, grain. Columns of these names are found by themselves. Without an id
    column a row is named by the content of the file and its number, so it may be interrupted and
    run again: nothing is counted twice. A file read before is refused where its rows would be named
    otherwise. To take a wrong one back, read it again with --set cost=0 and its other options.

    A FOCUS file (1.0 to 1.4; CSV, plain or gzip, or Parquet) is known by its columns. It replaces
    what was known of its billing periods as a whole, or changes nothing. Give all parts of an
    export at once, or their folder. `budget-bot source clear` takes a wrong one back.

    Example:  budget-bot import usage.csv --map when=at --set workflow=search-ranking --zone UTC

    Example:  budget-bot import cloud-costs.parquet
    """
    own = {"--map": renamed, "--set": constants, "--zone": zone}
    of_bills = {
        "--name": name,
        "--account": account,
        "--all-services": all_services,
        "--skip-bad-rows": skip_bad_rows,
        "--replace": replace,
    }
    with refusals():
        found = parts_of(files)
        is_focus = focus or are_focus(found)
    _refuse_options(own if is_focus else of_bills)
    if is_focus:
        _import_focus(found, of_bills, dry_run=dry_run)
        return
    reading = Reading(_columns(renamed), _constants(constants), _zone(zone))
    _import_usage(_only(found), reading, dry_run=dry_run)


def _import_focus(files: Sequence[Path], given: Mapping[str, Any], *, dry_run: bool) -> None:
    if sys.platform == "linux":
        # Read when Arrow is loaded; what is chosen later is not heard of by its Parquet reader.
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    # What reads them takes its time and memory to load.
    from handlers.cli.focus import FocusImport, import_focus  # noqa: PLC0415
    from handlers.files.focus.reading import FocusOptions  # noqa: PLC0415

    name, account = (_named(option, given[option]) for option in ("--name", "--account"))
    options = FocusOptions(name, account, all_services=given["--all-services"])
    wanted = FocusImport(options, given["--skip-bad-rows"], given["--replace"], dry_run)
    with refusals():
        import_focus(files, wanted)


def _import_usage(file: Path, reading: Reading, *, dry_run: bool) -> None:
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


def _only(files: Sequence[Path]) -> Path:
    if len(files) > 1:
        raise typer.BadParameter("One file of usage at a time.", param_hint="FILE")
    return files[0]


def _refuse_options(given: Mapping[str, object]) -> None:
    """Those that this kind of file knows nothing of."""
    for option, value in given.items():
        if value:
            raise typer.BadParameter("That is not for this kind of file.", param_hint=option)


def _named(option: str, given: str | None) -> str | None:
    if given is None:
        return None
    try:
        return read_name(given)
    except Refusal as no:
        raise typer.BadParameter(str(no), param_hint=option) from None


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
    if not any(tally.rows.values()):
        warn(["The file has a header and no row below it."])
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
