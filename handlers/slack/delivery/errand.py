"""One notice on its way to Slack: looked up where in doubt, then sent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.kit import clip
from bot.notices import Act, Claim, Place, thread_of, waits_for_target
from handlers.slack.delivery.answers import HELD, NoAnswer, NotReached, Refused, Unsent, ask
from handlers.slack.delivery.lookup import EVENT_TYPE, Call, look_up
from handlers.slack.delivery.outcomes import (
    Outcome,
    Sent,
    SetAside,
    TryAgain,
    unclear,
    verdict,
)
from handlers.slack.delivery.timing import Timing

_LONGEST_UPDATE = 4_000
_TOO_MUCH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_NO_THREAD = frozenset({"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"})

Message = dict[str, Any]
Renew = Callable[[], Awaitable[float | None]]


class LeaseLost(Exception):
    """Somebody else may be sending this notice; leave it to them."""


class Errand:
    """`deadline` is the loop's time at which the lease ends; `renew` gives a later one, or None
    when the lease was lost. No call is begun that could outlast it.
    """

    def __init__(
        self, claim: Claim, client: AsyncWebClient, timing: Timing, deadline: float, renew: Renew
    ) -> None:
        self._claim, self._client, self._timing = claim, client, timing
        self._deadline, self._renew = deadline, renew
        self._joined = False
        self._lost: list[str] = []

    async def run(self) -> Outcome:
        """Raises LeaseLost."""
        if waits_for_target(self._claim):
            return TryAgain("its parent is not sent yet", seconds=self._timing.moment, wrong=False)
        acts = {Act.POST: self._post, Act.UPDATE: self._update, Act.REACT: self._react}
        try:
            return await acts[self._claim.notice.act]()
        except Unsent as trouble:
            # Said twice, a rewrite and an emoji are as good as once; only a post is in doubt.
            lost = isinstance(trouble, NoAnswer) and self._claim.notice.act is Act.POST
            return verdict(trouble, self._settling(trouble), in_doubt=lost)

    async def _post(self) -> Outcome:
        try:
            found = await self._look_up() if self._claim.in_doubt else None
        except Unsent as trouble:
            return unclear(trouble, self._settling(trouble))
        if found is not None:
            return Sent(found, found=True)
        return await self._send(self._client.chat_postMessage, self._message())

    async def _look_up(self) -> Place | None:
        try:
            return await look_up(self._claim, self._client, self._ask)
        except Refused as refused:
            if not await self._let_in(refused):
                raise
        return await look_up(self._claim, self._client, self._ask)

    async def _update(self) -> Outcome:
        target, card = self._claim.target, self._claim.notice.card
        if target is None or target.place is None:
            return SetAside("the message it rewrites was not sent")
        message = {
            "channel": target.place.channel,
            "ts": target.place.ts,
            "text": clip(card.text, _LONGEST_UPDATE),
            "blocks": list(card.blocks),
        }
        return await self._send(self._client.chat_update, message)

    async def _react(self) -> Outcome:
        notice = self._claim.notice
        place = {"channel": notice.channel, "timestamp": notice.target_ts or ""}
        try:
            await self._ask(self._client.reactions_add, name=notice.card.text, **place)
        except Refused as refused:
            if refused.reason in HELD - {"missing_scope"}:
                raise
            # An emoji is not worth holding up what people wait to read.
            if refused.reason != "already_reacted":
                return SetAside(refused.reason)
        return Sent(None)

    def _message(self) -> Message:
        notice, thread = self._claim.notice, thread_of(self._claim)
        return {
            "channel": notice.channel if thread is None else thread.channel,
            "thread_ts": None if thread is None else thread.ts,
            "text": notice.card.text,
            "blocks": list(notice.card.blocks) or None,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": notice.key}},
            "unfurl_links": False,
            "unfurl_media": False,
        }

    async def _send(self, call: Call, message: Message) -> Sent:
        """With less in it when Slack takes no blocks, or knows no such thread."""
        while True:
            try:
                answer = await self._ask(call, **message)
            except Refused as refused:
                message = await self._less(message, refused)
            else:
                return Sent(_place(answer), "; ".join(self._lost) or None)

    async def _less(self, message: Message, refused: Refused) -> Message:
        if refused.reason in _TOO_MUCH and message["blocks"]:
            self._lost.append(f"sent as plain text: {refused.reason}")
            return message | {"blocks": [] if "ts" in message else None}
        if refused.reason in _NO_THREAD and message.get("thread_ts"):
            self._lost.append(f"sent outside its thread: {refused.reason}")
            return message | {"thread_ts": None}
        if not await self._let_in(refused):
            raise refused
        return message

    async def _let_in(self, refused: Refused) -> bool:
        """Join a public channel, once."""
        if refused.reason != "not_in_channel" or self._joined:
            return False
        self._joined = True
        try:
            await self._ask(self._client.conversations_join, channel=self._claim.notice.channel)
        except Refused:
            return False
        except NoAnswer as trouble:
            raise NotReached(trouble.reason) from trouble  # the message itself was not sent
        return True

    async def _ask(self, call: Call, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - Slack's
        if self._left() <= self._timing.timeout:
            deadline = await self._renew()
            if deadline is None:
                raise LeaseLost
            self._deadline = deadline
        return await ask(call(**arguments), self._timing.timeout)

    def _settling(self, trouble: Unsent) -> float:
        """How long until Slack's history can be trusted to show what it accepted. A call without an
        answer may be under way still: it waits out its lease, as after a crash.
        """
        slow = isinstance(trouble, NoAnswer) and trouble.slow
        return max(self._left() if slow else 0.0, self._timing.moment)

    def _left(self) -> float:
        return self._deadline - asyncio.get_running_loop().time()


def _place(answer: dict[str, Any]) -> Place:
    channel, ts = answer.get("channel"), answer.get("ts")
    if not isinstance(channel, str) or not isinstance(ts, str):
        raise NoAnswer("an answer without a timestamp")
    return Place(channel, ts)
