"""How an answer reaches the person: beside the field, as a form, or in words only they see."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.kit import section
from bot.notices import Card
from bot.refusal import Refusal
from handlers.slack.calls import Answer, Errors, Opens, Pressed, Publishes, Shows
from handlers.slack.forms import again, input_names
from handlers.slack.waiting import Later, Waiting, says_later, shows_later

log = structlog.get_logger()

_TOO_LATE = {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"}


async def answer_press(
    answer: Answer | Waiting, call: Pressed, client: AsyncWebClient, later: Later
) -> None:
    if isinstance(answer, Waiting):
        answer = await _waits(answer, call, client, later)
    if isinstance(answer, Opens):
        opening = client.views_push if call.view else client.views_open
        answer = await opened(opening, call.trigger, answer)
    if isinstance(answer, Shows) and call.view:
        await client.views_update(
            view_id=call.view["id"], hash=call.view.get("hash"), view=answer.view
        )
    elif isinstance(answer, Publishes):
        await client.views_publish(user_id=call.user, view=answer.view)
    elif isinstance(answer, Card):
        await whisper(client, answer, call.user, call.channel, call.thread_ts)


async def _waits(
    waiting: Waiting, call: Pressed, client: AsyncWebClient, later: Later
) -> Card | None:
    """In a form that lies upon the one where it was pressed, or in words."""
    if call.view is None:
        later.begin(said_later(waiting, call.user, call.channel, client, call.thread_ts))
        return waiting.card
    refused = await opened(client.views_push, call.trigger, Opens(waiting.view))
    if refused is None:
        later.begin(shows_later(waiting, call.view, client))
    else:
        waiting.coming.cancel()
    return refused


async def said_later(
    waiting: Waiting,
    user: str,
    channel: str | None,
    client: AsyncWebClient,
    thread: str | None = None,
) -> None:
    card = await says_later(waiting)
    if card is not None:
        await whisper(client, card, user, channel, thread)


async def opened(
    opening: Callable[..., Awaitable[object]], trigger: str, answer: Opens
) -> Card | None:
    """A word instead where it took longer than Slack waits: nothing was done, and it may be tried
    again.
    """
    try:
        await opening(trigger_id=trigger, view=answer.view)
    except SlackApiError as error:
        if error.response.get("error") not in _TOO_LATE:
            raise
        return Card("Slack waits three seconds for a form, and this took longer. Try again.")
    return None


async def whisper(
    client: AsyncWebClient, card: Card, user: str, channel: str | None, thread: str | None = None
) -> None:
    """A word only the person sees; at most once, since Slack keeps no trace of it."""
    try:
        if channel is None or not await _beside(client, card, user, channel, thread):
            await client.chat_postMessage(channel=user, text=card.text, blocks=list(card.blocks))
    except (SlackApiError, OSError, TimeoutError) as error:
        log.warning("a private word was not delivered", user=user, error=type(error).__name__)


async def _beside(
    client: AsyncWebClient, card: Card, user: str, channel: str, thread: str | None
) -> bool:
    """False where the bot may not speak in the channel: a DM will do."""
    try:
        await client.chat_postEphemeral(
            channel=channel, user=user, text=card.text, blocks=list(card.blocks), thread_ts=thread
        )
    except SlackApiError:
        return False
    return True


def privately(answer: Answer) -> dict[str, Any]:
    """What a command is acknowledged with."""
    if not isinstance(answer, Card):
        raise TypeError(answer)
    said: dict[str, Any] = {"text": answer.text, "response_type": "ephemeral"}
    return {**said, "blocks": list(answer.blocks)} if answer.blocks else said


def closing(answer: Answer | Waiting) -> dict[str, Any]:
    """What a form that was sent is acknowledged with; all of them close where nothing is shown."""
    if isinstance(answer, Errors):
        return {"response_action": "errors", "errors": answer.beside}
    if isinstance(answer, Waiting):
        action = "update" if answer.slow.in_place else "push"
        return {"response_action": action, "view": answer.view}
    if isinstance(answer, Shows):
        return {"response_action": "update", "view": answer.view}
    if isinstance(answer, Opens):
        return {"response_action": "push", "view": answer.view}
    return {"response_action": "clear"}


def refused(view: dict[str, Any], refusal: Refusal) -> Answer:
    """Beside the field it is about, or the first one."""
    names = input_names(view)
    if names:
        beside = refusal.field if refusal.field in names else names[0]
        return Errors({str(beside): str(refusal)})
    # Only inputs can carry an error of their own; a preview is shown again with the word on top.
    return Shows(again(view, section(f"⚠️ *Not saved.* {refusal}")))
