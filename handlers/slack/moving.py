"""Activating, pausing, resuming and retiring, typed or pressed."""

from datetime import date

from bot.cards import endings
from bot.cards.changed import said
from bot.cards.kit import section
from bot.cards.terms import titled
from bot.moves import Move
from handlers.desk import Desk
from handlers.flows.begin_retirement import begin_retirement
from handlers.flows.change_status import change_status
from handlers.slack.calls import Action, Answer, Closes, Command, Opens, Pressed, Submitted, Typed
from handlers.slack.forms import date_input, modal, text_input
from handlers.steps.retire_workflow import retire_workflow, undo_retire


def typed(move: Move) -> Command:
    """`/budget pause KEY because …`: what follows the key is the reason."""

    async def listener(call: Typed, desk: Desk) -> Answer:
        key, _, reason = call.words.partition(" ")
        return await _move(move, key, call.user, desk, reason=reason.strip())

    return listener


def pressed(move: Move) -> Action:
    async def listener(call: Pressed, desk: Desk) -> Answer:
        return await _move(move, call.value, call.user, desk)

    return listener


async def _move(move: Move, key: str, by: str, desk: Desk, *, reason: str = "") -> Answer:
    async with desk.database.ledger() as ledger:
        return await change_status(
            key,
            move,
            by=by,
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
            reason=reason,
        )


async def opens_retirement(call: Typed, desk: Desk) -> Answer:
    return await _opens(call.words, call.user, call.channel, desk)


async def opens_retirement_from_button(call: Pressed, desk: Desk) -> Answer:
    return await _opens(call.value, call.user, call.channel, desk)


async def _opens(words: str, by: str, channel: str | None, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        workflow, today = await begin_retirement(
            words, by=by, ledger=ledger, organisation=organisation, now=desk.now()
        )
    blocks = [
        section(endings.before_retiring(workflow)),
        date_input(
            "retire_on",
            "Last day",
            workflow.retire_on,
            hint=f"It stays as it is through that day. Today is {today:%-d %b %Y}; "
            "empty retires it at once.",
            optional=True,
        ),
        text_input("reason", "Reason", optional=True, long=True, limit=300),
    ]
    private = {"key": workflow.key, "channel": channel}
    return Opens(
        modal("workflow.retire", "Retire a workflow", blocks, submit="Retire", private=private)
    )


async def retires(call: Submitted, desk: Desk) -> Answer:
    last_day = call.values.get("retire_on")
    async with desk.database.ledger() as ledger:
        workflow = await retire_workflow(
            call.private["key"],
            by=call.user,
            on=date.fromisoformat(last_day) if last_day else None,
            reason=call.values.get("reason") or "",
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
        )
    return Closes(endings.retire_confirmed(workflow), call.private.get("channel"))


async def keeps(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        workflow = await undo_retire(
            call.value,
            by=call.user,
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
        )
    return said(f"{titled(workflow)} stays. Its last day is taken back.")
