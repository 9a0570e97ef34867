"""The one listener of each kind that Bolt knows, and the tables it looks the call up in.

Bolt walks its listeners one by one; a table is found at once, and can be read by a test.
"""

import difflib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import help as help_cards
from bot.notices import Card
from bot.reassign_replies import mentioned
from bot.refusal import Refusal
from handlers.desk import Desk
from handlers.slack import (
    adjusting,
    alerts,
    amending,
    answering,
    attribution,
    break_glass,
    deliveries,
    departures,
    drafts,
    first_reviews,
    home,
    outcomes,
    paths,
    reassignments,
    reconciling,
    requests,
    reviews,
    revocations,
    rule_changing,
    settings,
    sources,
    standing_in,
    workflows,
)
from handlers.slack.acquaintance import TO_ACT, TO_LOOK, Acquaintance
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Event,
    Form,
    Listener,
    Opens,
    Pressed,
    Publishes,
    read_command,
    read_event,
    read_message,
    read_press,
    read_submission,
)
from handlers.slack.forms import people_in
from handlers.slack.responses import (
    answer_press,
    closing,
    opened,
    privately,
    refused,
    said_later,
    whisper,
)
from handlers.slack.waiting import Later, Waiting, in_time, shows_later

log = structlog.get_logger()

_CONVERSATIONS = (
    home,
    workflows,
    alerts,
    requests,
    answering,
    amending,
    drafts,
    reviews,
    reassignments,
    first_reviews,
    revocations,
    standing_in,
    settings,
    deliveries,
    departures,
    break_glass,
    outcomes,
    paths,
    attribution,
    rule_changing,
    adjusting,
    sources,
    reconciling,
)

COMMANDS: dict[str, Command] = {}
ACTIONS: dict[str, Action] = {}
VIEWS: dict[str, Form] = {}
LISTENERS: list[Listener] = []
EVENTS: dict[str, Event] = {}
for _part in _CONVERSATIONS:
    COMMANDS.update(getattr(_part, "COMMANDS", {}))
    ACTIONS.update(getattr(_part, "ACTIONS", {}))
    VIEWS.update(getattr(_part, "VIEWS", {}))
    LISTENERS.extend(getattr(_part, "LISTENERS", ()))
    EVENTS.update(getattr(_part, "EVENTS", {}))

# Commands that change something by themselves.
ACTING = {"activate", "pause", "resume", "review", "away", "test-alert", "expedite"}

# Events in which Slack itself speaks of somebody.
ABOUT_ACCOUNTS = {"user_change"}

Body = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """People's door: who is there, who may come in, and how to speak to them."""

    desk: Desk
    doorman: Acquaintance
    client: AsyncWebClient
    later: Later


def listen(bolt: AsyncApp, desk: Desk, client: AsyncWebClient) -> None:
    """Connect the tables to Bolt."""
    door = Door(desk, Acquaintance(client, desk), client, Later())
    _listen_to_acts(bolt, door)
    _listen_to_events(bolt, door)


def _listen_to_acts(bolt: AsyncApp, door: Door) -> None:
    @bolt.command("/budget")
    async def typed(ack: AsyncAck, body: Body) -> None:
        await _typed(ack, body, door)

    @bolt.action(re.compile(""))
    async def pressed(ack: AsyncAck, body: Body, action: Body) -> None:
        await _pressed(ack, read_press(body, action), _team(body), door)

    @bolt.view(re.compile(""))
    async def submitted(ack: AsyncAck, body: Body) -> None:
        await _submitted(ack, body, door)

    @bolt.view_closed(re.compile(""))
    async def closed(ack: AsyncAck) -> None:
        await ack()


def _listen_to_events(bolt: AsyncApp, door: Door) -> None:
    @bolt.event("message")
    async def heard(body: Body) -> None:
        await _heard(body, door)

    @bolt.event(re.compile(""))
    async def other(body: Body) -> None:
        await _happened(body, door)


