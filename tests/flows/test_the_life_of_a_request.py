"""Anybody does anything at any time, replicas come and go: what must hold of a request, holds."""

import asyncio
import pathlib
import shutil
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.delegations import Delegation
from bot.policy import Organisation, Policy
from bot.refusal import Refusal
from bot.requests import Less, Path, Reply, Request, State, Until
from bot.workflows import Caps, Status
from handlers.flows.amend_request import amend_request
from handlers.flows.answer_request import answer_request
from handlers.flows.ask_back import ask_back
from handlers.flows.escalate_requests import escalate_requests
from handlers.flows.expire_requests import expire_requests
from handlers.flows.hear_requester import hear_requester
from handlers.flows.look_over_requests import look_over_requests
from handlers.flows.remind_requests import remind_requests
from handlers.flows.request_more import request_more
from handlers.flows.withdraw_request import withdraw_request
from handlers.steps.take_reply import Words
from storage.database import Database
from storage.ledger import Ledger
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_draft,
    a_team,
    a_workflow,
    an_organisation,
)

KEY = "search-ranking"
SEARCH = "C0SEARCH"
JOBS = (expire_requests, escalate_requests, remind_requests, look_over_requests)

EVERYBODY = (OWEN, MIA, ANA, FIN, SAM, "U0KIM")
people = st.sampled_from(EVERYBODY)
amounts = st.sampled_from([Decimal(n) for n in ("0.01", "60", "100", "400", "501", "900")])
untils = st.sampled_from([Until.PERIOD, Until.WEEK, Until.MONTH, Until.PERMANENT])
editions = st.sampled_from([None, 1, 2, 3])

Act = Callable[[Ledger], Coroutine[Any, Any, object]]


