"""Asking for more, as people do it in Slack."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from bot.askable import check_active
from bot.caps import tightest
from bot.cards.requests import Asking, wants_a_second_look
from bot.edits import Wrong
from bot.money import read_usd
from bot.names import splits
from bot.refusal import Refusal, Unknown
from bot.requests import RequestDraft
from bot.workflows import Status, Workflow
from handlers.desk import Desk
from handlers.flows.request_more import confirm_request, preview_request, request_more
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Errors,
    Form,
    Opens,
    Pressed,
    Shows,
    Submitted,
    Typed,
    View,
)
from handlers.slack.forms import beside, together_with
from handlers.slack.request_forms import (
    preview_form,
    read_form,
    readable,
    request_form,
    split_amount,
    unkept,
    wrong_entries,
)
from handlers.steps.find_workflow import find_workflow
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger

_OFFERED = 100


async def typed(call: Typed, desk: Desk) -> Answer:
    """`/budget request [KEY] [AMOUNT]`, in either order"""
    async with desk.database.reading() as ledger:
        named, amount = await _meant(ledger, call)
        values = {"amount": amount}
        return Opens(await _form(ledger, desk, (call.user, named), values, _new(call.channel)))


async def _meant(ledger: Ledger, call: Typed) -> tuple[Workflow | None, str]:
    """A workflow may be called by a number, too: all that was typed comes first."""
    if not call.words:
        return None, ""
    try:
        return await find_workflow(ledger, call.words, by=call.user, verb="request"), ""
    except Unknown:
        key, amount = split_amount(call.words)
        if not amount:
            await _check_amount(ledger, call)
            raise
    if not key:
        return None, amount
    return await find_workflow(ledger, key, by=call.user, verb="request"), amount


async def _check_amount(ledger: Ledger, call: Typed) -> None:
    """Where a workflow is named, the rest is the amount. Raises NotMoney where it is none."""
    for name, amount in splits(call.words):
        try:
            await find_workflow(ledger, name, by=call.user, verb="request")
        except Unknown:
            continue
        read_usd(amount)


async def opened(call: Pressed, desk: Desk) -> Answer:
    """From an alert or a draft: `workflow|cap`, or `workflow|cap|amount`."""
    key, cap, amount = (*call.value.split("|"), "", "")[:3]
    async with desk.database.reading() as ledger:
        named = await ledger.workflows.get(key)
        values = {"cap": cap, "amount": amount[:40]}
        return Opens(await _form(ledger, desk, (call.user, named), values, _new(call.channel)))


async def chosen(call: Pressed, desk: Desk) -> Answer:
    """Another workflow in the open form: it has other caps."""
    async with desk.database.reading() as ledger:
        workflow = await ledger.workflows.get(call.value)
        has = {None, *(kind.value for kind, _ in workflow.caps.present())}
        values = {name: it for name, it in call.values.items() if name != "cap" or it in has}
        return Shows(await _form(ledger, desk, (call.user, workflow), values, call.private))


def _new(channel: str | None) -> dict[str, Any]:
    """The id is given when the form is opened, so that sending it twice asks once."""
    return {"id": uuid4().hex[:10], "channel": channel}


async def _form(
    ledger: Ledger,
    desk: Desk,
    asked: tuple[str, Workflow | None],
    values: dict[str, Any],
    private: dict[str, Any],
) -> View:
    """`asked`: by whom, and for which workflow, where they named one."""
    user, named = asked
    active = [one for one in await ledger.workflows.all() if one.status is Status.ACTIVE]
    if named is not None:
        check_active(named)
    elif not active:
        raise Refusal("No workflow is active yet, so there is nothing to raise.")
    mine = [one for one in active if user in {one.owner, one.backup}]
    picked = named or (mine[0] if len(mine) == 1 else None)
    if picked and not values.get("cap"):
        values = values | {"cap": await _tightest(ledger, desk, picked)}
    return request_form(_first(picked, mine, active), picked, values, private)


async def _tightest(ledger: Ledger, desk: Desk, workflow: Workflow) -> str | None:
    """The cap with the least money left."""
    organisation = await desk.organisation(ledger)
    watches = await watch_caps(ledger, organisation, [workflow], desk.now())
    found = tightest(cap.state for watch in watches.values() for cap in watch.caps)
    return found.cap.kind.value if found else None


def _first(
    picked: Workflow | None, mine: Sequence[Workflow], active: Sequence[Workflow]
) -> list[Workflow]:
    """The picked one, the person's own, the others: a list in Slack holds a hundred."""
    ordered = ([picked] if picked else []) + [*mine, *active]
    return list({one.key: one for one in ordered}.values())[:_OFFERED]


async def filled_in(call: Submitted, desk: Desk) -> Answer:
    """Sent at once, unless there is something the person should know first."""
    wrong = wrong_entries(call.values)
    values = readable(call.values, wrong)
    if values is None:
        return Errors(wrong)
    draft = read_form(values, call.user)
    unread = [Refusal(said, field=name) for name, said in wrong.items()]
    try:
        with together_with(unread):
            asking = await _weighed(call.private["id"], draft, desk)
    except Wrong as refused:
        return Errors(beside(call.view, refused))
    if asking is not None and wants_a_second_look(asking):
        return Opens(preview_form(asking, call.private))
    return await _sent(call.private, draft, desk)


async def _weighed(request: str, draft: RequestDraft, desk: Desk) -> Asking | None:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await preview_request(request, draft, ledger, organisation, desk.now())


async def looked_at(call: Submitted, desk: Desk) -> Answer:
    return await _sent(call.private, unkept(call.private, call.user), desk)


async def _sent(private: dict[str, Any], draft: RequestDraft, desk: Desk) -> Answer:
    """With a private word where it was typed: the card may stand in another channel."""
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        asked = await request_more(private["id"], draft, ledger, organisation, desk.now())
        word = await confirm_request(asked, ledger, organisation, desk.now())
    return Closes(word, private.get("channel"))


COMMANDS: dict[str, Command] = {"request": typed}
ACTIONS: dict[str, Action] = {
    "request.open": opened,
    "workflow": chosen,
}
VIEWS: dict[str, Form] = {
    "request.form": filled_in,
    "request.preview": looked_at,
}
