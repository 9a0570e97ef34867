"""Book the rows of a file, batch by batch: what is counted is on disk."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice

from bot.cards.kit import clip
from bot.changes import Change
from bot.imports import Tally, about_file, check_naming, read_first
from bot.refusal import Refusal
from bot.usage import TAKEN, Answer, NotUsage, Outcome, Usage
from handlers.cli.opening import opened, tell_database
from handlers.cli.saying import warn
from handlers.desk import Desk
from handlers.files.usage_csv import UsageFile
from handlers.flows.record_usage import record_usage
from handlers.settings import Settings
from handlers.steps.quiet_marks import QuietMarks
from storage.database import Database

_AT_ONCE = 5_000
_MOST_NAMES = 1_000
_SHOWN = 300

Row = tuple[int, Usage | NotUsage]


def check(
    usage: UsageFile, settings: Settings, tally: Tally, at_byte: Callable[[int], None]
) -> bool:
    """Reads it all, and touches no database. False when it was interrupted."""
    now = Desk(Database(settings.database_url)).now()
    try:
        for line, row in usage.rows(now, at_byte):
            if isinstance(row, Usage):
                tally.count(line, TAKEN, row)
            else:
                tally.count(line, _refusal(row))
    except KeyboardInterrupt:
        return False
    return True


async def store(
    usage: UsageFile, settings: Settings, tally: Tally, at_byte: Callable[[int], None]
) -> bool:
    """False when it was interrupted: after the batch at hand, which is counted."""
    stop, marks, names = _stop(), QuietMarks(), set[str]()
    async with opened(settings) as desk:
        tell_database(desk.database)
        mark = await _mark(usage, desk)
        rows = usage.rows(desk.now(), at_byte)
        while (batch := list(islice(rows, _AT_ONCE))) and not stop.is_set():
            answers = await _booked(desk, batch, marks, None if tally.stored else mark)
            for (line, row), answer in zip(batch, answers, strict=True):
                booked = row if isinstance(row, Usage) else None
                tally.count(line, answer, booked)
                if booked is not None and len(names) < _MOST_NAMES:
                    names.add(booked.workflow)
        await _tell_unregistered(desk, names)
    return not batch


async def _mark(usage: UsageFile, desk: Desk) -> Change | None:
    """What to keep of a file that is read for the first time. Raises ReadBefore."""
    naming = usage.columns.naming
    async with desk.database.reading() as ledger:
        before = await ledger.changes.of(about_file(usage.digest), limit=1)
    for one in before:
        check_naming(naming, one)
    return None if before else read_first(usage.digest, naming, desk.now())


def _stop() -> asyncio.Event:
    """Set by the first Ctrl-C; the second one ends the program at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def once(number: int) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows knows no such handlers; there the batch at hand is undone instead.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, once, number)
    return stop


async def _booked(
    desk: Desk, batch: Sequence[Row], marks: QuietMarks, mark: Change | None
) -> list[Answer]:
    """One answer a row, in order; what is answered is on disk."""
    usages = [row for _, row in batch if isinstance(row, Usage)]
    booked = iter(await _record(desk, usages, marks, mark))
    return [_refusal(row) if isinstance(row, NotUsage) else next(booked) for _, row in batch]


async def _record(
    desk: Desk, usages: Sequence[Usage], marks: QuietMarks, mark: Change | None
) -> Sequence[Answer]:
    if not usages:
        return ()
    try:
        async with desk.database.ledger() as ledger:
            done = await record_usage(usages, ledger, desk, desk.now(), marks)
            if mark is not None and _is_any_stored(done.recorded.answers):
                await ledger.changes.add(mark)
    except Refusal as no:
        return [_refusal(no)] * len(usages)
    marks.remember(done.recorded.registry_version, done.quiet)
    return done.recorded.answers


def _is_any_stored(answers: Sequence[Answer]) -> bool:
    return any(answer.outcome is not Outcome.REFUSED for answer in answers)


def _refusal(no: Refusal) -> Answer:
    return Answer(Outcome.REFUSED, no.field, str(no))


async def _tell_unregistered(desk: Desk, names: set[str]) -> None:
    async with desk.database.reading() as ledger:
        known = await ledger.workflows.find(names)
    strange = sorted(names - known.keys() - {""})
    if strange:
        shown = clip(", ".join(strange), _SHOWN)
        warn([f"Nobody registered {shown}: that spend is kept as unattributed."])
    if "" in names:
        warn(["Rows without a workflow are kept as unattributed. (--set workflow=KEY)"])
