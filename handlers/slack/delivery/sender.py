"""Claim, send, mark: three steps, and no ledger is open over the network.

Whoever crashes between two of them leaves a lease behind. When it has run out the notice is looked
up before it is sent again. That rests on three things: a call gives up before its lease ends, the
clocks of several processes differ by less than a lease, and Slack's history shows by then what
Slack accepted.
"""

import asyncio
import random
from datetime import timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.notices import Claim
from handlers.desk import Desk
from handlers.flows.hold_notice import Delay, hold_notice
from handlers.flows.set_notice_aside import set_notice_aside
from handlers.slack.delivery import metrics
from handlers.slack.delivery.errand import Errand, LeaseLost
from handlers.slack.delivery.outcomes import Outcome, Sent, SetAside, TryAgain
from handlers.slack.delivery.timing import Timing
from storage.deliveries import AlreadyClaimed
from storage.ledger import Ledger

log = structlog.get_logger()


class Sender:
    def __init__(self, desk: Desk, client: AsyncWebClient, timing: Timing) -> None:
        if client.retry_handlers:
            raise ValueError("a client that repeats lost calls by itself would post twice")
        self._desk, self._client, self._timing = desk, client, timing

    async def send_next(self, channel: str) -> Outcome | None:
        """What became of the channel's next notice; None when it is not this sender's turn."""
        deadline = asyncio.get_running_loop().time() + self._timing.lease
        claim = await self._claim(channel)
        if claim is None:
            return None
        try:
            outcome = await self._errand(claim, deadline).run()
        except LeaseLost:
            log.warning("notice left to another sender", **_about(claim))
            return None
        except asyncio.CancelledError:
            await self._settle(claim, TryAgain("stopped", seconds=0, in_doubt=True, wrong=False))
            raise
        except Exception as error:
            log.exception("notice cannot be sent", **_about(claim))
            outcome = TryAgain(f"failed: {type(error).__name__}", in_doubt=True)
        await self._settle(claim, outcome)
        return outcome

    async def _claim(self, channel: str) -> Claim | None:
        now = self._desk.now()
        try:
            async with self._desk.database.ledger() as ledger:
                return await ledger.deliveries.claim(channel, now, now + self._lease)
        except AlreadyClaimed:
            return None

    def _errand(self, claim: Claim, deadline: float) -> Errand:
        async def renew() -> float | None:
            later = asyncio.get_running_loop().time() + self._timing.lease
            async with self._desk.database.ledger() as ledger:
                kept = await ledger.deliveries.renew(claim, self._desk.now() + self._lease)
            return later if kept else None

        return Errand(claim, self._client, self._timing, deadline, renew)

    async def _settle(self, claim: Claim, outcome: Outcome) -> None:
        async with self._desk.database.ledger() as ledger:
            kept = await self._mark(claim, outcome, ledger)
        if not kept:
            log.warning("notice was taken over by another sender", **_about(claim))
        elif isinstance(outcome, Sent):
            self._note_sent(claim, outcome)
        else:
            _note_trouble(claim, outcome)

    async def _mark(self, claim: Claim, outcome: Outcome, ledger: Ledger) -> bool:
        now = self._desk.now()
        if isinstance(outcome, Sent):
            return await ledger.deliveries.sent(claim, outcome.place, now, outcome.reason)
        organisation = await self._desk.organisation(ledger)
        if isinstance(outcome, SetAside):
            return await set_notice_aside(claim, outcome.reason, ledger, organisation, now)
        due = now + timedelta(seconds=self._wait(claim, outcome))
        delay = Delay(due, outcome.reason, outcome.in_doubt, outcome.wrong)
        return await hold_notice(claim, delay, ledger, organisation, now)

    def _wait(self, claim: Claim, outcome: TryAgain) -> float:
        """Slack's own wish, else an exponential back-off with full jitter."""
        if outcome.seconds is not None:
            return outcome.seconds
        doublings = min(claim.attempts - 1, 30)
        most = min(self._timing.backoff * 2**doublings, self._timing.longest)
        return outcome.at_least + random.uniform(0, most)  # noqa: S311 - spreads load, no secret

    def _note_sent(self, claim: Claim, outcome: Sent) -> None:
        metrics.SENT.labels(claim.notice.act.value).inc()
        if outcome.found:
            metrics.FOUND.inc()
        metrics.DELAY.observe(max(0.0, (self._desk.now() - claim.created_at).total_seconds()))
        word = "found in Slack" if outcome.found else outcome.reason or "sent"
        log.info("notice sent", outcome=word, **_about(claim))

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self._timing.lease)


def _note_trouble(claim: Claim, outcome: SetAside | TryAgain) -> None:
    if isinstance(outcome, SetAside):
        metrics.SET_ASIDE.labels(outcome.reason).inc()
        log.error("notice set aside", outcome=outcome.reason, **_about(claim))
        return
    metrics.RETRIED.labels(outcome.reason).inc()
    if outcome.in_doubt:
        metrics.IN_DOUBT.inc()
    log.warning(
        "notice is tried again", outcome=outcome.reason, in_doubt=outcome.in_doubt, **_about(claim)
    )


def _about(claim: Claim) -> dict[str, object]:
    notice = claim.notice
    return {
        "notice": notice.key,
        "act": notice.act.value,
        "channel": notice.channel,
        "attempt": claim.attempts,
    }
