"""`/budget …` about the registry: looking at it here, changing it in the files beside this one."""

from bot.cards import help as help_cards
from handlers.desk import Desk
from handlers.flows.list_workflows import list_workflows
from handlers.flows.show_workflow import show_workflow
from handlers.slack import registering
from handlers.slack.calls import Action, Answer, Command, Form, Listener, Pressed, Typed


async def helps(_call: Typed, _desk: Desk) -> Answer:
    return help_cards.all_of_it()


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
    return int(start) if start.isdecimal() else 0, words


COMMANDS: dict[str, Command] = {
    "help": helps,
    "show": shows,
    "list": lists,
    "register": registering.opens_form,
}
ACTIONS: dict[str, Action] = {
    "workflow.show": shows_again,
    "workflow.list": lists_more,
}
VIEWS: dict[str, Form] = {
    "workflow.register": registering.previews,
    "workflow.preview": registering.saves,
}
LISTENERS: list[Listener] = []
