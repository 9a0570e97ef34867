"""`/budget sources`: where spend is heard of."""

from bot.refusal import Refusal
from handlers.desk import Desk
from handlers.flows.show_sources import show_sources
from handlers.slack.calls import Action, Answer, Command, Pressed, Typed, page_of


async def lists(call: Typed, desk: Desk) -> Answer:
    if call.words:
        raise Refusal(
            "`/budget sources` shows where spend is heard of and takes nothing after it. What a "
            "source counts as is set in the contract file, section `sources:`."
        )
    return await _listed(call.user, 0, desk)


async def lists_more(call: Pressed, desk: Desk) -> Answer:
    return await _listed(call.user, page_of(call.value), desk)


async def _listed(user: str, start: int, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_sources(
            user, start=start, ledger=ledger, organisation=organisation, now=desk.now()
        )


COMMANDS: dict[str, Command] = {"sources": lists}
ACTIONS: dict[str, Action] = {"sources.list": lists_more}
