from datetime import datetime

from bot.cards import proven as cards
from bot.changes import Change
from bot.notices import Card
from bot.policy import Organisation
from bot.proven import Proven, check_may_mark, check_not_own, read_reason
from bot.refusal import Refusal
from bot.requests import Request
from bot.workflows import NotThatWay, Status, Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.find_workflow import find_workflow
from handlers.steps.tell_request import redraw
from storage.ledger import Ledger

_OFF = {"off", "no", "stop"}


async def expedite_workflow(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """`KEY reason…` marks its return as proven, `KEY off` takes that back. Raises Refusal."""
    check_may_mark(by, organisation.admins)
    key, _, rest = words.partition(" ")
    workflow = await find_workflow(ledger, key, by=by, verb="expedite")
    if rest.strip().lower() in _OFF:
        return await _off(ledger, organisation, workflow, by, now)
    check_not_own(by, workflow.key, workflow.owner)
    if workflow.status is Status.RETIRED:
        raise NotThatWay(f"`{workflow.key}` is retired; it asks for nothing more.")
    proven = Proven(workflow.key, read_reason(rest, workflow.key), by, now)
    if not await ledger.proven.add(proven):
        known = await ledger.proven.of(workflow.key)
        who = f" by <@{known.by}>" if known else ""
        raise Refusal(
            f"`{workflow.key}` is on the expedited path already, put{who}. "
            f"`/budget expedite {workflow.key} off` takes it off first."
        )
    what = "put it on the expedited path"
    await ledger.changes.add(Change(now, by, workflow.key, what, reason=proven.reason))
    card = cards.marked(workflow, proven, organisation.policy)
    return await _told(ledger, organisation, workflow, card, now)


async def _off(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, by: str, now: datetime
) -> Card:
    if not await ledger.proven.remove(workflow.key):
        raise Refusal(f"`{workflow.key}` is not on the expedited path.")
    what = "took it off the expedited path"
    await ledger.changes.add(Change(now, by, workflow.key, what))
    return await _told(ledger, organisation, workflow, cards.unmarked(workflow, by), now)


async def _told(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, card: Card, now: datetime
) -> Card:
    """In its channel; the cards of what waits say who is asked now."""
    channel = await channel_of(ledger, workflow)
    key = f"expedited:{workflow.key}:{int(now.timestamp() * 1000)}"
    await ledger.notices.post(key, channel, card, now)
    waiting: tuple[Request, ...] = await ledger.requests.waiting(workflow.key)
    for request in waiting:
        await redraw(ledger, organisation, request, now)
    return card
