"""What a FOCUS file held, what of it was left out or refused, and what it changed."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from bot.charges import DAY, Stretch
from bot.focus.changes import Changes
from bot.focus.lines import instant
from bot.freshness import Source
from bot.imports import Refused
from bot.money import say as dollars
from bot.source_words import why_not
from handlers.cli.saying import say, warn
from handlers.files.focus.reading import FocusPart, Replacement
from handlers.files.focus.sums import FocusSums


def tell(
    parts: Sequence[FocusPart],
    sums: FocusSums,
    changed: Sequence[tuple[Replacement, Changes]],
    sources: Mapping[str, Source],
    *,
    dry_run: bool,
) -> None:
    """What a dry run finds may count or not: it looks at no database."""
    counting = set(_counting(changed, sources))
    rows = sum(part.seen.rows for part in parts)
    say(f"{rows:>12,} {'row' if rows == 1 else 'rows'} read")
    for (account, first, end), told in sorted(sums.told.items()):
        term = when(Stretch(instant(first), instant(end)))
        cost = _cost(told.effective, told.billed)
        kept = "counted" if account in counting else "kept, in no figure"
        said = "would be kept" if dry_run else kept
        say(f"{told.rows:>12,} {said}: {account}, {term}: {cost}")
    for one, changes in changed:
        say(f"{'':>12} {one.source}, {when(one.stretch)}: {_changes(changes)}")
    for name in dict.fromkeys(one.source for one, _ in changed):
        for why in why_not(sources[name]):
            say(f"{'':>12} {name} is {why}")
    tell_left_out(parts)
    _tell_moved(parts)


def _counting(
    changed: Sequence[tuple[Replacement, Changes]], sources: Mapping[str, Source]
) -> Iterator[str]:
    """The accounts of which what was kept is in figures."""
    for one, _ in changed:
        yield from filter(sources[one.source].counts_for, (term.account for term in one.terms))


def tell_left_out(parts: Sequence[FocusPart]) -> None:
    rows = sum(part.seen.left_out for part in parts)
    if rows:
        cost = sum((part.seen.left_out_cost for part in parts), Decimal(0))
        say(f"{rows:>12,} left out, of services that are no AI: {dollars(cost)} (--all-services)")


def tell_refused(parts: Sequence[FocusPart]) -> None:
    for part in parts:
        lines, name = part.lines(), f"{part.file.path.name}, " if len(parts) > 1 else ""
        for kind in sorted(part.seen.tally.refused.values(), key=lambda kind: -kind.rows):
            about = f"{kind.about}: " if kind.about else ""
            warn([f"{kind.rows:>12,} × {about}{kind.reason} ({name}line {_lines(kind, lines)})"])


def when(stretch: Stretch) -> str:
    return f"{stretch.start:%Y-%m-%d} to {stretch.end - DAY:%Y-%m-%d}"


def _cost(effective: Decimal, billed: Decimal) -> str:
    """Budgets count EffectiveCost; the invoice is BilledCost."""
    if effective == billed:
        return dollars(effective)
    return f"{dollars(effective)} (billed {dollars(billed)}: part was or is paid at another time)"


def _changes(changes: Changes) -> str:
    before = changes.changed + changes.gone + changes.same
    if before == changes.same and not changes.added:
        return f"{_charges(changes.same)} as before"
    said = f"{_charges(changes.added)} added"
    if before:
        said += f", {changes.changed:,} changed, {changes.gone:,} gone, {changes.same:,} as before"
    return said


def _charges(count: int) -> str:
    return f"{count:,} {'charge' if count == 1 else 'charges'}"


def _tell_moved(parts: Sequence[FocusPart]) -> None:
    rows = sum(part.seen.moved for part in parts)
    if rows:
        cost = sum((part.seen.moved_cost for part in parts), Decimal(0))
        say(
            f"{rows:>12,} of days outside their billing period, on its nearest day: {dollars(cost)}"
        )


def _lines(kind: Refused, lines: Mapping[int, int]) -> str:
    """The words are those of the first; where the others' differ, it says so."""
    first, *others = (f"{lines[row]:,}" for row in sorted(kind.lines))
    if kind.rows > len(kind.lines):
        others.append("…")
    if not others:
        return first
    return f"{first}{'; likewise ' if kind.differ else ', '}{', '.join(others)}"
