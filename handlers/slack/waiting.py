"""Answers that take longer than Slack waits for one: it is told at once that they come."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.kit import section
from bot.notices import Card
from bot.refusal import Refusal
from handlers.slack.calls import Answer, Opens, Shows, Slow, View
from handlers.slack.forms import modal

# Of Slack's three seconds: others go by until we hear of it and until it hears of us.
PATIENCE = 0.5
# A command's answer has no form to open afterwards, for which Slack's three seconds go on.
_PATIENCE_TYPED = 1.5
# A form that has just been announced may not be there yet.
_LOOKS, _APART = 4, 0.5
_FAILED = "Something went wrong here, and nothing is done. Try it again."

log = structlog.get_logger()


@dataclass(frozen=True)
class Waiting:
    """What is shown, or said, until the answer is there. `name`: of the form that shows it."""

    coming: asyncio.Task[Answer]
    slow: Slow
    name: str

    @property
    def view(self) -> View:
        said = f"⏳ {self.slow.meanwhile}", "If nothing else is shown in a minute, try it again."
        form = modal("waiting", "One moment", list(map(section, said)), submit=None, close="Close")
        return form if self.slow.in_place else {**form, "external_id": self.name}

    @property
    def card(self) -> Card:
        return Card(self.slow.meanwhile)


class Later:
    """What goes on after the answer to Slack, as long as the process lives."""

    def __init__(self) -> None:
        self._going: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_logged(work))
        self._going.add(task)
        task.add_done_callback(self._going.discard)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("what was waited for could not be told")


async def in_time(answer: Answer | Slow, *, typed: bool = False) -> Answer | Waiting:
    """The answer itself where it does not take long. Raises what it raises."""
    if not isinstance(answer, Slow):
        return answer
    coming = asyncio.create_task(answer.work())
    await asyncio.wait({coming}, timeout=_PATIENCE_TYPED if typed else PATIENCE)
    return coming.result() if coming.done() else Waiting(coming, answer, f"waiting-{uuid4().hex}")


async def shows_later(waiting: Waiting, sent: View, client: AsyncWebClient) -> None:
    """In the form that waits for it. `sent` is the one it stands in the place of, or lies upon."""
    found = {"view_id": sent["id"]} if waiting.slow.in_place else {"external_id": waiting.name}
    answer = await _outcome(waiting)
    if isinstance(answer, Opens | Shows):
        await _shown(answer.view, found, client)
    elif isinstance(answer, Card):
        told = modal("waiting", "Not done", [section(answer.text)], submit=None, close="Back")
        await _shown(told, found, client)


async def says_later(waiting: Waiting) -> Card | None:
    answer = await _outcome(waiting)
    return answer if isinstance(answer, Card) else None


async def _outcome(waiting: Waiting) -> Answer:
    """A word, where it came to nothing."""
    try:
        return await waiting.coming
    except Refusal as refusal:
        return Card(f"⚠️ {refusal}")
    except Exception:
        log.exception("an answer that was waited for did not come")
        return Card(f"⚠️ {_FAILED}")


async def _shown(view: View, found: Mapping[str, Any], client: AsyncWebClient) -> None:
    """Nowhere, where the person has closed the form."""
    for look in range(_LOOKS):
        if look:
            await asyncio.sleep(_APART)
        try:
            await client.views_update(**found, view=view)
        except SlackApiError as error:
            if error.response.get("error") != "not_found":
                raise
        else:
            return
    log.info("the form that waited for an answer is closed")