class Life(RuleBasedStateMachine):
    template: pathlib.Path

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = pathlib.Path(mkdtemp())
        shutil.copy(self.template, self.folder / "bot.db")
        self.database = Database(f"sqlite:///{self.folder / 'bot.db'}")
        self.now = MONDAY
        self.asked = 0
        self.messages = 0
        self.delegations: tuple[Delegation, ...] = ()
        self.finance: tuple[str, ...] = (FIN,)
        self.seen: dict[str, Request] = {}
        self.entries = 0

    @property
    def organisation(self) -> Organisation:
        # Small raises would go through by themselves.
        policy = Policy(timezone="Europe/Berlin", small_raises_a_month=0)
        plain = an_organisation(policy=policy, finance=self.finance)
        return replace(plain, delegations=self.delegations)

    @property
    def newest(self) -> str:
        return f"r-{self.asked}"

    def run(self, *acts: Act) -> None:
        """Each in a ledger of its own, all at once. A refusal is an answer like another."""

        async def one(act: Act) -> None:
            with suppress(Refusal):
                async with self.database.ledger() as ledger:
                    await act(ledger)

        async def together() -> None:
            await asyncio.gather(*map(one, acts))

        self.loop.run_until_complete(together())

    @initialize(by=people, amount=amounts, until=untils)
    def moves_in(self, by: str, amount: Decimal, until: Until) -> None:
        async def act(ledger: Ledger) -> None:
            await ledger.organisation.save(self.organisation)
            await ledger.teams.save(a_team())
            await ledger.workflows.add(a_workflow())

        self.run(act)
        self.asks_once(by, amount, until)

    @precondition(lambda self: not self.waits)
    @rule(by=people, amount=amounts, until=untils)
    def asks(self, by: str, amount: Decimal, until: Until) -> None:
        self.asks_once(by, amount, until)

    def asks_once(self, by: str, amount: Decimal, until: Until) -> None:
        self.asked += 1
        draft = a_draft(asked_by=by, amount=amount, until=until)
        self.run(lambda x: request_more(self.newest, draft, x, self.organisation, self.now))
        # Refused, it is nothing that anybody could act on.
        self.asked -= self.found() is None

    def found(self) -> Request | None:
        async def read() -> Request | None:
            async with self.database.reading() as ledger:
                return await ledger.requests.find(self.newest)

        return self.loop.run_until_complete(read())

    @property
    def waits(self) -> bool:
        found = self.seen.get(self.newest)
        return found is not None and found.state is State.WAITING

    @precondition(lambda self: self.waits)
    @rule(less=st.none() | st.builds(Less, amounts, untils))
    def everybody_approves_in_turn(self, less: Less | None) -> None:
        for by in EVERYBODY:
            self.run(self._answer(by, less=less))

    def _answer(self, by: str, **named: Any) -> Act:
        reply = replace(Reply(self.newest, by, SEARCH, State.APPROVED), **named)
        return lambda x: answer_request(reply, x, self.organisation, self.now)

    def _deny(self, by: str) -> Act:
        return self._answer(by, verdict=State.DENIED, reason="No.")

    def _withdraw(self, by: str) -> Act:
        return lambda x: withdraw_request(Reply(self.newest, by, SEARCH), x, self.now)

    def _amend(self, by: str, amount: Decimal, until: Until) -> Act:
        draft, reply = (
            a_draft(asked_by=by, amount=amount, until=until),
            Reply(self.newest, by, None),
        )
        return lambda x: amend_request(reply, draft, x, self.organisation, self.now)

    def _ask_back(self, by: str) -> Act:
        reply = Reply(self.newest, by, SEARCH, reason="Why?")
        return lambda x: ask_back(reply, x, self.organisation, self.now)

    @precondition(lambda self: self.asked)
    @rule(by=people, edition=editions)
    def approves(self, by: str, edition: int | None) -> None:
        self.run(self._answer(by, edition=edition))

    @precondition(lambda self: self.asked)
    @rule(by=people, amount=amounts, until=untils)
    def approves_less(self, by: str, amount: Decimal, until: Until) -> None:
        self.run(self._answer(by, less=Less(amount, until)))

    @precondition(lambda self: self.asked)
    @rule(by=people)
    def denies(self, by: str) -> None:
        self.run(self._deny(by))

    @precondition(lambda self: self.asked)
    @rule(by=people)
    def asks_back(self, by: str) -> None:
        self.run(self._ask_back(by))

    @precondition(lambda self: self.asked)
    @rule(by=people, twice=st.booleans())
    def replies(self, by: str, twice: bool) -> None:  # noqa: FBT001
        self.messages += 0 if twice else 1
        words = Words(by, SEARCH, f"{self.messages}.1", "Because.")
        self.run(lambda x: hear_requester(self.newest, words, x, self.organisation, self.now))

    @precondition(lambda self: self.asked)
    @rule(by=people)
    def withdraws(self, by: str) -> None:
        self.run(self._withdraw(by))

    @precondition(lambda self: self.asked)
    @rule(by=people, amount=amounts, until=untils)
    def amends(self, by: str, amount: Decimal, until: Until) -> None:
        self.run(self._amend(by, amount, until))

    @precondition(lambda self: self.asked)
    @rule(first=people, second=people, third=people, amount=amounts)
    def press_at_once(self, first: str, second: str, third: str, amount: Decimal) -> None:
        self.run(
            self._answer(first),
            self._answer(second),
            self._deny(third),
            self._ask_back(second),
            self._amend(third, amount, Until.PERIOD),
        )

    @rule(hours=st.sampled_from([1, 8, 13, 30, 72]), twice=st.booleans())
    def time_passes(self, hours: int, twice: bool) -> None:  # noqa: FBT001
        self.now += timedelta(hours=hours)
        jobs = [lambda x, job=job: job(x, self.organisation, self.now) for job in JOBS]
        for job in jobs:
            self.run(*[job] * (2 if twice else 1))

    def _change(self, **named: Any) -> None:
        async def act(ledger: Ledger) -> None:
            workflow = await ledger.workflows.get(KEY)
            await ledger.workflows.save(replace(workflow, **named))

        self.run(act)

    @rule(weekly=st.sampled_from([None, "50", "250"]))
    def the_cap_changes(self, weekly: str | None) -> None:
        self._change(caps=Caps(weekly=Decimal(weekly) if weekly else None, monthly=Decimal(1500)))

    @rule(owner=people)
    def the_owner_changes(self, owner: str) -> None:
        self._change(owner=owner)

    @rule(status=st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.PAUSED]))
    def it_is_paused_or_resumed(self, status: Status) -> None:
        self._change(status=status)

    @rule(approver=st.none() | people)
    def the_approver_changes(self, approver: str | None) -> None:
        self.run(lambda ledger: ledger.teams.save(a_team(approver=approver)))

    @rule(finance=st.lists(people, max_size=2, unique=True))
    def finance_changes(self, finance: list[str]) -> None:
        self.finance = tuple(finance)

    @rule(by=people, to=people)
    def somebody_stands_in(self, by: str, to: str) -> None:
        end = self.now + timedelta(days=2)
        self.delegations = (Delegation("d", by, to, self.now, end, "away"),)

    @rule()
    def another_replica_takes_over(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.database = Database(f"sqlite:///{self.folder / 'bot.db'}")

    @invariant()
    def everything_holds(self) -> None:
        self.loop.run_until_complete(self._holds())

    async def _holds(self) -> None:
        async with self.database.reading() as ledger:
            entries = len(await ledger.changes.of(KEY, limit=10_000))
            known = [await ledger.requests.find(f"r-{n}") for n in range(1, self.asked + 1)]
            for request in filter(None, known):
                before = self.seen.get(request.id)
                _ended_once(before, request)
                await _nobody_barred_approved(ledger, before, request)
                await _given_as_granted(ledger, request)
                await _card_and_word(ledger, request)
                if before is None or _plain(before) != _plain(request):
                    assert entries > self.entries, "a change without an audit entry"
                self.seen[request.id] = request
            self.entries = entries

    def teardown(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()
        shutil.rmtree(self.folder)


def _plain(request: Request) -> Request:
    """A clock that has struck changes nothing that anybody decided."""
    return replace(request, version=1, reminds_at=None, escalates_at=None)


def _ended_once(before: Request | None, request: Request) -> None:
    if before is not None and before.state is not State.WAITING:
        assert request == before


async def _nobody_barred_approved(ledger: Ledger, before: Request | None, request: Request) -> None:
    workflow = await ledger.workflows.get(KEY)
    old = before.approvals if before else ()
    new = [one for one in request.approvals if one not in old]
    barred = {request.asked_by, request.owner, workflow.owner}
    assert not {one.by for one in new} & barred
    if request.state is State.APPROVED and request.path is Path.NORMAL:
        assert request.approvals[-1].by == request.answered_by
        assert request.approvals[-1].at == request.answered_at


async def _given_as_granted(ledger: Ledger, request: Request) -> None:
    given = [one for one in await ledger.overrides.of(KEY) if one.request == request.id]
    lent = request.state is State.APPROVED and not request.permanent
    assert [one.amount for one in given] == ([request.more] if lent else [])
    if given:
        assert given[0].start == request.answered_at
    assert request.more <= request.amount


async def _card_and_word(ledger: Ledger, request: Request) -> None:
    card = await ledger.notices.shown(request.notice)
    assert card is not None
    buttons = [block for block in card.blocks if block["type"] == "actions"]
    assert bool(buttons) == (request.state is State.WAITING)
    ends = [one for one in State if one is not State.WAITING]
    told = [one for one in ends if await _said(ledger, f"{request.notice}:{one}")]
    assert told == ([] if request.state is State.WAITING else [request.state])


async def _said(ledger: Ledger, key: str) -> bool:
    return await ledger.notices.card(key) is not None or await ledger.held_words.knows(key)


@pytest.mark.parametrize("steps", [30])
def test_whatever_happens_to_a_request_it_is_answered_once_and_as_it_was_granted(
    migrated_sqlite: pathlib.Path, steps: int
) -> None:
    machine = type("LifeOfARequest", (Life,), {"template": migrated_sqlite})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
