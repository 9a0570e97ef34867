"""A request that its author changes while it waits."""

from typing import Any

from bot.cards import requests as cards
from bot.cards.answers import what
from bot.cards.kit import named, section
from bot.cards.requests import Asking, wants_a_second_look
from bot.edits import Wrong
from bot.notices import Card
from bot.refusal import Refusal
from bot.requests import Reply, Request, RequestDraft
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.amend_request import amend_request, check_amend, preview_amendment
from handlers.slack.answering import closing_unless_beside, reply_of, reply_to
from handlers.slack.answering import kept as remembered
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
from handlers.slack.forms import beside, modal, together_with
from handlers.slack.request_forms import (
    how_long,
    kept,
    read_form,
    readable,
    unkept,
    what_for,
    wrong_entries,
)

_OURS = ("request", "channel", "list")


def amend_form(request: Request, workflow: Workflow, private: dict[str, Any]) -> View:
    """As it stands; the workflow and the cap stay. `private` gets them for reading the form."""
    words = (
        f"{what(request)} of *{named(workflow.name)}*. A changed request begins again: every step "
        "is asked again, and its clocks begin again."
    )
    values = kept(request_terms(request))
    fixed = {"workflow": request.workflow, "cap": request.cap.value}
    return modal(
        "request.amend",
        "Amend your request",
        (section(words), *how_long(values), *what_for(values)),
        submit="Change request",
        private={**private, "fixed": fixed},
    )


def request_terms(request: Request) -> RequestDraft:
    names = RequestDraft.__dataclass_fields__
    return RequestDraft(**{name: getattr(request, name) for name in names})


async def opens(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        request = await check_amend(reply_to(call), ledger, desk.now())
        workflow = await ledger.workflows.get(request.workflow)
    return Opens(amend_form(request, workflow, remembered(call)))


async def filled_in(call: Submitted, desk: Desk) -> Answer:
    """Changed at once, unless there is something the person should know first."""
    entries = {**call.values, **call.private["fixed"]}
    wrong = wrong_entries(entries)
    values = readable(entries, wrong)
    if values is None:
        return Errors(wrong)
    draft = read_form(values, call.user)
    unread = [Refusal(said, field=name) for name, said in wrong.items()]
    try:
        with together_with(unread):
            weighed = await _weighed(call, draft, desk)
    except Wrong as refused:
        return Errors(beside(call.view, refused))
    except Refusal as refusal:
        return closing_unless_beside(call, refusal)
    if wants_a_second_look(weighed):
        return Opens(_preview(weighed, draft, call.private))
    return await _changed(call, draft, desk)


async def _weighed(call: Submitted, draft: RequestDraft, desk: Desk) -> Asking:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await preview_amendment(reply_of(call), draft, ledger, organisation, desk.now())


def _preview(weighed: Asking, draft: RequestDraft, private: dict[str, Any]) -> View:
    ours = {name: private[name] for name in _OURS}
    return modal(
        "request.amend_sure",
        "Amend your request",
        cards.preview(weighed),
        submit="Change request",
        close="Back",
        private={**ours, **kept(draft)},
    )


async def looked_at(call: Submitted, desk: Desk) -> Answer:
    terms = {name: value for name, value in call.private.items() if name not in _OURS}
    return await _changed(call, unkept(terms, call.user), desk)


async def _changed(call: Submitted, draft: RequestDraft, desk: Desk) -> Answer:
    reply: Reply = reply_of(call)
    try:
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            request = await amend_request(reply, draft, ledger, organisation, desk.now())
    except Refusal as refusal:
        return closing_unless_beside(call, refusal)
    word = f"Changed: it is for {what(request)} now, and every step is asked again."
    return Closes(Card(word), call.private.get("channel"))


ACTIONS: dict[str, Action] = {"request.amend": opens, "requests.amend": opens}
VIEWS: dict[str, Form] = {"request.amend": filled_in, "request.amend_sure": looked_at}
