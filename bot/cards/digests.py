"""Words that waited for a person's hour, in one message where several leave together."""

import json
from collections.abc import Iterator, Sequence

from bot.cards.kit import actions, button, clip, context, divider, section, when
from bot.notices import Block, Card
from bot.reach import HeldWord

# Slack takes 50 blocks and about 13,000 characters of them; what a rewrite adds needs some room.
_BLOCKS = 44
_ROOM = 10_500
_TEXT = 12_000
_LONGEST_TEXT = 1_500


def pages(words: Sequence[HeldWord]) -> list[tuple[HeldWord, ...]]:
    """As few messages as hold them, in order; a word is never split."""
    made: list[tuple[HeldWord, ...]] = []
    for word in words:
        if made and _fits((*made[-1], word)):
            made[-1] = (*made[-1], word)
        else:
            made.append((word,))
    return made


def _fits(words: Sequence[HeldWord]) -> bool:
    blocks = together(words).blocks
    text = sum(min(len(word.card.text), _LONGEST_TEXT) for word in words)
    return len(blocks) <= _BLOCKS and _size(blocks) <= _ROOM and text <= _TEXT


def _size(blocks: Sequence[Block]) -> int:
    return len(json.dumps(blocks))


def together(words: Sequence[HeldWord]) -> Card:
    """One message for words of one person; a single one as it is, with the hour it is of."""
    if len(words) == 1:
        return _alone(words[0])
    head = f"*{len(words)} words waited for you.*"
    texts = [f"{_as_of(word)} {clip(word.card.text, _LONGEST_TEXT)}" for word in words]
    blocks = [section(head), *(block for word in words for block in _entry(word))]
    return Card("\n\n".join((head, *texts)), (*blocks, *_SETTINGS))


def _alone(word: HeldWord) -> Card:
    as_of = f"{_as_of(word)} {_WHY}"
    blocks = word.card.blocks or (section(word.card.text),)
    if len(blocks) <= _BLOCKS and _size(blocks) <= _ROOM:
        blocks = (*blocks, context(as_of))
    return Card(f"{as_of} {word.card.text}", blocks)


_SETTINGS = (divider(), actions(button("Change my hours…", "settings.open", "mine")))
_WHY = "It waited for your hours: `/budget settings` changes them."


def _entry(word: HeldWord) -> Iterator[Block]:
    """The word as it would have stood alone: its figures, and the first row of its buttons."""
    yield divider()
    rows = 0
    for block in word.card.blocks or (section(word.card.text),):
        rows += block["type"] == "actions"
        if block["type"] != "actions" or rows == 1:
            # Two words may name their blocks alike, and Slack takes each name once.
            yield {name: part for name, part in block.items() if name != "block_id"}
    yield context(_as_of(word))


def _as_of(word: HeldWord) -> str:
    return f"As of {when(word.held_at, word.zone)}:"
