"""Did it happen? The answer, as people give it in Slack."""

from bot.cards import outcomes as cards
from bot.cards.kit import section
from bot.notices import Card
from bot.outcomes import LENGTHS, Happened, Outcome, Said
from bot.refusal import Refusal
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.tell_outcome import begin_outcome, tell_outcome
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Errors,
    Form,
    Opens,
    Pressed,
    Submitted,
    View,
)
from handlers.slack.forms import choice_input, modal, text_input

_CHOICES = (
    (Happened.YES.value, "Yes, it happened"),
    (Happened.PARTLY.value, "Partly"),
    (Happened.NO.value, "No"),
)


def pressed(answer: Happened) -> Action:
    async def listener(call: Pressed, desk: Desk) -> Answer:
        return await _opens(call, desk, answer)

    return listener


async def corrects(call: Pressed, desk: Desk) -> Answer:
    return await _opens(call, desk, None)


async def _opens(call: Pressed, desk: Desk, answer: Happened | None) -> Answer:
    async with desk.database.reading() as ledger:
        outcome, workflow = await begin_outcome(call.value, call.user, ledger, desk.now())
    return Opens(_form(outcome, workflow, answer or outcome.answer, call.channel))


def _form(
    outcome: Outcome, workflow: Workflow, answer: Happened | None, channel: str | None
) -> View:
    chosen = answer.value if answer else None
    blocks = [
        section(cards.before_answer(outcome, workflow)),
        choice_input("answer", "Did it happen?", _CHOICES, chosen, radio=True),
        text_input(
            "evidence",
            "What shows it, or what happened instead",
            outcome.evidence,
            long=True,
            limit=LENGTHS["evidence"],
        ),
        text_input(
            "link",
            "Link",
            outcome.link,
            hint="A page that shows it.",
            placeholder="https://…",
            optional=True,
            limit=LENGTHS["link"],
        ),
    ]
    private = {"request": outcome.request, "channel": channel}
    return modal("outcome.form", "Did it happen?", blocks, submit="Say it", private=private)


async def says(call: Submitted, desk: Desk) -> Answer:
    answer = call.values.get("answer")
    if answer not in set(map(str, Happened)):
        return Errors({"answer": "Choose one."})
    said = Said(
        call.private["request"],
        call.user,
        Happened(answer),
        call.values.get("evidence") or "",
        call.values.get("link") or "",
    )
    channel = call.private.get("channel")
    try:
        async with desk.database.ledger() as ledger:
            outcome = await tell_outcome(said, ledger, desk.now())
    except Refusal as refusal:
        if refusal.field is not None:
            raise
        return Closes(Card(str(refusal)), channel)
    return Closes(cards.thanked(outcome), channel)


ACTIONS: dict[str, Action] = {
    "outcome.correct": corrects,
    "outcome.yes": pressed(Happened.YES),
    "outcome.partly": pressed(Happened.PARTLY),
    "outcome.no": pressed(Happened.NO),
}
VIEWS: dict[str, Form] = {"outcome.form": says}
