"""`budget-bot source clear`: an imported bill is taken away again."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.clearing import Clearing, clearable, clearing, read_months
from bot.freshness import Source
from bot.money import say as dollars
from bot.source_words import why_not
from handlers.cli.opening import opened, settings_of, tell_database
from handlers.cli.saying import end, refusals, say
from handlers.desk import Desk
from handlers.flows.clear_bill import clear_bill
from handlers.settings import Settings


def clear_command(
    name: Annotated[str, typer.Argument(metavar="bill/focus-NAME", show_default=False)],
    *,
    months: Annotated[
        list[str] | None,
        typer.Option("--month", metavar="MONTH", help="Only this one, as 2026-10. Repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take back what `import` of FOCUS files has kept of a bill, all or some months of it: figures
    become what they are without it. Says what goes, and asks.

    What is only an older file of the same bill needs no taking back: a newer one replaces it.

    Example:  budget-bot source clear bill/focus-payer-2 --month 2026-10
    """
    with refusals():
        asyncio.run(_clear(settings_of(Settings), name, months or (), yes=yes))


async def _clear(settings: Settings, name: str, months: Sequence[str], *, yes: bool) -> None:
    async with opened(settings) as desk:
        tell_database(desk.database)
        source, wanted = await _look(desk, name, months)
        _show(source, wanted)
        if not yes and not _is_meant():
            end("Nothing was changed. (--yes does not ask)")
        async with desk.database.ledger() as ledger:
            days = await clear_bill(wanted, ledger, desk.now())
    count = "1 day is" if days == 1 else f"{days:,} days are"
    say(f"Taken away. {count} settled again by the running bot; figures follow.", "bold green")


async def _look(desk: Desk, name: str, months: Sequence[str]) -> tuple[Source, Clearing]:
    wanted = read_months(months, desk.now().date())
    async with desk.database.reading() as ledger:
        source = clearable(name, await ledger.freshness.sources())
        told = await ledger.bill_lines.by_day(source.name)
    return source, clearing(source.name, told, wanted)


def _show(source: Source, wanted: Clearing) -> None:
    term = f"{wanted.first:%Y-%m-%d} to {wanted.last:%Y-%m-%d}"
    size = f"{_counted(wanted.lines, 'line')} on {_counted(wanted.days, 'day')}"
    say(f"{wanted.source}, {', '.join(wanted.accounts)}, {term}: {size}, {dollars(wanted.cost)}")
    for why in why_not(source):
        say(f"{wanted.source} is {why}")
    if wanted.left:
        say(f"{_counted(sum(one.lines for one in wanted.left), 'line')} of other months: kept")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _is_meant() -> bool:
    try:
        return typer.confirm("Take this away?")
    except typer.Abort:
        # Nobody is there to ask.
        say()
        return False
