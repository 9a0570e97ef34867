"""Money at once in an incident, and the look at it afterwards."""

from typing import Any
from uuid import uuid4

from bot.break_glass import LENGTH, Review
from bot.cards import break_glass as cards
from bot.cards.kit import section
from bot.edits import Wrong
from bot.incidents import Incident
from bot.money import read_usd, say
from bot.names import tidy
from bot.notices import Card
from bot.periods import CapKind
from bot.refusal import Refusal
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.break_the_glass import begin_break_glass, break_the_glass
from handlers.flows.review_break_glass import Verdict, begin_verdict, judge_break_glass
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Errors,
    Form,
    Opens,
    Pressed,
    Submitted,
    Typed,
    View,
)
from handlers.slack.forms import beside, choice_input, modal, text_input


async def opens_form(call: Typed, desk: Desk) -> Answer:
    """`/budget break-glass [KEY]`"""
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        workflow = await begin_break_glass(
            call.words, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
    head = cards.before(workflow, organisation.policy.break_glass_up_to, desk.now())
    private = {"id": uuid4().hex[:10], "key": workflow.key, "channel": call.channel}
    return Opens(_form(workflow, head, private))


def _form(workflow: Workflow, head: str, private: dict[str, Any]) -> View:
    caps = [
        (kind.value, f"{kind.value.capitalize()} cap, {say(cap)}")
        for kind, cap in workflow.caps.present()
    ]
    blocks = [
        section(head),
        choice_input("cap", "Which cap", caps, caps[0][0] if len(caps) == 1 else None),
        text_input("amount", "How much more, in USD", placeholder="100", limit=40),
        text_input("reason", "Which incident", long=True, limit=LENGTH),
    ]
    return modal("break_glass.form", "Break-glass", blocks, submit="Take it now", private=private)


async def takes(call: Submitted, desk: Desk) -> Answer:
    wrong = _unread(call.values)
    if wrong:
        return Errors(wrong)
    incident = Incident(
        call.private["id"],
        call.private["key"],
        CapKind(call.values["cap"]),
        read_usd(tidy(call.values["amount"]), field="amount"),
        call.values.get("reason") or "",
        call.user,
    )
    channel = call.private.get("channel")
    try:
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            new = await break_the_glass(incident, ledger, organisation, desk.now())
    except Wrong as refused:
        return Errors(beside(call.view, refused))
    except Refusal as refusal:
        # Nothing that is written in the form would help.
        return Closes(Card(str(refusal)), channel)
    return Closes(cards.for_taker(new), channel)


def _unread(values: dict[str, Any]) -> dict[str, str]:
    wrong = {}
    if values.get("cap") not in set(map(str, CapKind)):
        wrong["cap"] = "Choose a cap."
    try:
        read_usd(tidy(values.get("amount") or ""), field="amount")
    except Refusal as refusal:
        wrong["amount"] = str(refusal)
    if not tidy(values.get("reason") or ""):
        wrong["reason"] = "Say which incident it is: approver and finance read it."
    return wrong


async def was_right(call: Pressed, desk: Desk) -> Answer:
    verdict = Verdict(call.value, call.user, Review.RIGHT)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await judge_break_glass(verdict, ledger, organisation, desk.now())
    return Card("Thank you: it is noted that it was right.")


async def was_not(call: Pressed, desk: Desk) -> Answer:
    """The form that asks why."""
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        look = await begin_verdict(call.value, call.user, ledger, organisation, desk.now())
    blocks = [
        section(cards.before_note(look.one, look.request)),
        text_input("note", "Why was it not right?", long=True, limit=LENGTH),
    ]
    private = {"request": call.value, "channel": call.channel}
    return Opens(
        modal("break_glass.wrong", "It was not right", blocks, submit="Say it", private=private)
    )


async def says_why_not(call: Submitted, desk: Desk) -> Answer:
    verdict = Verdict(
        call.private["request"], call.user, Review.WRONG, call.values.get("note") or ""
    )
    try:
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            await judge_break_glass(verdict, ledger, organisation, desk.now())
    except Refusal as refusal:
        if refusal.field == "note":
            raise
        return Closes(Card(str(refusal)), call.private.get("channel"))
    return None


COMMANDS: dict[str, Command] = {"break-glass": opens_form}
ACTIONS: dict[str, Action] = {"break_glass.right": was_right, "break_glass.wrong": was_not}
VIEWS: dict[str, Form] = {"break_glass.form": takes, "break_glass.wrong": says_why_not}
