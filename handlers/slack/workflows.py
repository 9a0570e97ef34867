"""`/budget …` about the registry: looking at it here, changing it in the files beside this one."""

from bot.cards import help as help_cards
from bot.moves import Move
from bot.refusal import Refusal
from handlers.desk import Desk
from handlers.flows.explain_caps import explain_caps
from handlers.flows.list_workflows import list_workflows
from handlers.flows.show_history import show_history
from handlers.flows.show_status import show_status
from handlers.flows.show_workflow import show_workflow
from handlers.slack import editing, moving, registering
from handlers.slack.calls import (
    Action,
    Answer,
    Command,
    Form,
    Pressed,
    Shows,
    Typed,
    page_of,
)


async def helps(call: Typed, _desk: Desk) -> Answer:
    """`/budget help [VERB]`"""
    verb = call.words.lower().strip("` ").removeprefix("/budget ").partition(" ")[0]
    if not verb:
        return help_cards.all_of_it()
    return help_cards.of_command(verb) or help_cards.unknown(verb, None)


async def shows(call: Typed, desk: Desk) -> Answer:
    return await _contract(call.words, call.user, desk)


async def shows_again(call: Pressed, desk: Desk) -> Answer:
    return await _contract(call.value, call.user, desk)


async def _contract(words: str, by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_workflow(
            words, by=by, ledger=ledger, organisation=organisation, now=desk.now()
        )


async def lists(call: Typed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        return await list_workflows(call.words, by=call.user, start=0, ledger=ledger)


async def lists_more(call: Pressed, desk: Desk) -> Answer:
    start, words = _page(call.value)
    async with desk.database.reading() as ledger:
        return await list_workflows(words, by=call.user, start=start, ledger=ledger)


def _page(value: str) -> tuple[int, str]:
    """`20 search`: where the page begins, and what is listed."""
    start, _, words = value.partition(" ")
    return page_of(start), words


async def shows_status(call: Typed, desk: Desk) -> Answer:
    if call.words:
        raise Refusal(help_cards.status_of(call.words))
    return await _status(call.user, 0, desk)


async def shows_more_status(call: Pressed, desk: Desk) -> Answer:
    start, _ = _page(call.value)
    return await _status(call.user, start, desk)


async def _status(user: str, start: int, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_status(
            user, start=start, ledger=ledger, organisation=organisation, now=desk.now()
        )


async def explains(call: Typed, desk: Desk) -> Answer:
    return await _explanation(call.words, call.user, desk)


async def explains_again(call: Pressed, desk: Desk) -> Answer:
    return await _explanation(call.value, call.user, desk)


async def _explanation(words: str, by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        return await explain_caps(words, by=by, ledger=ledger, now=desk.now())


async def tells_history(call: Typed, desk: Desk) -> Answer:
    return await _history(call.words, 0, call.user, desk)


async def tells_older(call: Pressed, desk: Desk) -> Answer:
    start, words = _page(call.value)
    return await _history(words, start, call.user, desk)


async def _history(words: str, start: int, by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        return await show_history(words, by=by, start=start, ledger=ledger, now=desk.now())


async def changes_class(call: Pressed, desk: Desk) -> Answer:
    """Another class was chosen in a form: its fields, with what was entered."""
    async with desk.database.reading() as ledger:
        teams = await ledger.teams.all()
    editing_one = call.view is not None and call.view["callback_id"] == "workflow.edit"
    form = editing.form_of_class if editing_one else registering.form_of_class
    return Shows(form(call, teams))


COMMANDS: dict[str, Command] = {
    "help": helps,
    "status": shows_status,
    "show": shows,
    "list": lists,
    "why": explains,
    "history": tells_history,
    "register": registering.opens_form,
    "edit": editing.opens_form,
    "activate": moving.typed(Move.ACTIVATE),
    "pause": moving.typed(Move.PAUSE),
    "resume": moving.typed(Move.RESUME),
    "retire": moving.opens_retirement,
}
ACTIONS: dict[str, Action] = {
    "kind": changes_class,
    "workflow.show": shows_again,
    "workflow.list": lists_more,
    "workflow.mine": shows_more_status,
    "workflow.why": explains_again,
    "workflow.history": tells_older,
    "workflow.edit": editing.opens_from_button,
    "workflow.activate": moving.pressed(Move.ACTIVATE),
    "workflow.pause": moving.pressed(Move.PAUSE),
    "workflow.resume": moving.pressed(Move.RESUME),
    "workflow.retire": moving.opens_retirement_from_button,
    "workflow.keep": moving.keeps,
}
VIEWS: dict[str, Form] = {
    "workflow.register": registering.previews,
    "workflow.preview": registering.saves,
    "workflow.edit": editing.saves,
    "workflow.retire": moving.retires,
}
