"""Requests the bot has drafted: looked at and sent, or dismissed."""

from bot.askable import check_active
from bot.money import as_typed
from handlers.desk import Desk
from handlers.flows.dismiss_draft import dismiss_draft
from handlers.slack.calls import Action, Answer, Opens, Pressed
from handlers.slack.request_forms import request_form
from handlers.steps.open_draft import open_draft


async def opened(call: Pressed, desk: Desk) -> Answer:
    """The form of every request, with the draft in it. It is sent under the draft's id, so that
    one draft asks once.
    """
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        draft, workflow = await open_draft(ledger, organisation, call.value, call.user, desk.now())
    check_active(workflow)
    values = {
        "cap": draft.period.kind.value,
        "amount": as_typed(draft.amount),
        "until": draft.until.value,
        "reason": draft.reason,
    }
    private = {"id": draft.id, "channel": call.channel}
    return Opens(request_form([workflow], workflow, values, private))


async def dismissed(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await dismiss_draft(call.value, call.user, ledger, organisation, desk.now())
    return None


ACTIONS: dict[str, Action] = {"draft.open": opened, "draft.dismiss": dismissed}
