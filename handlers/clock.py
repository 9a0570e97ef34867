"""Time's door. APScheduler only ticks; what is due is asked of the database, so any replica may
tick, none has to, and what was missed is caught up.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.policy import Organisation
from handlers.desk import Desk
from handlers.flows.ask_first_reviews import ask_first_reviews
from handlers.flows.draft_requests import draft_requests
from handlers.flows.end_take_backs import end_take_backs
from handlers.flows.escalate_alerts import escalate_alerts
from handlers.flows.escalate_requests import escalate_requests
from handlers.flows.expire_offers import expire_offers
from handlers.flows.expire_requests import expire_requests
from handlers.flows.foresee import foresee
from handlers.flows.forget_streams import forget_streams
from handlers.flows.look_over_requests import look_over_requests
from handlers.flows.open_review import open_due_reviews
from handlers.flows.page_review import page_reviews
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.recount_usage import recount_usage
from handlers.flows.release_words import release_words
from handlers.flows.remind_requests import remind_requests
from handlers.flows.remind_review import remind_reviews
from handlers.flows.remind_revocations import remind_revocations
from handlers.flows.report_months import report_months
from handlers.flows.reset_periods import reset_periods
from handlers.flows.review_break_glass import review_broken_glass
from handlers.flows.see_off import see_off
from handlers.flows.sweep_alerts import sweep_alerts
from handlers.flows.tell_outcome import remind_outcomes
from handlers.flows.tell_recounts import tell_recounts
from handlers.flows.wake_alerts import end_snoozes
from handlers.flows.watch_sources import watch_sources
from handlers.steps.retire_workflow import end_experiments, retire_due
from storage.database import WouldWrite
from storage.ledger import Ledger

# Of one job in a tick: others wait meanwhile.
_MOST_RUNS = 10
TICK_SECONDS = 5

Job = Callable[[Ledger, Organisation, datetime], Awaitable[object]]

# In the order in which one may cause the next.
JOBS: tuple[Job, ...] = (
    retire_due,
    end_experiments,
    expire_requests,
    expire_offers,
    end_take_backs,
    escalate_requests,
    remind_requests,
    look_over_requests,
    open_due_reviews,
    ask_first_reviews,
    remind_revocations,
    page_reviews,
    remind_reviews,
    report_months,
    reset_periods,
    end_snoozes,
    recount_usage,
    reconcile_bills,
    tell_recounts,
    sweep_alerts,
    review_broken_glass,
    remind_outcomes,
    escalate_alerts,
    foresee,
    draft_requests,
    see_off,
    watch_sources,
    release_words,
    forget_streams,
)

log = structlog.get_logger()


async def tick(desk: Desk) -> None:
    """Run each job once; one that fails does not stop the others."""
    left = JOBS
    while left:
        idle = await _idle(desk, left)
        for job in left[idle : idle + 1]:
            await _run(desk, job)
        left = left[idle + 1 :]


async def _idle(desk: Desk, jobs: tuple[Job, ...]) -> int:
    """How many of these, from the first, have nothing to do. Nearly always all: it is asked where
    SQLite's only writer is not taken for it, with the organisation read once.
    """
    found = 0
    # What fails here fails again where it is logged.
    with suppress(WouldWrite, Exception):
        async with desk.database.rehearsal() as ledger:
            organisation = await desk.organisation(ledger)
            for job in jobs:
                await job(ledger, organisation, desk.now())
                await ledger.flush()
                found += 1
    return found


async def _run(desk: Desk, job: Job) -> None:
    """In a transaction of its own; again where it says that more of it waits."""
    try:
        for _ in range(_MOST_RUNS):
            async with desk.database.ledger() as ledger:
                more = await job(ledger, await desk.organisation(ledger), desk.now())
            # The rest is looked at outside of the one that writes, too.
            if more is not True or await _idle(desk, (job,)):
                break
    except Exception:
        log.exception("scheduled job failed; it is tried again", job=job.__name__)


@asynccontextmanager
async def ticking(desk: Desk) -> AsyncIterator[None]:
    """Tick until the block ends; a tick that outlasts the interval is not doubled."""
    running = asyncio.Lock()

    async def one() -> None:
        async with running:
            await tick(desk)

    scheduler = AsyncIOScheduler(event_loop=asyncio.get_running_loop(), timezone="UTC")
    scheduler.add_job(
        one,
        "interval",
        seconds=TICK_SECONDS,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
        next_run_time=desk.now(),
    )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.pause()
        # Cut off in the middle, a tick leaves a connection whose thread keeps the process alive.
        async with running:
            scheduler.shutdown(wait=False)
