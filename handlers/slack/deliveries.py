"""What became of the bot's words, and a test of the way they go."""

from handlers.desk import Desk
from handlers.flows.send_again import send_again
from handlers.flows.send_test_alert import send_test_alert
from handlers.flows.show_deliveries import show_deliveries
from handlers.slack.calls import (
    Action,
    Answer,
    Command,
    Pressed,
    Typed,
    page_of,
)


async def lists(call: Typed, desk: Desk) -> Answer:
    """`/budget deliveries [KEY]`"""
    return await _listed(call.words, 0, call.user, desk)


async def lists_older(call: Pressed, desk: Desk) -> Answer:
    start, _, words = call.value.partition(" ")
    return await _listed(words, page_of(start), call.user, desk)


async def _listed(words: str, start: int, by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_deliveries(
            words, by=by, start=start, ledger=ledger, organisation=organisation, now=desk.now()
        )


async def sends_again(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        return await send_again(
            call.value, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )


async def tests(call: Typed, desk: Desk) -> Answer:
    """`/budget test-alert KEY`"""
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        return await send_test_alert(
            call.words, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )


COMMANDS: dict[str, Command] = {"deliveries": lists, "test-alert": tests}
ACTIONS: dict[str, Action] = {"delivery.list": lists_older, "delivery.again": sends_again}
