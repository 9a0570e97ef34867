from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from bot.acknowledgements import Acknowledgement, asks
from bot.alerts import CapWatch
from bot.people import answerable
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.watch_caps import Watch
from storage.ledger import Ledger

# The outbox keys of an alert, and of the message in whose thread it stands.
Messages = tuple[str, str]


async def ask_to_look(
    ledger: Ledger, organisation: Organisation, watch: Watch, messages: Messages, now: datetime
) -> None:
    """Start the clock for the news of a watch at or above the soft limit, or let the one that runs
    follow it.
    """
    news = [(cap, cap.news[-1]) for cap in watch.caps if cap.news]
    new = _asked(organisation, watch.workflow, news, messages, now)
    if new is not None:
        await _ask(ledger, new)


async def ask_of_change(
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    caps: Iterable[CapWatch],
    notice: str,
    now: datetime,
) -> bool:
    """The same for caps that somebody changed, where the notice is what says it; whether it does.
    The change itself is nobody's answer to it.
    """
    unsaid = [(cap, [at for at in cap.reached if at not in cap.said]) for cap in caps]
    news = [(cap, ats[-1]) for cap, ats in unsaid if ats]
    new = _asked(organisation, workflow, news, (notice, notice), now)
    if new is None:
        return False
    await _ask(ledger, replace(new, last_change=await _newest(ledger, workflow)))
    return True


async def _newest(ledger: Ledger, workflow: Workflow) -> int:
    return await ledger.acknowledgements.newest_change(workflow.key)


async def _ask(ledger: Ledger, new: Acknowledgement) -> None:
    while not await ledger.acknowledgements.add(new):
        waiting = await ledger.acknowledgements.waiting(new.workflow)
        if waiting and await ledger.acknowledgements.save(_going_on(waiting, new)):
            return


def _asked(
    organisation: Organisation,
    workflow: Workflow,
    news: Iterable[tuple[CapWatch, int]],
    messages: Messages,
    now: datetime,
) -> Acknowledgement | None:
    """`news`: caps, each with the highest threshold that is new."""
    notice, thread = messages
    pressing = [(cap, at) for cap, at in news if asks(workflow, at)]
    if not pressing:
        return None
    threshold = max(at for _, at in pressing)
    stated = dict.fromkeys((thread, notice, f"{notice}:dm", f"{notice}:dm:backup"))
    return Acknowledgement(
        uuid4().hex[:12],
        workflow.key,
        threshold,
        threshold >= workflow.hard_limit,
        now,
        max(cap.cap.period.end for cap, _ in pressing),
        organisation.policy.acknowledge_hours,
        thread,
        tuple(stated),
        answerable(workflow, organisation, now),
    )


def _going_on(waiting: Acknowledgement, new: Acknowledgement) -> Acknowledgement:
    """The hours count from the first alert, unless it stood still: then from what broke through."""
    still = waiting.paused_until is not None
    return replace(
        waiting,
        threshold=max(waiting.threshold, new.threshold),
        critical=waiting.critical or new.critical,
        asked_at=new.asked_at if still else waiting.asked_at,
        ends_at=max(waiting.ends_at, new.ends_at),
        thread=new.thread,
        notices=tuple(dict.fromkeys((*waiting.notices, *new.notices))),
        told=tuple(dict.fromkeys((*waiting.told, *new.told))),
        paused_until=None,
        last_change=max(waiting.last_change, new.last_change),
    )
