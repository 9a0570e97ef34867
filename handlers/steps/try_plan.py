from datetime import datetime

from bot.attribution import Attribution
from bot.calendars import open_months
from bot.periods import open_since
from bot.plan import Plan
from bot.policy import Organisation
from bot.rule_trials import Choice, Choices, Edges, Trial
from handlers.steps.try_rules import Attempt, try_rules
from storage.ledger import Ledger


async def try_plan(
    plan: Plan, ledger: Ledger, organisation: Organisation, now: datetime
) -> Trial | None:
    """What its rules would move in months that still run; None where it has no other rules."""
    if not plan.has_other_rules:
        return None
    known = {one.key: one for one in await ledger.workflows.all()}
    becomes = plan.registered(known)
    choices = Choices(
        Choice(Attribution(plan.rules_before), known),
        Choice(Attribution(plan.rules_after), becomes),
    )
    months = open_months(becomes.values(), organisation.policy, now)
    edges = Edges(open_since(now), now, months, now, now)
    return await try_rules(Attempt(choices, [*choices.touched()], edges), ledger, organisation)
