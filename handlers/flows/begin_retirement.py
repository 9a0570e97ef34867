from datetime import date, datetime

from bot.people import check_may_activate
from bot.periods import local_day, zone_now
from bot.policy import Organisation
from bot.workflows import NotThatWay, Status, Workflow
from handlers.steps.find_workflow import find_workflow
from storage.ledger import Ledger


async def begin_retirement(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Workflow, date]:
    """The workflow to retire, and today where it counts its days. Raises Refusal."""
    workflow = await find_workflow(ledger, words, by=by, verb="retire")
    team = await ledger.teams.get(workflow.team)
    check_may_activate(by, workflow, team, organisation, now, deed="retire")
    if workflow.status is Status.RETIRED:
        raise NotThatWay(f"`{workflow.key}` is retired already.")
    return workflow, local_day(now, zone_now(workflow.calendars, now))
