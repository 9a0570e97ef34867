"""A new workflow's first review: each button opens the form that does it everywhere else."""

from dataclasses import replace
from uuid import uuid4

from bot.caps import CapState
from bot.cards.changed import saved_edit
from bot.money import say
from bot.notices import Card
from bot.refusal import Refusal
from bot.requests import Until
from bot.review_decisions import Cap
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.answer_first_review import check_first_review, check_mine, find_fine
from handlers.flows.edit_workflow import Edited, edit_workflow
from handlers.slack import editing
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Form,
    Opens,
    Pressed,
    Submitted,
    View,
)
from handlers.slack.request_forms import request_form
from handlers.slack.review_forms import cap_form, read_cap
from handlers.steps.read_positions import read_positions
from storage.ledger import Ledger

_WHY = "First review"


async def finds_fine(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await find_fine(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
    return None


async def expands(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        workflow = await _checked(ledger, call, desk)
        [position] = await read_positions(ledger, [workflow], desk.now())
    return Opens(expand_form(workflow, position.tightest, call.channel))


def expand_form(workflow: Workflow, cap: CapState | None, channel: str | None) -> View:
    """The request for more, filled in as far as it goes."""
    values = {"until": Until.PERMANENT.value}
    if cap is not None:
        used = f"{say(cap.spent)} of {say(cap.cap.amount)} used ({cap.cap.kind} cap)"
        values |= {"cap": cap.cap.kind.value, "reason": f"{_WHY}: {used}."}
    private = {"id": uuid4().hex[:10], "channel": channel}
    return request_form([workflow], workflow, values, private)


async def cutting(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        workflow = await _checked(ledger, call, desk)
    private = {"key": workflow.key, "version": workflow.version, "channel": call.channel}
    return Opens(cut_form(workflow, private))


def cut_form(workflow: Workflow, private: dict[str, object]) -> View:
    return {**cap_form(workflow, private), "callback_id": "first_review.cut"}


async def cuts(call: Submitted, desk: Desk) -> Answer:
    private, cap = call.private, read_cap(call.values)
    try:
        edited = await _cut(call, cap, desk)
    except Refusal as refusal:
        # Whatever the registry calls the cap, the form calls it the amount.
        if str(refusal.field).endswith("_cap") or refusal.field in {"cap", "amount"}:
            raise Refusal(str(refusal), field="amount") from refusal
        # Nothing that is written in the form would help.
        return Closes(Card(str(refusal)), private.get("channel"))
    return Closes(saved_edit(edited.workflow, edited.told), private.get("channel"))


async def _cut(call: Submitted, cap: Cap, desk: Desk) -> Edited:
    key = call.private["key"]
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        stored = await check_first_review(
            key, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
        if stored.caps.of(cap.kind) == cap.amount:
            raise Refusal(f"The {cap.kind} cap is {say(cap.amount)} already.", field="amount")
        wanted = replace(
            stored,
            caps=stored.caps.having(cap.kind, cap.amount),
            version=call.private["version"],
        )
        edited = await edit_workflow(
            wanted,
            by=call.user,
            reason=_WHY,
            ledger=ledger,
            organisation=organisation,
            now=desk.now(),
        )
        await check_mine(key, by=call.user, ledger=ledger)
        return edited


async def changes(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        await _checked(ledger, call, desk)
    return await editing.opens_from_button(call, desk)


async def _checked(ledger: Ledger, call: Pressed, desk: Desk) -> Workflow:
    """Raises Refusal when this person may not decide: before a form is filled for nothing."""
    organisation = await desk.organisation(ledger)
    return await check_first_review(
        call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
    )


ACTIONS: dict[str, Action] = {
    "first_review.expand": expands,
    "first_review.cut": cutting,
    "first_review.change": changes,
    "first_review.fine": finds_fine,
}
VIEWS: dict[str, Form] = {"first_review.cut": cuts}
