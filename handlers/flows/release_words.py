from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from bot.cards import digests
from bot.policy import Organisation
from bot.reach import HeldWord
from handlers.steps.each_apart import each_apart
from storage.ledger import Ledger


async def release_words(ledger: Ledger, _organisation: Organisation, now: datetime) -> None:
    """What waited for a person's hour leaves, together where several do."""
    due = await ledger.held_words.due(now)
    people = [tuple(words) for _, words in groupby(due, key=lambda word: word.person)]

    async def say(words: tuple[HeldWord, ...]) -> None:
        for page in digests.pages(words):
            await _say(ledger, page, now)

    await each_apart(ledger, people, say)


async def _say(ledger: Ledger, page: Sequence[HeldWord], now: datetime) -> None:
    first = page[0]
    key = first.key if len(page) == 1 else f"digest:{first.key}"
    await ledger.held_words.release([word.key for word in page], key)
    await ledger.notices.post(key, first.person, digests.together(page), now)
