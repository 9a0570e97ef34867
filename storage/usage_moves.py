"""Telling records anew whose they are, whether they count and what they cost."""

from collections.abc import Iterable, Iterator

from bot.attribution import ASSIGNED
from bot.sources import Kind
from bot.usage import CostBasis, Grain, Usage
from storage.beliefs import Beliefs
from storage.columns import from_micros
from storage.former_owners import FormerOwners
from storage.reading import clues_in, tags_in
from storage.usage_page import Page
from storage.usage_sums import Row

_MONTHLY = "monthly"


def moved(
    page: Page,
    beliefs: Beliefs,
    rows: Iterable[Row],
    *,
    closed: bool = False,
    former: FormerOwners | None = None,
) -> int:
    """How many changed."""
    now = page.now
    changes = [(row, told_anew(beliefs, row, now, closed=closed, former=former)) for row in rows]
    found = [(row, after) for row, after in changes if after != row]
    for before, after in found:
        page.move(before, after)
    return len(found)


def told_anew(
    beliefs: Beliefs,
    row: Row,
    now: int,
    *,
    closed: bool = False,
    former: FormerOwners | None = None,
) -> Row:
    """As it becomes. Of a month that is over, before or after, it stays as it is, unless `closed`
    months are wanted, too; or goes back to its `former` owner, where a recount is undone. `now` is
    in microseconds.
    """
    if row.rule == ASSIGNED:
        return row
    after = _believed(beliefs, row)
    if former is None and (after == row or closed):
        return after
    if _is_open(now, beliefs, (row, after)):
        return after
    owner = former and former.get((row.source, row.id))
    return row._replace(**owner._asdict()) if owner else row


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
        row.own_account or row.account,
        clues_in(row.clues),
        Grain(row.grain),
        Kind.API,
    )


def _believed(beliefs: Beliefs, row: Row) -> Row:
    usage = usage_of(row)
    belief = beliefs.of(usage)
    nanos, basis = beliefs.repriced(usage)
    return row._replace(
        workflow=belief.ruler.key,
        declared=belief.declared,
        rule=belief.rule,
        account=belief.group.account,
        cost=nanos,
        basis=str(basis),
        counts=belief.group.counts,
        own_account=belief.own_account,
    )


def _is_open(now: int, beliefs: Beliefs, pair: tuple[Row, Row]) -> bool:
    return all(now < end for row in pair for end in _month_ends(beliefs, row))


def _month_ends(beliefs: Beliefs, row: Row) -> Iterator[int]:
    spans = beliefs.rulers[row.workflow].slot(row.at).spans
    return (span.end for span in spans if span.cap == _MONTHLY)
