"""A source that fails, is late or silent, said to admins; and that it is heard again."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.cards.kit import clip, context, escape, section, when
from bot.cards.terms import titled
from bot.freshness import Ailing, Ailment, Source, is_watched
from bot.notices import Card
from bot.source_words import shortened, whole_day
from bot.sources import BY_HAND
from bot.workflows import Workflow

_WORKFLOWS = 10


def trouble(ailing: Ailing, fed: Sequence[Workflow], zone: str, now: datetime) -> Card:
    """`fed`: the active workflows that had spend from it lately."""
    parts = (_headline(ailing, zone, now), _todo(ailing, zone))
    budgets = "\n".join(_low(fed))
    fine = "Said once; this message is kept current."
    text = "\n".join((*parts, budgets, fine))
    return Card(clip(text, 3_900), (*map(section, (*parts, budgets)), context(fine)))


def over(source: Source, zone: str, now: datetime) -> Card:
    name, since = source_named(source.name), when(source.told or now, zone)
    if source.kind in BY_HAND:
        text = f"*{name}* is brought by hand, so nobody waits for it."
    elif not is_watched(source):
        text = f"*{name}* counts nowhere any more, so nobody waits for it."
    else:
        text = (
            f"*{name}*: heard again {when(source.succeeded or now, zone)}, after trouble since "
            f"{since}. What comes late still lands in its own period."
        )
    return Card(text, (section(text),))


def source_named(name: str) -> str:
    return escape(clip(name, 80)) or "(no name)"


def _headline(ailing: Ailing, zone: str, now: datetime) -> str:
    source, since = ailing.source, when(ailing.since, zone)
    name, pull = f"⚠ *{source_named(source.name)}*", source.pull
    match ailing.trouble:
        case Ailment.FAILING if pull is not None:
            error = f"\nLast error: {escape(shortened(pull.error))}" if pull.error else ""
            last = f"It last succeeded {since}." if pull.succeeded_at else "It never succeeded yet."
            return f"{name} fails: {pull.failures} pulls in a row. {last}{error}"
        case Ailment.LATE:
            told = whole_day(source, ailing.since) or since
            return f"{name} is late: it answers, and tells of nothing after {told}."
    return (
        f"{name} is silent since {since}: nothing for {_long(now - ailing.since)}, longer than it "
        "uses to pause."
    )


def _long(stretch: timedelta) -> str:
    hours = stretch // timedelta(hours=1)
    if hours >= 48:  # noqa: PLR2004 - two days are said as days
        return f"{hours // 24} days"
    return "an hour" if hours <= 1 else f"{hours} hours"


def _todo(ailing: Ailing, zone: str) -> str:
    source = ailing.source
    match ailing.trouble:
        case Ailment.FAILING if source.pull is not None:
            return (
                f"*What to do*: `budget-bot source test {source_named(source.name)}` says what is "
                f"wrong. It is asked again by itself {when(source.pull.due_at, zone)}; nothing is "
                "lost or counted twice."
            )
        case Ailment.LATE:
            return (
                "*What to do*: look whether the vendor's own page shows newer days. What comes "
                "late still lands in its own period."
            )
    return f"*What to do*: {_SILENT[_way(source)]}"


def _way(source: Source) -> str:
    return source.kind.value if source.kind.value in _SILENT else "api"


_SILENT = {
    "api": "look whether its sender still runs, has its key, and reaches budget-bot. Records that "
    "are sent later still land in their own period.",
    "gateway": "look whether the gateway runs and still has budget-bot as its callback. Calls that "
    "are sent later still land in their own period.",
    "telemetry": "look whether the program still exports (its endpoint and key), and whether its "
    "collector runs. What a client did not keep is lost here; the bill will show it.",
}


def _low(fed: Sequence[Workflow]) -> Iterator[str]:
    if not fed:
        yield "No active workflow had spend from it in the last 14 days."
        return
    yield "*These budgets may hold more than they show* (spend from it in the last 14 days):"
    yield from (f"• {titled(one)}" for one in fed[:_WORKFLOWS])
    if len(fed) > _WORKFLOWS:
        yield f"and {len(fed) - _WORKFLOWS} more"
