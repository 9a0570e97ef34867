from collections.abc import Iterator
from datetime import datetime

from bot.attribution import Attribution, Clue, Rule, exactly
from bot.periods import open_since
from bot.plan import Plan
from bot.policy import Organisation
from bot.rule_trials import Choice, Choices, Edges, Trial
from handlers.steps.open_months import open_months
from handlers.steps.try_rules import Attempt, try_rules
from storage.ledger import Ledger


async def try_plan(
    plan: Plan, ledger: Ledger, organisation: Organisation, now: datetime
) -> Trial | None:
    """What its rules would move in months that still run; None where it has no other rules."""
    if plan.rules_before == plan.rules_after:
        return None
    known = {one.key: one for one in await ledger.workflows.all()}
    becomes = known | {change.after.key: change.after for change in plan.workflows}
    choices = Choices(
        Choice(Attribution(plan.rules_before), known),
        Choice(Attribution(plan.rules_after), becomes),
    )
    months = open_months(becomes.values(), organisation, now)
    edges = Edges(open_since(now), now, months, now, now)
    touched = [*_touched(plan), *_named(becomes.keys() - known.keys())]
    return await try_rules(Attempt(choices, touched, edges), ledger, organisation)


def _touched(plan: Plan) -> Iterator[Rule]:
    """What comes, goes or leads elsewhere; and all of a clue whose rules stand in another order."""
    before, after = plan.rules_before, plan.rules_after
    for clue in Clue:
        was, becomes = ([one for one in each if one.clue is clue] for each in (before, after))
        stays = {*was} & {*becomes}
        in_order = [one for one in was if one in stays] == [one for one in becomes if one in stays]
        yield from ({*was} ^ {*becomes}) if in_order else ({*was} | {*becomes})


def _named(keys: set[str]) -> Iterator[Rule]:
    """By its own name a record belongs to a workflow as soon as there is one."""
    for key in sorted(keys):
        yield Rule(Clue.DECLARED, exactly(key), key)
        yield Rule(Clue.TEAM, exactly(key), key)
