"""`/budget sources`: where spend is heard of, and how each source stands."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.attribution import Clue
from bot.cards.freshness import vendor_named
from bot.cards.kit import actions, button, clip, escape, section, when
from bot.cards.pages import page
from bot.cards.rule_words import somebodys
from bot.cards.troubles import source_named
from bot.freshness import Ailment, Source, mark
from bot.notices import Block, Card
from bot.source_words import (
    KINDS,
    counted,
    heard_word,
    lag,
    lane_word,
    shortened,
    whole_day,
    why_not,
)
from bot.sources import Kind

_ACCOUNTS = 6
_SOMEBODYS = somebodys(Clue.SOURCE)


def sources(
    known: Sequence[Source],
    zone: str,
    now: datetime,
    *,
    start: int,
    whole: bool,
    unnamed: Collection[str] = (),
) -> Card:
    """`whole`: with errors, and all there are; else those of one's own workflows. `unnamed`: they
    would say who somebody is.
    """
    seen = [replace(one, name=_SOMEBODYS) if one.name in unnamed else one for one in known]
    entries = ["\n".join(_entry(one, zone, now, whole=whole)) for one in seen]
    shown, following = page(entries, start)
    head = _head(len(entries), start, len(shown), whole=whole)
    blocks: list[Block] = [section(head), *map(section, shown)]
    if following is not None:
        blocks.append(actions(button("Show more", "sources.list", str(following))))
    return Card(clip("\n".join((head, *shown)), 3_900), tuple(blocks))


def _head(count: int, start: int, shown: int, *, whole: bool) -> str:
    if not count and whole:
        return (
            "*No source yet.* Send spend to `POST /v1/usage`, point LiteLLM or OpenTelemetry here, "
            "or run `budget-bot import`."
        )
    if not count:
        return "No source has brought spend of your workflows in the last 14 days."
    which = "" if shown == count else f", {start + 1} to {start + shown}"
    return f"*{'Sources of spend' if whole else 'Sources of your workflows'}* ({count}{which})"


def _entry(source: Source, zone: str, now: datetime, *, whole: bool) -> Iterator[str]:
    accounts = ", ".join(
        map(vendor_named, [*dict.fromkeys(filter(None, source.accounts))][:_ACCOUNTS])
    )
    about = (KINDS[source.kind], lane_word(source), accounts)
    yield f"*{source_named(source.name)}* · {' · '.join(filter(None, about))}"
    known = (*_told(source, zone), lag(source, now), counted(source))
    yield " · ".join(filter(None, known))
    error = _error(source, zone) if whole else ""
    trouble = Ailment.FAILING if error else mark(source, now)
    if trouble is not None:
        yield f"⚠ {trouble}{error}"
    for why in why_not(source):
        yield escape(clip(why, 400))


def _told(source: Source, zone: str) -> Iterator[str]:
    through = source.pull.through if source.pull and source.pull.through else source.through
    if through is not None and source.kind is not Kind.MANUAL:
        yield f"through {whole_day(source, through) or when(through, zone)}"
    if source.succeeded is not None:
        yield f"{heard_word(source)} {when(source.succeeded, zone)}"


def _error(source: Source, zone: str) -> str:
    """From the first one on; the alarm waits for more."""
    pull = source.pull
    if pull is None or not pull.error:
        return ""
    times = "once" if pull.failures == 1 else f"{pull.failures} times in a row"
    tried = f" Last tried {when(pull.failed_at, zone)}." if pull.failed_at else ""
    return f", {times}: {escape(shortened(pull.error))}{tried}"
