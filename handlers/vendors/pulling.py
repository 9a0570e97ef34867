"""The one puller: what is due is asked for, and booked a step at a time."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import httpx
import msgspec
import structlog

from bot import pulls
from bot.charges import Bill, Stretch, utc_day
from bot.pulls import Mark, Pull
from bot.usage import Answer, Usage
from handlers.desk import Desk
from handlers.flows.record_bill import record_bill
from handlers.flows.record_usage import record_usage
from handlers.vendors.asking import Asking, Patience, client
from handlers.vendors.connector import Connector, Told
from handlers.vendors.holding import HOLD, HOLD_ON_EVERY_SECONDS, Held, TakenOver, finished
from handlers.vendors.lines import NOTHING, check, fingerprint
from handlers.vendors.refused import check_booked
from handlers.vendors.trouble import NotUnderstood, Trouble, Unanswered
from storage.ledger import Ledger

_LOOK_EVERY_SECONDS = 15.0
_PIECE = 5_000
_NOTHING = Mark(NOTHING)

log = structlog.get_logger()

Heard = Callable[[Stretch, Told], None]


class Doubted(NotUnderstood):
    """Nothing is told of a day that cost something before; believed when it is told again."""


class Puller:
    def __init__(
        self,
        desk: Desk,
        connectors: Sequence[Connector],
        patience: Patience | None = None,
        hold_on_every: float = HOLD_ON_EVERY_SECONDS,
    ) -> None:
        self._desk, self._connectors, self._patience = desk, connectors, patience
        self._hold_on_every = hold_on_every

    async def run(self) -> None:
        """Until cancelled. A source that takes long keeps no other waiting."""
        # Else the first that has stopped would leave the others behind.
        await asyncio.gather(*map(self._follow, self._connectors), return_exceptions=True)

    async def _follow(self, connector: Connector) -> None:
        while True:
            await self._pull_alone(connector)
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def pull_due(self) -> int:
        """All sources beside each other, once. How many were due."""
        pulled = await asyncio.gather(
            *map(self._pull_alone, self._connectors), return_exceptions=True
        )
        return sum(isinstance(one, Pull) for one in pulled)

    async def _pull_alone(self, connector: Connector) -> Pull | None:
        """A fault in one source stops no other."""
        try:
            return await self.pull(connector) if await finished(self._is_due(connector)) else None
        except Exception:
            log.exception("a source cannot be pulled; it is tried again", source=connector.source)
            return None

    async def _is_due(self, connector: Connector) -> bool:
        """Looked at before a claim, which writes."""
        async with self._desk.database.reading() as ledger:
            pull = await ledger.pulls.get(connector.source)
        return pull is None or pull.due_at <= self._desk.now()

    async def pull(
        self,
        connector: Connector,
        *,
        early: bool = False,
        since: datetime | None = None,
        heard: Heard | None = None,
    ) -> Pull | None:
        """None where it is not due (unless `early`), or is being pulled by another replica."""
        until = self._desk.now() + HOLD
        try:
            pull = await finished(self._claim(connector.source, until, early=early))
        except asyncio.CancelledError:
            await self._let_go(connector.source, until)
            raise
        if pull is None:
            return None
        if since is not None:
            pull = pulls.since(pull, since)
        held = Held(self._desk, connector.source, until, self._hold_on_every)
        run = _Run(self._desk, connector, pull, held, wholly=since is not None)
        return await run.run(self._patience, heard)

    async def _claim(self, source: str, until: datetime, *, early: bool) -> Pull | None:
        async with self._desk.database.ledger() as ledger:
            return await ledger.pulls.claim(source, self._desk.now(), until, early=early)

    async def _let_go(self, source: str, held: datetime) -> None:
        async with self._desk.database.ledger() as ledger:
            if await ledger.pulls.hold(source, held, held):
                await ledger.pulls.let_go(source)


class _Run:
    """One pull of one source, while it is held."""

    def __init__(
        self, desk: Desk, connector: Connector, pull: Pull, held: Held, *, wholly: bool
    ) -> None:
        self._desk, self._connector, self._pull, self._held = desk, connector, pull, held
        self._wholly = wholly

    async def run(self, patience: Patience | None, heard: Heard | None) -> Pull:
        try:
            async with client() as http:
                await self._steps(http, patience, heard)
        except TakenOver:
            log.warning("another replica pulls this source by now", source=self._connector.source)
        except Trouble as trouble:
            await self._fail(trouble)
        except asyncio.CancelledError:
            # The bot is stopped, which is no failure: the next one need not wait for the hold.
            with contextlib.suppress(TakenOver):
                await finished(self._end(self._pull))
            raise
        except Exception:
            await self._fail(Trouble("The pull broke off; the log of the bot says why."))
            raise
        return self._pull

    async def _steps(
        self, http: httpx.AsyncClient, patience: Patience | None, heard: Heard | None
    ) -> None:
        now = self._desk.now()
        begun = self._begin(now)
        for step in pulls.steps(begun, now, self._connector.step):
            self._pull = replace(self._pull, at=step.start)
            asking = Asking(http, self._connector.vendor, self._desk.now, patience)
            pages = await self._held.while_fetching(self._fetched(asking, step))
            told = await self._take(pages, step)
            if heard is not None:
                heard(step, told)
        done = pulls.succeeded(self._pull, self._desk.now(), self._connector.every)
        await finished(self._end(done))
        log.info("pulled", source=done.source, since=begun.isoformat(), through=done.through)

    def _begin(self, now: datetime) -> datetime:
        begun = pulls.begin(self._pull, self._connector.window, now)
        return begun if self._connector.oldest is None else max(begun, self._connector.oldest(now))

    async def _fetched(self, asking: Asking, step: Stretch) -> Sequence[object] | None:
        """None where the step stands as it was booked."""
        glance, before = self._connector.glance, self._pull.told.get(step.start)
        if glance is None or before is None or not before.outline or self._wholly:
            return await self._connector.fetch(asking, step)
        return await glance.again(asking, step, before.outline)

    async def _take(self, pages: Sequence[object] | None, step: Stretch) -> Told:
        if pages is None:
            mark = self._pull.told.get(step.start)
            self._pull = pulls.told(self._pull, step, mark, step.end)
            return Told()
        told, mark = await self._read(pages, step)
        await self._book(told, step, None if told.usage is not None else mark)
        return told

    async def _read(self, pages: Sequence[object], step: Stretch) -> tuple[Told, Mark]:
        now, connector = self._desk.now(), self._connector
        told, mark = await asyncio.to_thread(_understood, connector, pages, step, now)
        known = self._pull.told.get(step.start)
        before = None if known is None else Mark(known.fingerprint)
        if mark == _NOTHING and before not in {None, _NOTHING}:
            self._pull = replace(self._pull, told={**self._pull.told, step.start: mark})
            raise Doubted(
                f"{connector.vendor.name} tells nothing any more of {step.start:%d %b %Y}, which "
                "cost something before. It is booked when it is told again at the next poll."
            )
        final = connector.settling.is_final(step.end, told.through or now, unchanged=before == mark)
        charges = tuple(msgspec.structs.replace(one, final=final) for one in told.charges)
        if final and charges and connector.glance is not None:
            mark = replace(mark, outline=connector.glance.outline(pages, step))
        return replace(told, charges=charges), mark

    async def _book(self, told: Told, step: Stretch, mark: Mark | None) -> None:
        """Together with how far it is told, or not at all. Raises TakenOver, NotBooked."""
        reached = min(step.end, told.through or utc_day(self._desk.now()))
        pull = pulls.told(self._pull, step, mark, reached)
        if told.usage is not None:
            await self._book_usage(told.usage, pull)
        else:
            bill = Bill(self._connector.source, step, told.charges, reached)
            await finished(self._book_bill(bill, pull))

    async def _book_bill(self, bill: Bill, pull: Pull) -> None:
        async with self._holding() as ledger:
            await record_bill(bill, ledger, self._desk, self._desk.now())
            await ledger.pulls.save(pull)
        self._pull = pull

    async def _book_usage(self, usage: Sequence[Usage], pull: Pull) -> None:
        """In pieces, so that nobody waits long for a busy hour. It is told with the last one; what
        is booked of it before is told again, and counts once.
        """
        answers = list[Answer]()
        *firsts, last = [usage[at : at + _PIECE] for at in range(0, len(usage) or 1, _PIECE)]
        for piece in firsts:
            await finished(self._book_piece(piece, answers))
        await finished(self._book_piece(last, answers, pull))

    async def _book_piece(
        self, piece: Sequence[Usage], answers: list[Answer], pull: Pull | None = None
    ) -> None:
        """Told with it is `pull`, unless all `answers` until now are refusals."""
        async with self._holding() as ledger:
            booked = await record_usage(piece, ledger, self._desk, self._desk.now())
            answers += booked.recorded.answers
            if pull is not None:
                check_booked(self._connector, answers)
                await ledger.pulls.save(pull)
        self._pull = pull or self._pull

    @asynccontextmanager
    async def _holding(self) -> AsyncIterator[Ledger]:
        """What is done with it holds on to the source. Raises TakenOver."""
        until = self._desk.now() + HOLD
        async with self._desk.database.ledger() as ledger:
            await self._held.extend(ledger, until)
            yield ledger
        self._held.extended(until)

    async def _fail(self, trouble: Trouble) -> None:
        asked = trouble.again if isinstance(trouble, Unanswered) else None
        if isinstance(trouble, Doubted):
            asked = self._connector.every
        wait = pulls.back_off(self._pull.failures + 1, self._connector.every, asked)
        # Many bots fail together when a vendor does.
        wait *= random.uniform(1, 1.2)  # noqa: S311
        now = self._desk.now()
        with contextlib.suppress(TakenOver):
            await finished(self._end(pulls.failed(self._pull, str(trouble), now, wait)))
        log.warning("a source could not be pulled", source=self._pull.source, error=str(trouble))

    async def _end(self, pull: Pull) -> None:
        async with self._desk.database.ledger() as ledger:
            await self._held.confirm(ledger)
            await ledger.pulls.save(pull)
            await ledger.pulls.let_go(pull.source)
        self._pull = pull


def _understood(
    connector: Connector, pages: Sequence[object], step: Stretch, now: datetime
) -> tuple[Told, Mark]:
    """Without an outline yet. Long for a long bill, so not in the loop. Raises NotUnderstood."""
    told = connector.parse(pages, step, now)
    check(connector.vendor.name, told.charges, step)
    return told, Mark(fingerprint(told.charges))
