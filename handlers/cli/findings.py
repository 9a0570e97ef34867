"""Findings as a table: a sign, what it is about, what was found, and in bold what to do."""

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from bot.health import Finding, State
from handlers.cli.saying import out

_SIGNS = {State.WELL: "[green]✓[/]", State.DOUBTFUL: "[yellow]![/]", State.BROKEN: "[red]✗[/]"}


def show(findings: Iterable[Finding]) -> None:
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0))
    for finding in findings:
        todo = f"\n[bold]{escape(finding.todo)}[/]" if finding.todo else ""
        table.add_row(_SIGNS[finding.state], escape(finding.about), escape(finding.says) + todo)
    out.print(table)
