"""The App Home, and the buttons that stand only there."""

from handlers.desk import Desk
from handlers.flows.show_home import show_home
from handlers.flows.show_workflow import show_workflow
from handlers.slack import registering, requests
from handlers.slack.calls import (
    Action,
    Answer,
    Event,
    Happened,
    Pressed,
    Publishes,
    Typed,
)


async def opened(call: Happened, desk: Desk) -> Answer:
    """Slack says `messages` when the other tab is looked at."""
    return await _published(call.user, desk) if call.event.get("tab") == "home" else None


async def refreshes(call: Pressed, desk: Desk) -> Answer:
    return await _published(call.user, desk)


async def _published(user: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return Publishes(await show_home(user, ledger, organisation, desk.now()))


async def asks_for_more(call: Pressed, desk: Desk) -> Answer:
    return await requests.typed(_as_typed(call), desk)


async def registers(call: Pressed, desk: Desk) -> Answer:
    return await registering.opens_form(_as_typed(call), desk)


async def shows_contract(call: Pressed, desk: Desk) -> Answer:
    """In the DM: a page of the Home has no place for an answer."""
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_workflow(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )


def _as_typed(call: Pressed) -> Typed:
    """As if the command had been typed in the DM."""
    return Typed(call.user, call.user, "", call.trigger)


ACTIONS: dict[str, Action] = {
    "home.refresh": refreshes,
    "home.request": asks_for_more,
    "home.register": registers,
    "home.show": shows_contract,
}
EVENTS: dict[str, Event] = {"app_home_opened": opened}
