"""Random answers, typed or pressed, by anybody, spend, changes of the registry, restarts and steps
of the clock over the edges of weeks and months keep the laws.
"""

import asyncio
import re
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.moves import Move, made
from bot.periods import CapKind
from bot.refusal import Refusal
from bot.review_decisions import Cap, Keep, Reroute, Retire, choice_of
from bot.reviews import Said
from bot.workflows import Status, Tier
from handlers.flows.answer_review import answer_review
from handlers.flows.hear_reply import hear_reply
from handlers.flows.open_review import open_due_reviews
from handlers.flows.page_review import page_reviews
from handlers.flows.remind_review import remind_reviews
from handlers.flows.report_months import report_months
from handlers.steps.retire_workflow import retire, retire_due
from handlers.steps.take_reply import Words
from storage.database import Database
from tests.builders import ANA, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

SEARCH = "C0SEARCH"
KEYS = ("search-docs", "search-ranking", "search-sales")
ORGANISATION = an_organisation()
JOBS = (retire_due, open_due_reviews, page_reviews, remind_reviews, report_months)
WHO = st.sampled_from([OWEN, MIA, ANA, SAM, "U0EVE"])
WHICH = st.sampled_from(KEYS)
DECISIONS = st.sampled_from([
    Keep(),
    Cap(CapKind.WEEKLY, Decimal(80)),
    Cap(CapKind.WEEKLY, Decimal(300)),
    Reroute(Tier.CHEAP),
    Retire(date(2027, 1, 31)),
])  # fmt: skip
TYPED = st.sampled_from(
    ["keep", "cap 90 weekly", "cap 90", "reroute premium", "retire 31 Jan", "kepe", "thanks"]
)


def there_is_a_review(life):
    return life.notices != []


def answers(review):
    """Who said what, when. How a raise that was asked for ends is told in a closed thread, too."""
    return [
        (item.workflow, item.decided.by, item.decided.at, choice_of(item.decided.decision))
        for item in review.items
        if item.decided
    ]


