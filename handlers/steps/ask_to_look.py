from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from bot.acknowledgements import Acknowledgement, asks
from bot.people import answerable
from bot.policy import Organisation
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
    new = _asked(organisation, watch, messages, now)
    if new is None:
        return
    while not await ledger.acknowledgements.add(new):
        waiting = await ledger.acknowledgements.waiting(new.workflow)
        if waiting and await ledger.acknowledgements.save(_going_on(waiting, new)):
            return


def _asked(
    organisation: Organisation, watch: Watch, messages: Messages, now: datetime
) -> Acknowledgement | None:
    workflow, (notice, thread) = watch.workflow, messages
    caps = [cap for cap in watch.caps if cap.news and asks(workflow, cap.news[-1])]
    if not caps:
        return None
    threshold = max(cap.news[-1] for cap in caps)
    stated = dict.fromkeys((thread, notice, f"{notice}:dm", f"{notice}:dm:backup"))
    return Acknowledgement(
        uuid4().hex[:12],
        workflow.key,
        threshold,
        threshold >= workflow.hard_limit,
        now,
        max(cap.cap.period.end for cap in caps),
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
    )
