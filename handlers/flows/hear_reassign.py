from dataclasses import dataclass
from datetime import datetime

from bot.cards import reassignments as cards
from bot.cards import review_questions as questions
from bot.notices import Card
from bot.policy import Organisation
from bot.reassign_replies import Unread, Wanted, read_reassigns
from bot.refusal import NotAllowed, Refusal
from bot.replies import calls
from bot.review_answers import Asked, WhichWorkflow, meant_by
from handlers.steps.offer_workflow import Offer, offer_workflow
from handlers.steps.show_review import post_in_thread
from handlers.steps.take_reply import Words
from storage.ledger import Ledger


async def hear_reassign(
    notice: str, words: Words, ledger: Ledger, organisation: Organisation, now: datetime
) -> None:
    """Take the offers to another owner in a message of a review's thread: a reaction, or a word
    that says what was wrong with it.
    """
    review = await ledger.reviews.find(notice)
    if review is None:
        return
    workflows = await ledger.workflows.find(item.workflow for item in review.items)
    teams = {team.key: team for team in await ledger.teams.all()}
    talk = _Talk(words, ledger, Asked(review, workflows, teams, organisation, now), now)
    called = calls({item.workflow: item.figures.name for item in review.items})
    read = read_reassigns(words.text, called)
    done = [await talk.take(number, one) for number, one in enumerate(read)]
    if any(done):
        await ledger.notices.react(words.channel, words.ts, "white_check_mark", now)


@dataclass
class _Talk:
    """One message in a thread."""

    words: Words
    ledger: Ledger
    asked: Asked
    now: datetime

    async def take(self, number: int, read: Wanted | Unread) -> bool:
        """Whether somebody was asked."""
        if isinstance(read, Unread):
            await self._explain(number, read)
            return False
        try:
            async with self.ledger.attempt():
                await self._offer(read)
        except WhichWorkflow as which:
            card = cards.which_workflow(self.words.by, read.to, which.workflows)
            await self._say(number, card)
        except NotAllowed as refusal:
            key = f"{self.asked.review.notice}:reassign-refused:{self.words.ts}:{number}"
            card = questions.not_taken(read.workflow, self.words.channel, str(refusal))
            await self.ledger.notices.post(key, self.words.by, card, self.now)
        except Refusal as refusal:
            await self._say(number, questions.told(self.words.by, str(refusal)))
        else:
            return True
        return False

    async def _explain(self, number: int, unread: Unread) -> None:
        """Only to whom may answer in the thread."""
        if any(self.asked.for_whom(self.words.by)):
            await self._say(number, questions.told(self.words.by, unread.why))

    async def _offer(self, read: Wanted) -> None:
        key = read.workflow or meant_by(self.words.by, self.asked)
        offer = Offer(key, self.words.by, read.to, read.note, self.asked.review.notice)
        await offer_workflow(offer, self.ledger, self.asked.organisation, self.now)

    async def _say(self, number: int, card: Card) -> None:
        about = f"reassign:{self.words.ts}:{number}"
        await post_in_thread(self.ledger, self.asked.review, about, card, self.now)
