"""Long lists: as many entries as a message can hold, and where the next page begins."""

from collections.abc import Sequence

# Slack takes about 13,000 characters a message, and the text says the entries once more.
ROOM = 3_600
MOST = 40


def page(entries: Sequence[str], start: int) -> tuple[Sequence[str], int | None]:
    """The entries from `start` on that fit (at least one), and the next start if any are left."""
    room, end = ROOM, start
    while end < len(entries) and end - start < MOST and (room := room - len(entries[end])) >= 0:
        end += 1
    end = max(end, min(start + 1, len(entries)))
    return entries[start:end], end if end < len(entries) else None
