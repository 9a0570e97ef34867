from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards import review_questions as cards
from bot.notices import Card
from bot.periods import local_day
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.replies import Assent, Chatter, Read, Reply, Unclear, WhichPeriod, calls, read_replies
from bot.review_answers import CLOSED, Asked, WhichWorkflow
from bot.reviews import AlreadyDecided, Review
from handlers.steps.close_review import close_when_complete
from handlers.steps.show_review import post_in_thread
from handlers.steps.take_reply import Words, take_reply
from storage.ledger import Ledger


async def hear_reply(
    notice: str, words: Words, ledger: Ledger, organisation: Organisation, now: datetime
) -> Review | None:
    """Take the answers in a message: a reaction and the updated items, or a question back. Chatter
    is left alone, and so is a message that was heard before.
    """
    review = await ledger.reviews.find(notice, lock=True)
    if review is None or not await ledger.jobs.first_time(f"{words.channel}:{words.ts}", now):
        return None
    talk = _Talk(words, ledger, await _asked(review, ledger, organisation, now), now)
    meant = [read for read in await _read(talk) if not isinstance(read, Chatter)]
    done = [await talk.take(number, read) for number, read in enumerate(meant)]
    if any(done):
        await ledger.notices.react(words.channel, words.ts, "white_check_mark", now)
    if talk.asks_back or not any(done):
        return talk.asked.review
    return await close_when_complete(ledger, organisation, talk.asked.review, now)


async def _asked(
    review: Review, ledger: Ledger, organisation: Organisation, now: datetime
) -> Asked:
    workflows = await ledger.workflows.find(item.workflow for item in review.items)
    teams = {team.key: team for team in await ledger.teams.all()}
    return Asked(review, workflows, teams, organisation, now)


async def _read(talk: "_Talk") -> tuple[Read, ...]:
    asked = talk.asked
    called = calls({item.workflow: item.figures.name for item in asked.review.items})
    today = local_day(talk.now, asked.teams[asked.review.team].zone(asked.organisation))
    return read_replies(talk.words.text, called, today)


@dataclass
class _Talk:
    """One message in a thread; `asked` follows what its lines decide. `asks_back`: some line got a
    question with buttons, which a closed thread would leave without an answer.
    """

    words: Words
    ledger: Ledger
    asked: Asked
    now: datetime
    asks_back: bool = False

    async def take(self, number: int, read: Read) -> bool:
        """Whether the line decided something."""
        if isinstance(read, Reply | WhichPeriod):
            return await self._decide(number, read)
        if isinstance(read, Unclear):
            await self._explain(read)
        if isinstance(read, Assent):
            await self._ask_to_what()
        return False

    async def _decide(self, number: int, read: Reply | WhichPeriod) -> bool:
        try:
            async with self.ledger.attempt():
                taken = await take_reply(self.ledger, self.asked, self.words, read, self.now)
        except WhichWorkflow as which:
            card = cards.which_workflow(self.words.by, which.workflows)
            await self._say(f"which:{self.words.ts}", card)
        except (NotAllowed, AlreadyDecided) as refusal:
            key = f"{self.asked.review.notice}:refused:{self.words.ts}:{number}"
            card = cards.not_taken(read.workflow, self.words.channel, str(refusal))
            await self.ledger.notices.post(key, self.words.by, card, self.now)
        except Refusal as refusal:
            card = cards.told(self.words.by, str(refusal))
            await self._say(f"told:{self.words.ts}:{number}", card)
        else:
            self.asked = replace(self.asked, review=taken.review)
            self.asks_back = self.asks_back or not taken.decided
            return taken.decided
        return False

    async def _explain(self, unclear: Unclear) -> None:
        """Once a message, and only to whom may answer in the thread; how to answer at all is said
        once to each.
        """
        by, review = self.words.by, self.asked.review
        mine = self._mine()
        if not mine:
            return
        if review.closed_at:
            card = cards.told(by, CLOSED)
        elif await self.ledger.jobs.first_time(f"{review.notice}:examples:{by}", self.now):
            card = cards.examples(by, unclear.why, mine)
        else:
            card = cards.unclear(by, unclear.why)
        await self._say(f"examples:{self.words.ts}", card)

    async def _ask_to_what(self) -> None:
        """Of whom an answer is still missing; between others a yes is talk."""
        review = self.asked.review
        waiting = [key for key in self._mine() if review.item(key).decided is None]
        if waiting and review.closed_at is None:
            card = cards.yes_to_what([review.item(key) for key in waiting], self.words.by)
            await self._say(f"examples:{self.words.ts}", card)

    def _mine(self) -> tuple[str, ...]:
        return next(filter(None, self.asked.for_whom(self.words.by)), ())

    async def _say(self, about: str, card: Card) -> None:
        await post_in_thread(self.ledger, self.asked.review, about, card, self.now)
