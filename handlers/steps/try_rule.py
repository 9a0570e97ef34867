from dataclasses import replace
from datetime import datetime

from bot.attribution import Attribution
from bot.calendars import counting, nobodys, open_months
from bot.caps import running_period
from bot.periods import CapKind
from bot.policy import Organisation
from bot.rule_changes import Reach, RuleChange, Undone, applied
from bot.rule_trials import Choice, Choices, Edges, Tried
from bot.workflows import Workflow
from handlers.steps.try_rules import Attempt, try_rules
from storage.ledger import Ledger


async def try_rule(
    change: RuleChange,
    reach: Reach,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
    undoes: Undone | None = None,
) -> Tried:
    """What it would move of the records and bills of before. Raises TooLate."""
    version = await ledger.organisation.version()
    rules = await ledger.attribution_rules.all()
    after = applied(change, rules)
    workflows = {one.key: one for one in await ledger.workflows.all()}
    choices = Choices(
        Choice(Attribution(rules), workflows), Choice(Attribution(after), workflows), change.after
    )
    touched = [rule for rule in (change.before, change.after) if rule is not None]
    since = undoes.since if undoes else reach.since(now)
    edges = replace(_edges(change, since, workflows, organisation, now), undoes=undoes)
    trial = await try_rules(Attempt(choices, touched, edges), ledger, organisation)
    return Tried(change, reach, trial, version, now, undoes)


def _edges(
    change: RuleChange,
    since: datetime,
    workflows: dict[str, Workflow],
    organisation: Organisation,
    now: datetime,
) -> Edges:
    key = change.rule.workflow
    leads_to = counting(workflows.get(key) or nobodys(organisation.policy), organisation.policy)
    return Edges(
        since,
        now,
        open_months(workflows.values(), organisation.policy, now),
        running_period(leads_to, CapKind.WEEKLY, now).start,
        running_period(leads_to, CapKind.DAILY, now).start,
        key,
    )
