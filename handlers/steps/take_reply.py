from dataclasses import dataclass
from datetime import datetime

from bot.cards import review_questions as cards
from bot.notices import Card
from bot.replies import Reply, WhichPeriod
from bot.review_answers import Asked, meant_by
from bot.review_decisions import Keep, Retire
from bot.reviews import Review, Said, check_retire_on, question_notice
from handlers.steps.decide_item import check_said, decide_item
from storage.ledger import Ledger


@dataclass(frozen=True)
class Words:
    """What a person typed in the thread, and where it stands (channel, ts)."""

    by: str
    channel: str
    ts: str
    text: str


@dataclass(frozen=True)
class Taken:
    """The review after a reply; `decided` False where something was asked back first."""

    review: Review
    decided: bool


async def take_reply(
    ledger: Ledger, asked: Asked, words: Words, read: Reply | WhichPeriod, now: datetime
) -> Taken:
    """Decide what was typed, or ask what is missing. Raises Refusal."""
    key = read.workflow or meant_by(words.by, asked)
    match read:
        case WhichPeriod(amount):
            await _check(ledger, asked, Said(key, Keep(), words.by), now)
            card = cards.which_period(asked.review.item(key), amount, words.by)
            return await _ask_back(ledger, asked.review, ("period", words.ts, key), card, now)
        case Reply(Retire() as retire):
            return await _confirm(ledger, asked, (key, retire), words, now)
        case Reply(decision):
            said = Said(key, decision, words.by)
            review = await decide_item(ledger, asked.organisation, asked.review, said, now)
            return Taken(review, decided=True)


async def _confirm(
    ledger: Ledger, asked: Asked, said: tuple[str, Retire], words: Words, now: datetime
) -> Taken:
    """A retirement waits for a button. `said`: which workflow, and when."""
    key, retire = said
    await _check(ledger, asked, Said(key, retire, words.by), now)
    check_retire_on(retire.on, asked.workflows[key], now)
    card = cards.sure_to_retire(asked.review.item(key), retire, words.by)
    return await _ask_back(ledger, asked.review, ("retire", words.ts, key), card, now)


async def _check(ledger: Ledger, asked: Asked, said: Said, now: datetime) -> None:
    await check_said(ledger, asked.organisation, asked.review, said, now)


async def _ask_back(
    ledger: Ledger, review: Review, about: tuple[str, str, str], card: Card, now: datetime
) -> Taken:
    """`about`: what is asked, which message it answers, and the workflow."""
    key = question_notice(review, *about)
    await ledger.notices.post(key, review.channel, card, now, under=review.notice)
    return Taken(review, decided=False)
