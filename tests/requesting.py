"""A request on its way, without Slack: each act a ledger of its own."""

from dataclasses import replace
from datetime import timedelta

from bot.requests import Reply
from handlers.flows.answer_request import answer_request
from handlers.flows.request_more import request_more
from tests.builders import ANA, MIA, MONDAY, a_draft, an_organisation

SEARCH = "C0SEARCH"
ORGANISATION = an_organisation()
HOUR = timedelta(hours=1)
LATER = MONDAY + HOUR


async def asks(database, now=MONDAY, organisation=ORGANISATION, **named):
    """Mia's request, `r-1`."""
    draft = a_draft(**({"asked_by": MIA} | named))
    async with database.ledger() as ledger:
        return await request_more("r-1", draft, ledger, organisation, now)


async def answers(database, by=ANA, now=LATER, organisation=ORGANISATION, **named):
    """A yes to it, unless `verdict` says otherwise."""
    reply = replace(Reply("r-1", by, SEARCH), **named)
    async with database.ledger() as ledger:
        return await answer_request(reply, ledger, organisation, now)


async def found(database):
    async with database.reading() as ledger:
        return await ledger.requests.get("r-1")
