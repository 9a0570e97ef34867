from datetime import datetime

from bot.askable import check_active
from bot.break_glass import BreakGlass, check_may_break
from bot.caps import running_period
from bot.cards import break_glass as cards
from bot.periods import CapKind, zone_now
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.workflows import Workflow
from storage.ledger import Ledger


class BrokenAlready(Refusal):
    """Once a month for each workflow."""


async def check_break_glass(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, by: str, now: datetime
) -> None:
    """Raises Refusal: who may, that it is not active, or that it is switched off."""
    team = await ledger.teams.get(workflow.team)
    check_may_break(by, workflow, team, organisation, now)
    check_active(workflow)
    if organisation.policy.break_glass_up_to <= 0:
        raise Refusal(
            "Break-glass is switched off: break_glass_up_to of the policy is 0, and an admin "
            f"changes it in the contract file. Ask with /budget request {workflow.key}."
        )


async def broken_this_month(
    ledger: Ledger, workflow: Workflow, now: datetime
) -> BrokenAlready | None:
    """What a second one is told, where there was a first."""
    month = running_period(workflow, CapKind.MONTHLY, now)
    known = await ledger.break_glass.of(workflow.key)
    first: BreakGlass | None = next((one for one in known if one.at in month), None)
    if first is None:
        return None
    request = await ledger.requests.find(first.request)
    zone = zone_now(workflow.calendars, first.at)
    return BrokenAlready(cards.again(first, request, month.end, zone))
