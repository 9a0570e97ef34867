from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.addressing import Addressed, addressed
from bot.cards import review_reminders as cards
from bot.policy import Organisation
from bot.review_clock import due_steps, opened_by, undecided, whom_to_ask, whom_to_remind
from bot.reviews import Review
from bot.teams import Team
from bot.workflows import Workflow
from handlers.steps.each_apart import each_apart
from handlers.steps.show_review import post_in_thread
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def remind_reviews(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Each owner of what is undecided hears it, and later the approver; what was missed meanwhile
    is said once.
    """

    async def step(review: Review) -> None:
        due = due_steps(review, organisation.policy, now)
        done = review.steps + len(due)
        if due and await ledger.reviews.step(review, done):
            said = _Said(ledger, organisation, replace(review, steps=done), now)
            await said.all(asks=any(one.asks_approver for one in due))

    waiting = await ledger.reviews.waiting(opened_by(organisation.policy, now))
    await each_apart(ledger, waiting, step)


@dataclass(frozen=True)
class _Said:
    """One step of a review's clock."""

    ledger: Ledger
    organisation: Organisation
    review: Review
    now: datetime

    async def all(self, *, asks: bool) -> None:
        known = await self.ledger.workflows.find(one.workflow for one in self.review.items)
        waiting = undecided(self.review, known)
        team = await self.ledger.teams.get(self.review.team)
        if not waiting:
            return
        if asks:
            await self._ask(waiting, team)
        else:
            await self._remind(waiting, team)

    async def _remind(self, waiting: tuple[Workflow, ...], team: Team) -> None:
        people = whom_to_remind(waiting, team, self.organisation, self.now)
        await self._tell(people, team, cards.reminder)

    async def _ask(self, waiting: tuple[Workflow, ...], team: Team) -> None:
        asked = whom_to_ask(waiting, team, self.organisation, self.now)
        await self._tell(asked, team, cards.asked)
        card = cards.still_undecided(waiting, asked)
        await post_in_thread(self.ledger, self.review, "still-undecided", card, self.now)

    async def _tell(
        self, people: Mapping[str, tuple[Workflow, ...]], team: Team, card: cards.Telling
    ) -> None:
        zone = team.zone(self.organisation)
        for person, waiting in people.items():
            key = f"{self.review.notice}:step-{self.review.steps}:{person}"
            told = card(self.review, team, zone, waiting)
            told = cards.in_place_of(told, self._away(person, waiting, team), zone)
            word = Word(key, person, told, zone=zone)
            await tell_person(self.ledger, self.organisation, word, self.now)

    def _away(
        self, person: str, waiting: tuple[Workflow, ...], team: Team
    ) -> tuple[Addressed, ...]:
        """The owners in whose place this person is spoken to, each once."""
        found = (addressed(one, team, self.organisation, self.now) for one in waiting)
        mine = (one for one in found if one.person == person and one.instead_of and one.until)
        return tuple(dict.fromkeys(mine))
