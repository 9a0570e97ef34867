"""Telling records anew whose they are, whether they count and what they cost."""

from collections.abc import Iterable, Iterator

import msgspec

from bot.attribution import ASSIGNED
from bot.sources import Kind
from bot.usage import CostBasis, Grain, Usage
from storage.beliefs import Beliefs
from storage.columns import from_micros
from storage.reading import clues_in, tags_in
from storage.usage_page import Page
from storage.usage_sums import Row

_MONTHLY = "monthly"


def moved(page: Page, beliefs: Beliefs, rows: Iterable[Row], *, closed: bool = False) -> int:
    """How many changed. Those of a month that is over, before or after, stay as they are, unless
    `closed` months are wanted, too.
    """
    changes = [(row, _told_anew(beliefs, row)) for row in rows if row.rule != ASSIGNED]
    found = [(row, after) for row, after in changes if after != row]
    found = [pair for pair in found if closed or _is_open(page, beliefs, pair)]
    for before, after in found:
        page.move(before, after)
    return len(found)


def usage_of(row: Row) -> Usage:
    """As it was sent, for all that rules look at."""
    return Usage(
        row.source,
        row.id,
        row.said,
        from_micros(row.at),
        row.provider,
        row.model,
        row.input_tokens,
        row.output_tokens,
        row.cache_read_tokens,
        row.cache_write_tokens,
        row.cost,
        CostBasis(row.basis),
        row.user,
        row.run,
        tags_in(row.tags),
        "",
        row.account,
        clues_in(row.clues),
        Grain(row.grain),
        Kind.API,
    )


def _told_anew(beliefs: Beliefs, row: Row) -> Row:
    usage = usage_of(row)
    belief = beliefs.of(msgspec.structs.replace(usage, account=beliefs.account_anew(usage)))
    nanos, basis = beliefs.repriced(usage)
    return row._replace(
        workflow=belief.ruler.key,
        declared=belief.declared,
        rule=belief.rule,
        account=belief.group.account,
        cost=nanos,
        basis=str(basis),
        counts=belief.group.counts,
    )


def _is_open(page: Page, beliefs: Beliefs, pair: tuple[Row, Row]) -> bool:
    return all(page.now < end for row in pair for end in _month_ends(beliefs, row))


def _month_ends(beliefs: Beliefs, row: Row) -> Iterator[int]:
    spans = beliefs.rulers[row.workflow].slot(row.at).spans
    return (span.end for span in spans if span.cap == _MONTHLY)
