from datetime import datetime

from bot.cards import small_raises as cards
from bot.cards.small_raises import Words
from bot.requests import Request
from handlers.steps.settle_words import settle_words
from storage.ledger import Ledger


async def settle_raise(ledger: Ledger, request: Request, words: Words, now: datetime) -> None:
    """A raise that went through by itself can no longer be taken back: its card, and the words to
    those who could, say why.
    """
    posted = await ledger.notices.shown(request.notice)
    await ledger.notices.update(request.notice, cards.settled(posted, request, words), now)
    told = f"{request.notice}:told:"
    await settle_words(ledger, told, lambda card: cards.settled(card, request, words), now)
