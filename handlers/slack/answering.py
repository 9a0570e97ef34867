"""Answering requests: on a request's card, or in one's own list of those that are open."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.cards import open_requests as cards
from bot.edits import Wrong
from bot.notices import Card
from bot.refusal import Refusal
from bot.requests import Reply, Request, State
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.answer_request import answer_request, check_answer
from handlers.flows.ask_back import ask_back
from handlers.flows.hear_requester import hear_requester
from handlers.flows.list_requests import list_requests
from handlers.flows.withdraw_request import withdraw_request
from handlers.slack.answer_forms import ask_form, deny_form, less_form, read_less
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Errors,
    Form,
    Heard,
    Listener,
    Opens,
    Pressed,
    Submitted,
    Typed,
    View,
    number_of,
    page_of,
)
from handlers.slack.forms import beside, input_names
from handlers.steps.take_reply import Words

_CARD = "request:"


def reply_to(call: Pressed) -> Reply:
    """The value is `id|edition`, on older cards `id`. A list may be read anywhere."""
    request, _, edition = call.value.partition("|")
    return Reply(
        request,
        call.user,
        None if _from_list(call) else call.channel or "",
        edition=number_of(edition),
    )


def kept(call: Pressed) -> dict[str, Any]:
    """What a form that was opened by this press remembers."""
    return {"request": call.value, "channel": call.channel, "list": _from_list(call)}


def _from_list(call: Pressed) -> bool:
    return call.action.startswith("requests.")


def reply_of(call: Submitted, reason: str | None = None) -> Reply:
    """Where it was pressed was checked when the form was opened."""
    request, _, edition = str(call.private["request"]).partition("|")
    return Reply(
        request,
        call.user,
        None,
        reason=reason or "",
        edition=number_of(edition),
    )


async def lists(call: Typed, desk: Desk) -> Answer:
    """`/budget requests`"""
    if call.words:
        raise Refusal(
            "`/budget requests` shows every open request that concerns you and takes nothing "
            "after it. `/budget request KEY` asks for more."
        )
    return await _listed(call.user, 0, desk)


async def shows(call: Pressed, desk: Desk) -> Answer:
    return await _listed(call.user, page_of(call.value), desk)


async def _listed(user: str, start: int, desk: Desk) -> Card:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await list_requests(user, ledger, organisation, desk.now(), start=start)


async def approves(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        answered = await answer_request(reply_to(call), ledger, organisation, desk.now())
    return _done(call, answered)


async def withdraws(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        withdrawn = await withdraw_request(reply_to(call), ledger, desk.now())
    return _done(call, withdrawn)


def _done(call: Pressed, request: Request) -> Card | None:
    """A card changes before their eyes; a list does not."""
    return cards.done(request) if _from_list(call) else None


async def denying(call: Pressed, desk: Desk) -> Answer:
    return await _opened(call, deny_form, desk)


async def lessening(call: Pressed, desk: Desk) -> Answer:
    return await _opened(call, less_form, desk)


async def asking(call: Pressed, desk: Desk) -> Answer:
    return await _opened(call, ask_form, desk)


async def _opened(
    call: Pressed, form: Callable[[Request, Workflow, dict[str, Any]], View], desk: Desk
) -> Answer:
    """Only for whom may answer: before a form is filled for nothing."""
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        request, standing = await check_answer(reply_to(call), ledger, organisation, desk.now())
    return Opens(form(request, standing.workflow, kept(call)))


async def denied(call: Submitted, desk: Desk) -> Answer:
    reply = reply_of(call, call.values.get("reason"))
    return await _answered(call, replace(reply, verdict=State.DENIED), desk)


async def lessened(call: Submitted, desk: Desk) -> Answer:
    reply = reply_of(call, call.values.get("reason"))
    try:
        less = read_less(call.values)
    except Wrong as wrong:
        return Errors(beside(call.view, wrong))
    return await _answered(call, replace(reply, less=less), desk)


async def _answered(call: Submitted, reply: Reply, desk: Desk) -> Answer:
    try:
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            answered = await answer_request(reply, ledger, organisation, desk.now())
    except Refusal as refusal:
        return closing_unless_beside(call, refusal)
    if not call.private.get("list"):
        return None
    return Closes(cards.done(answered), call.private.get("channel"))


async def asked(call: Submitted, desk: Desk) -> Answer:
    reply = reply_of(call, call.values.get("question"))
    try:
        async with desk.database.ledger() as ledger:
            request = await ask_back(reply, ledger, await desk.organisation(ledger), desk.now())
    except Refusal as refusal:
        return closing_unless_beside(call, refusal)
    if not call.private.get("list"):
        return None
    return Closes(cards.asked(request), call.private.get("channel"))


def closing_unless_beside(call: Submitted, refusal: Refusal) -> Answer:
    """Beside its field; where nothing that is written would help, the form closes."""
    if refusal.field in input_names(call.view):
        raise refusal
    return Closes(Card(str(refusal)), call.private.get("channel"))


async def hears(call: Heard, desk: Desk) -> None:
    """A reply in a request's thread; most messages are none of the bot's business."""
    if call.thread_ts is None:
        return
    async with desk.database.reading() as ledger:
        notice = await ledger.notices.key_of(call.channel, call.thread_ts)
        found = notice and await ledger.requests.find(notice.removeprefix(_CARD))
    if not found or notice != found.notice or call.user != found.asked_by:
        return
    said = Words(call.user, call.channel, call.ts, call.text)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await hear_requester(found.id, said, ledger, organisation, desk.now())


COMMANDS: dict[str, Command] = {"requests": lists}
ACTIONS: dict[str, Action] = {
    "requests.show": shows,
    **{
        f"{place}.{verb}": act
        for place in ("request", "requests")
        for verb, act in (
            ("approve", approves),
            ("less", lessening),
            ("ask", asking),
            ("deny", denying),
            ("withdraw", withdraws),
        )
    },
}
VIEWS: dict[str, Form] = {
    "request.deny": denied,
    "request.less": lessened,
    "request.ask": asked,
}
LISTENERS: list[Listener] = [hears]
