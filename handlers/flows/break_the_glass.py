from dataclasses import replace
from datetime import datetime

from bot.break_glass import BreakGlass
from bot.caps import running_period
from bot.cards import break_glass as cards
from bot.changes import Change
from bot.delegations import acting
from bot.incidents import Incident, Taken, read, taken
from bot.money import say
from bot.notices import Urgency
from bot.override_trail import in_force, lent
from bot.people import approvers_of
from bot.periods import CapKind
from bot.policy import Organisation
from bot.refusal import Unknown
from bot.requests import Request, Standing
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.check_break_glass import broken_this_month, check_break_glass
from handlers.steps.find_workflow import find_workflow
from handlers.steps.request_standing import request_standing
from handlers.steps.settle_draft import settle_drafts_of
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger

_JOB = "break-glass"


async def begin_break_glass(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Workflow:
    """Raises Refusal before anything is typed in vain."""
    workflow = await find_workflow(ledger, words, by=by, verb="break-glass")
    await check_break_glass(ledger, organisation, workflow, by, now)
    again = await broken_this_month(ledger, workflow, now)
    if again is not None:
        raise again
    return workflow


async def break_the_glass(
    incident: Incident, ledger: Ledger, organisation: Organisation, now: datetime
) -> Taken:
    """Money at once, loudly; taken once under its id, however often it is sent.

    Raises Refusal: who may, how much, or that it was done this month already.
    """
    standing = await request_standing(ledger, incident.workflow)
    channel = await channel_of(ledger, standing.workflow)
    sent = await ledger.requests.find(incident.id)
    if sent is not None and sent.asked_by == incident.by:
        return taken(_as_sent(sent), standing, channel, sent.asked_at)
    await check_break_glass(ledger, organisation, standing.workflow, incident.by, now)
    clean = read(incident, standing.workflow, organisation.policy, now)
    await _claim(ledger, standing.workflow, now)
    return await _take(ledger, organisation, taken(clean, standing, channel, now), standing)


def _as_sent(sent: Request) -> Incident:
    return Incident(sent.id, sent.workflow, sent.cap, sent.amount, sent.reason, sent.asked_by)


async def _claim(ledger: Ledger, workflow: Workflow, now: datetime) -> None:
    """The month's only one. Raises BrokenAlready."""
    month = running_period(workflow, CapKind.MONTHLY, now)
    again = await broken_this_month(ledger, workflow, now)
    if again is None and await ledger.jobs.claim(_JOB, workflow.key, month.start, now):
        return
    raise again or await broken_this_month(ledger, workflow, now) or Unknown("Try again.")


async def _take(
    ledger: Ledger, organisation: Organisation, new: Taken, standing: Standing
) -> Taken:
    request, now = new.request, new.one.at
    await ledger.requests.add(request)
    await settle_drafts_of(ledger, request, standing.workflow, now)
    await ledger.overrides.add(new.override)
    await ledger.break_glass.add(new.one)
    change = await tell_cap_change(
        ledger,
        organisation,
        standing.workflow,
        standing.workflow,
        now,
        said_by=request.notice,
        overrides_before=standing.overrides,
    )
    new = replace(new, told=change.sentences)
    await ledger.changes.add(_change(new))
    await _tell(ledger, organisation, new, standing)
    return new


def _change(new: Taken) -> Change:
    request, gives, one = new.request, new.effect, new.one
    what = f"broke the glass: {say(request.amount)} more on the {request.cap} cap"
    becomes = in_force(request.cap, gives.after)
    if gives.end is not None:
        becomes |= lent(request.amount, gives.end)
    was = in_force(request.cap, gives.before)
    after = {f"request:{request.id}": request.state.value, **becomes}
    return Change(one.at, one.by, request.workflow, what, was, after, request.reason)


async def _tell(ledger: Ledger, organisation: Organisation, new: Taken, standing: Standing) -> None:
    request, one = new.request, new.one
    named = approvers_of(standing.workflow, standing.team)
    approving = [each.person for each in acting(named, organisation.delegations, one.at)]
    card = cards.for_channel(new, approving)
    await ledger.notices.post(request.notice, request.channel, card, one.at)
    concerned = dict.fromkeys((*approving, *organisation.finance, standing.workflow.owner))
    for person in concerned:
        if person and person != one.by:
            word = Word(_key(one, person), person, cards.for_person(new), Urgency.CRITICAL)
            await tell_person(ledger, organisation, word, one.at)


def _key(one: BreakGlass, person: str) -> str:
    return f"break-glass:{one.request}:{person}"