async def _typed(ack: AsyncAck, body: Body, door: Door) -> None:
    verb, call = read_command(body)
    command = COMMANDS.get(verb)
    answer: Answer | Waiting
    try:
        await door.doorman.admit(call.user, body.get("team_id"), _fresh(verb))
        if command is None:
            answer = _unheard_of(verb, call.words)
        else:
            answer = await in_time(await command(call, door.desk), typed=True)
    except Refusal as refusal:
        answer = Card(str(refusal))
    if isinstance(answer, Waiting):
        door.later.begin(said_later(answer, call.user, call.channel, door.client))
        answer = answer.card
    if isinstance(answer, Opens):
        answer = await opened(door.client.views_open, call.trigger, answer)
    await (ack() if answer is None else ack(**privately(answer)))


async def _pressed(ack: AsyncAck, call: Pressed, team: str | None, door: Door) -> None:
    action = ACTIONS.get(call.action, _unknown)
    answer: Answer | Waiting
    try:
        await door.doorman.admit(call.user, team)
        answer = await in_time(await action(call, door.desk))
    except Refusal as refusal:
        answer = Card(str(refusal))
    await ack()
    await answer_press(answer, call, door.client, door.later)


async def _submitted(ack: AsyncAck, body: Body, door: Door) -> None:
    call = read_submission(body)
    form = VIEWS.get(call.callback)
    answer: Answer | Waiting
    try:
        await door.doorman.admit(call.user, _team(body))
        await door.doorman.meet_chosen(people_in(call.view))
        shown = await form(call, door.desk) if form else refused(call.view, Refusal(_GONE))
        answer = await in_time(shown)
    except Refusal as refusal:
        answer = refused(call.view, refusal)
    await ack(**closing(answer))
    if isinstance(answer, Closes):
        await whisper(door.client, answer.card, call.user, answer.channel)
    elif isinstance(answer, Waiting):
        door.later.begin(shows_later(answer, call.view, door.client))


async def _heard(body: Body, door: Door) -> None:
    said = read_message(body)
    # Only threads are conversations with the bot; nobody is looked up for the rest.
    if said is None or said.thread_ts is None:
        return
    try:
        await door.doorman.admit(said.user, body.get("team_id"))
    except Refusal:
        return
    # Whom Slack does not tell is asked all the same, and has to be admitted to accept.
    with suppress(Refusal):
        await door.doorman.meet_chosen({one: one for one in mentioned(said.text)})
    for listener in LISTENERS:
        await listener(said, door.desk)


async def _happened(body: Body, door: Door) -> None:
    event = EVENTS.get(body["event"]["type"])
    if event is None:
        log.debug("event left alone", event_type=body["event"]["type"])
        return
    call = read_event(body)
    # What Slack says of an account is no act of that account, and must reach us when it is gone.
    if call.type not in ABOUT_ACCOUNTS:
        try:
            await door.doorman.admit(call.user, body.get("team_id"), TO_LOOK)
        except Refusal:
            return
    elif body.get("team_id") != await door.doorman.team():
        return
    answer = await event(call, door.desk)
    if isinstance(answer, Publishes):
        await door.client.views_publish(user_id=call.user, view=answer.view)


def _fresh(verb: str) -> timedelta:
    """Most commands only look, or open a form that is checked when it is sent."""
    return TO_ACT if verb in ACTING else TO_LOOK


def _unheard_of(verb: str, words: str) -> Card:
    if not verb:
        return help_cards.all_of_it()
    return help_cards.elsewhere(verb, words) or help_cards.unknown(verb, _nearest(verb))


def _nearest(verb: str) -> str | None:
    return next(iter(difflib.get_close_matches(verb, COMMANDS, n=1, cutoff=0.5)), None)


_GONE = "This form belongs to an older release. Close it and start again."


async def _unknown(_call: Pressed, _desk: Desk) -> Answer:
    return Card("This button belongs to an older message. `/budget help` shows what works.")


def _team(body: Body) -> str | None:
    return (body.get("user") or {}).get("team_id") or (body.get("team") or {}).get("id")
