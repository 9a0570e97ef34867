"""The outbox is emptied: channels beside each other, and in each of them one message at a time."""

import asyncio
import contextlib
from datetime import datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from handlers.desk import Desk
from handlers.slack.delivery.outcomes import Outcome, Sent, TryAgain
from handlers.slack.delivery.sender import Sender
from handlers.slack.delivery.timing import Timing

_SHORTEST_WAIT = 0.01

log = structlog.get_logger()


class Dispatcher:
    """`pace`: the seconds between two posts to one channel. Slack wants one (and bears with less
    for a moment: docs.slack.dev/apis/web-api/rate-limits).
    """

    def __init__(
        self,
        desk: Desk,
        client: AsyncWebClient,
        *,
        pace: float = 1.0,
        timing: Timing | None = None,
        at_once: int = 16,
    ) -> None:
        self._desk, self._pace, self._timing = desk, pace, timing or Timing()
        self._sender = Sender(desk, client, self._timing)
        self._slots = asyncio.Semaphore(at_once)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._overlooked = False
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled; the sends that are under way are finished first."""
        self._stopping.clear()
        try:
            while True:
                self._noticed.clear()
                await _wait(self._noticed, await self._look_round())
        finally:
            await self._finish()

    async def deliver_due(self) -> int:
        """Send what is due now, and what comes of that. How many were sent."""
        sent, stuck = 0, set[str]()
        while due := [channel for channel in await self._due() if channel not in stuck]:
            results = await asyncio.gather(*map(self._send_next, due))
            sent += sum(isinstance(result, Sent) for result in results)
            stuck |= {
                channel
                for channel, result in zip(due, results, strict=True)
                if result is None or isinstance(result, TryAgain)
            }
        return sent

    async def _look_round(self) -> float:
        """Open a lane for each channel that is due. The seconds until it is worth looking again."""
        try:
            turns = await self._turns()
        except Exception:
            log.exception("the outbox cannot be read")
            return self._timing.poll
        now = self._desk.now()
        for channel in (channel for channel, turn in turns.items() if turn <= now):
            if channel in self._lanes:
                self._overlooked = True
            else:
                self._lanes[channel] = asyncio.create_task(self._lane(channel))
        waits = [(turn - now).total_seconds() for turn in turns.values() if turn > now]
        return max(min([self._timing.poll, *waits]), _SHORTEST_WAIT)

    async def _lane(self, channel: str) -> None:
        """Send what the channel has due, at its pace."""
        try:
            while await self._has_more(channel, await self._send_next(channel)):
                pass
        except Exception:
            log.exception("the messages of a channel are tried again", channel=channel)
            await self._rest(self._timing.poll)
        finally:
            del self._lanes[channel]
            if self._overlooked:
                self._overlooked = False
                self._noticed.set()

    async def _send_next(self, channel: str) -> Outcome | None:
        async with self._slots:
            return await self._sender.send_next(channel)

    async def _has_more(self, channel: str, outcome: Outcome | None) -> bool:
        if outcome is None:
            return False
        if isinstance(outcome, TryAgain):
            self._overlooked = True  # its turn may come before the next look round
            return False
        if isinstance(outcome, Sent) and outcome.place is not None:
            await self._rest(self._pace)
        if self._stopping.is_set():
            return False
        async with self._desk.database.reading() as ledger:
            return await ledger.deliveries.is_due(channel, self._desk.now())

    async def _finish(self) -> None:
        self._stopping.set()
        lanes = list(self._lanes.values())
        if not lanes:
            return
        _, late = await asyncio.wait(lanes, timeout=self._timing.farewell)
        for lane in late:
            lane.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _rest(self, seconds: float) -> None:
        await _wait(self._stopping, seconds)

    async def _turns(self) -> dict[str, datetime]:
        async with self._desk.database.reading() as ledger:
            return await ledger.deliveries.channels()

    async def _due(self) -> list[str]:
        now = self._desk.now()
        return [channel for channel, turn in (await self._turns()).items() if turn <= now]

    @property
    def _noticed(self) -> asyncio.Event:
        return self._desk.database.noticed


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """For the event, but no longer than this."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
