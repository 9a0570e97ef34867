"""How far the sources of a figure have told, in one line: `Data through 14:05 (gateway)`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from bot.cards.kit import At, clip, context, escape, when
from bot.freshness import Ailment, Feed
from bot.notices import Card
from bot.sources import Lane

_REALTIME = 4
_BILLED = 3
_NAME = 40
_TEXT = 3_900
# Vendors as people call them.
_VENDORS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "github.copilot": "GitHub Copilot",
    "cursor": "Cursor",
    "openrouter": "OpenRouter",
    "aws.bedrock": "AWS Bedrock",
    "gcp.vertex_ai": "Vertex AI",
    "azure.ai.openai": "Azure OpenAI",
}


def freshness(
    feeds: Sequence[Feed], zone: str, newest: datetime | None = None, *, at: At = when
) -> str:
    """Empty where nothing has come. `newest`: of the figure itself, where no source is known."""
    live = [feed for feed in feeds if feed.lane is not Lane.BILLED]
    bills = [feed for feed in feeds if feed.lane is Lane.BILLED]
    parts = []
    if live:
        told = (_live(feed, zone, at) for feed in live)
        parts.append(f"Data through {_listed(told, _REALTIME, len(live))}.")
    elif newest is not None:
        parts.append(f"Data through {at(newest, zone)}.")
    if bills:
        parts.append(f"{_listed(map(_billed, bills), _BILLED, len(bills))}.")
    return " ".join(parts)


def with_freshness(card: Card, feeds: Sequence[Feed], zone: str) -> Card:
    """The card with that line below what it shows, above the buttons that end it."""
    data = freshness(feeds, zone)
    if not data:
        return card
    text = clip(card.text, _TEXT - len(data) - 1)
    end = len(card.blocks) - (card.blocks[-1]["type"] == "actions")
    blocks = (*card.blocks[:end], context(data), *card.blocks[end:])
    return Card(f"{text}\n{data}", blocks)


def vendor_named(account: str) -> str:
    return _VENDORS.get(account) or escape(clip(account, _NAME))


def _listed(shown: Iterable[str], most: int, count: int) -> str:
    return ", ".join(_first(shown, most, count))


def _first(shown: Iterable[str], most: int, count: int) -> Iterator[str]:
    for _, one in zip(range(most), shown, strict=False):
        yield one
    if count > most:
        yield f"{count - most} more"


def _live(feed: Feed, zone: str, at: At) -> str:
    through = at(feed.through, zone) if feed.through else "nothing yet"
    return f"{through} ({escape(clip(feed.source, _NAME))}{_marked(feed.trouble)})"


def _billed(feed: Feed) -> str:
    through = f"through {_last_day(feed.through)}" if feed.through else "not told of yet"
    return f"{vendor_named(feed.account)} billed {through}{_marked(feed.trouble)}"


def _last_day(end: datetime) -> str:
    """A bill is told up to a midnight in UTC: the day before it is the last that is in it."""
    return f"{datetime.fromtimestamp(end.timestamp() - 1, UTC):%-d %b}"


def _marked(trouble: Ailment | None) -> str:
    return f", ⚠ {trouble}" if trouble else ""
