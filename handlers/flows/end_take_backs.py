from datetime import datetime

from bot.cards import small_raises as cards
from bot.periods import zone_now
from bot.policy import Organisation
from handlers.steps.each_apart import each_apart
from handlers.steps.settle_raise import settle_raise
from storage.ledger import Ledger


async def end_take_backs(ledger: Ledger, _organisation: Organisation, now: datetime) -> None:
    """Where the day to take a raise back is over, or the raise itself, its buttons go, once; one
    question when there are none.
    """

    async def end(request_id: str) -> None:
        if not await ledger.take_backs.close(request_id):
            return
        request = await ledger.requests.get(request_id)
        workflow = await ledger.workflows.get(request.workflow)
        overrides = await ledger.overrides.of(request.workflow)
        override = next(one for one in overrides if one.request == request.id)
        zone = zone_now(workflow.calendars, now)
        await settle_raise(ledger, request, cards.stays(override, zone, now), now)

    await each_apart(ledger, await ledger.take_backs.over(now), end)
