"""Shorter ways to more money: proven return, and small raises that go through by themselves."""

from bot.notices import Card
from handlers.desk import Desk
from handlers.flows.expedite_workflow import expedite_workflow
from handlers.flows.take_back_raise import take_back_raise
from handlers.slack.calls import (
    Action,
    Answer,
    Command,
    Pressed,
    Typed,
)


async def expedites(call: Typed, desk: Desk) -> Answer:
    """`/budget expedite KEY reason…`, `/budget expedite KEY off`"""
    async with desk.database.ledger() as ledger:
        return await expedite_workflow(
            call.words,
            by=call.user,
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
        )


async def takes_back(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await take_back_raise(call.value, call.user, ledger, organisation, desk.now())
    return Card("Taken back: the cap is what it was, and the requester is told.")


COMMANDS: dict[str, Command] = {"expedite": expedites}
ACTIONS: dict[str, Action] = {"raise.take_back": takes_back}
