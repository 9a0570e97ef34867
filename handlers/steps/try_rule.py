from dataclasses import replace
from datetime import datetime

from bot.attribution import Attribution, Clue
from bot.caps import running_period
from bot.periods import BEGINNING, Calendar, CapKind
from bot.policy import Organisation
from bot.rule_changes import Reach, RuleChange, applied
from bot.rule_trials import Edges, Trial, tried
from bot.workflows import Workflow
from storage.ledger import Ledger

# What is looked at while a person waits: a second on either database.
_MOST = 300_000


async def try_rule(
    change: RuleChange, reach: Reach, ledger: Ledger, organisation: Organisation, now: datetime
) -> Trial:
    """What it would move of the records of before. Raises TooLate."""
    rules = await ledger.attribution_rules.all()
    after = applied(change, rules)
    workflows = {one.key: one for one in await ledger.workflows.all()}
    edges = _edges(change, reach, workflows, organisation, now)
    since = reach.since(now)
    tags = any(rule.clue is Clue.DECLARED for rule in (*rules, *after))
    touched = [rule for rule in (change.before, change.after) if rule is not None]
    seen = await ledger.traces.alike(since, edges.all(), _MOST, tags=tags, rules=touched)
    before_and_after = Attribution(rules), Attribution(after)
    trial = tried(change, before_and_after, seen.records, workflows, edges, since)
    return replace(trial, back_to=seen.back_to, partial=seen.partial)


def _edges(
    change: RuleChange,
    reach: Reach,
    workflows: dict[str, Workflow],
    organisation: Organisation,
    now: datetime,
) -> Edges:
    policy = organisation.policy
    calendars = (Calendar(BEGINNING, policy.timezone, policy.week_start),)
    nobodys = Workflow("", "", "", calendars=calendars)
    known = {
        key: one if one.calendars else replace(one, calendars=calendars)
        for key, one in workflows.items()
    }
    leads_to = known.get(change.rule.workflow, nobodys)
    return Edges(
        {key: running_period(one, CapKind.MONTHLY, now).start for key, one in known.items()},
        running_period(nobodys, CapKind.MONTHLY, now).start,
        running_period(leads_to, CapKind.WEEKLY, now).start,
        running_period(leads_to, CapKind.DAILY, now).start,
        closed=reach is not Reach.OPEN,
    )
