"""Plain cards of a few lines, as the weekly review says most things."""

from collections.abc import Iterable

from bot.cards.kit import clip, context, section
from bot.notices import Card

# An edit with more than 4,000 characters of text is refused.
_TEXT = 4_000


def lines(said: Iterable[str], below: str | None = None) -> Card:
    shown = [line for line in said if line]
    blocks = (section("\n".join(shown)),)
    if below is None:
        return Card(flat(shown), blocks)
    return Card(flat([*shown, below]), (*blocks, context(below)))


def flat(said: Iterable[str]) -> str:
    """One line, short enough for an edit of the message too."""
    return clip(" · ".join(said), _TEXT)


def key_said(workflow: str) -> str:
    return f"`{workflow}`"