class Life(RuleBasedStateMachine):
    """The bot beside what a bystander has seen of it."""

    def __init__(self, path):
        super().__init__()
        self.runner = asyncio.Runner()
        self.path = path
        self.database = Database(path)
        self.now = MONDAY - timedelta(hours=3)
        self.numbers = count()
        self.notices = []
        # What was seen of each review: its figures, and how it was when it was closed.
        self.figures, self.closed = {}, {}
        self.ended_by_somebody = set()

    def do(self, coroutine):
        return self.runner.run(coroutine)

    def teardown(self):
        self.do(self.database.close())
        self.runner.close()

    @initialize()
    def begin(self):
        self.do(self._begin())

    async def _begin(self):
        async with self.database.ledger() as ledger:
            await ledger.organisation.save(ORGANISATION)
            await ledger.teams.save(a_team())
            for key, owner in zip(KEYS, (OWEN, OWEN, MIA), strict=True):
                await ledger.workflows.add(a_workflow(key=key, name=key, owner=owner))

    @rule(hours=st.sampled_from([1, 5, 26, 50, 75, 24 * 7, 24 * 17]))
    def wait(self, hours):
        self.now += timedelta(hours=hours)
        for _ in range(2):
            self.do(self._tick())
        self.look()

    async def _tick(self):
        for job in JOBS:
            async with self.database.ledger() as ledger:
                await job(ledger, ORGANISATION, self.now)

    @rule()
    def restart(self):
        self.do(self.database.close())
        self.database = Database(self.path)
        self.do(self._tick())
        self.look()

    @rule(key=WHICH, usd=st.sampled_from([1, 40, 300]))
    def spends(self, key, usd):
        self.do(spend(self.database, a_workflow(key=key), str(usd), self.now))

    @precondition(there_is_a_review)
    @rule(by=WHO, key=WHICH, decision=DECISIONS, former=st.booleans(), undo=st.booleans())
    def presses(self, by, key, decision, former, undo):
        notice = self.notices[0 if former else -1]
        before = self.item(notice, key)
        answer = Said(key, Keep(), by, undo=True) if undo else Said(key, decision, by)
        try:
            self.do(self._answer(notice, answer))
        except Refusal:
            assert self.item(notice, key) == before
            return
        after = self.item(notice, key)
        assert after.decided.by in {by, before.decided and before.decided.by}
        assert undo or self.closed.get(notice) is None
        self.ended_by_somebody |= {key} if isinstance(answer.decision, Retire) else set()
        if undo and notice in self.closed:
            self.closed[notice] = answers(self.review(notice))
        self.look()

    async def _answer(self, notice, answer):
        async with self.database.ledger() as ledger:
            await answer_review(notice, answer, ledger, ORGANISATION, self.now)

    @precondition(there_is_a_review)
    @rule(by=WHO, text=TYPED, key=st.none() | WHICH, twice=st.booleans())
    def types(self, by, text, key, twice):
        words = Words(by, SEARCH, f"1.{next(self.numbers)}", f"{text} {key or ''}".strip())
        before = self.review(self.notices[-1])
        self.do(self._hear(words))
        after = self.review(self.notices[-1])
        if twice:
            self.do(self._hear(words))
            assert self.review(self.notices[-1]) == after
        changed = [one for one, was in zip(after.items, before.items, strict=True) if one != was]
        assert all(one.decided.by == by for one in changed)
        self.look()

    async def _hear(self, words):
        async with self.database.ledger() as ledger:
            await hear_reply(self.notices[-1], words, ledger, ORGANISATION, self.now)

    @rule(key=WHICH, move=st.sampled_from([Move.PAUSE, Move.RESUME]))
    def moves(self, key, move):
        now = self.now
        with suppress(Refusal):
            self.do(self._save(key, lambda was: made(move, was, a_team(), SAM, ORGANISATION, now)))

    @rule(key=WHICH)
    def retires(self, key):
        with suppress(Refusal):
            self.do(self._retire(key))
            self.ended_by_somebody.add(key)

    async def _retire(self, key):
        async with self.database.ledger() as ledger:
            workflow = await ledger.workflows.get(key)
            await retire(ledger, ORGANISATION, workflow, SAM, "over", self.now)

    @rule(key=WHICH, owner=st.sampled_from([OWEN, MIA, None]))
    def passes_on(self, key, owner):
        self.do(self._save(key, lambda was: replace(was, owner=owner)))

    async def _save(self, key, change):
        async with self.database.ledger() as ledger:
            await ledger.workflows.save(change(await ledger.workflows.get(key)))

    def look(self):
        """Whatever is new; what was seen before is still so."""
        posted = self.do(said(self.database, to=SEARCH))
        parents = [one.key for one in posted if re.fullmatch(r"review:search:\d+", one.key)]
        self.notices = parents
        for notice in parents:
            review = self.review(notice)
            for item in review.items:
                kept = self.figures.setdefault((notice, item.workflow), item.figures)
                assert item.figures == kept, "figures are frozen"
            if review.closed_at is not None:
                kept = answers(review)
                assert self.closed.setdefault(notice, kept) == kept, "closed stays closed"

    def review(self, notice):
        return self.do(self._review(notice))

    async def _review(self, notice):
        async with self.database.reading() as ledger:
            return await ledger.reviews.find(notice)

    def item(self, notice, key):
        return next((one for one in self.review(notice).items if one.workflow == key), None)

    @invariant()
    def nothing_is_said_twice(self):
        keys = Counter(one.key for one in self.do(said(self.database)))
        assert max(keys.values(), default=1) == 1

    @invariant()
    def each_reply_is_posted(self):
        keys = {one.key for one in self.do(said(self.database))}
        for notice in self.notices:
            assert {item.notice for item in self.review(notice).items} <= keys

    @invariant()
    def the_parent_counts_what_people_decided(self):
        shown = {one.key: one.text for one in self.do(said(self.database))}
        shown |= {one.target: one.text for one in self.do(said(self.database, act="update"))}
        for notice in self.notices:
            review = self.review(notice)
            people = [one for one in review.items if one.decided and not one.unreviewed]
            if review.items:
                assert f"· {len(people)} of {len(review.items)} decided" in shown[notice]

    @invariant()
    def one_thread_is_open_and_it_is_the_last(self):
        reviews = [self.review(notice) for notice in self.notices]
        assert all(one.closed_at is not None for one in reviews[:-1])

    @invariant()
    def silence_retires_nothing(self):
        for key in self.do(self._retired()):
            assert key in self.ended_by_somebody

    async def _retired(self):
        async with self.database.reading() as ledger:
            found = await ledger.workflows.all()
        return [one.key for one in found if one.status is Status.RETIRED or one.retire_on]

    @invariant()
    def nobody_is_reminded_more_often_than_is_said(self):
        told: Counter[tuple[str, str]] = Counter()
        for one in self.do(said(self.database)):
            if ":step-" in one.key:
                told[one.key.partition(":step-")[0], one.channel] += 1
        assert max(told.values(), default=0) <= len(ORGANISATION.policy.review_reminder_hours) + 1


def test_the_life_of_a_review_keeps_the_laws(migrated_sqlite, tmp_path):
    number = count()

    def life() -> Any:
        path = tmp_path / f"{next(number)}.db"
        shutil.copy(migrated_sqlite, path)
        return Life(f"sqlite:///{path}")

    # Each step asks a database: to shrink a failing life takes longer than to read it.
    looking = (Phase.explicit, Phase.reuse, Phase.generate)
    shape = settings(max_examples=8, stateful_step_count=20, deadline=None, phases=looking)
    machine: Any = life
    run_state_machine_as_test(machine, settings=shape)
