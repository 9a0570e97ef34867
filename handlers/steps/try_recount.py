from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from bot.attribution import Attribution
from bot.calendars import open_months
from bot.periods import open_since
from bot.plan import Plan, Registry
from bot.recount_trials import BillsOnTrial, RecountTrial, recount_trial, touched
from bot.rule_changes import settled_since
from bot.rule_trials import Choice
from bot.sources import Reported, billing
from bot.trial_days import AccountDay
from handlers.steps.read_billing import Bills
from handlers.steps.read_trial_days import read_trial_days
from storage.ledger import Ledger

# Records that are told anew while a person waits at a terminal: some ten seconds.
_MOST = 200_000


async def try_recount(plan: Plan, ledger: Ledger, now: datetime) -> RecountTrial | None:
    """What its prices and sources come to in months that still run, beside what its rules move;
    None where both are the same.
    """
    if not plan.has_other_spending:
        return None
    before, after = await _registries(plan, ledger)
    since = open_since(now)
    # Where its rules are others too, what they move alone is no doing of prices and sources.
    stands = before if plan.has_other_rules else None
    seen = await ledger.recount_trials.retold(since, _MOST, stands, after, now)
    bills = _bills(before, after, await ledger.source_accounts.all())
    months = _months(after, now)
    wanted = await _wanted(months, bills, touched(seen.retold), ledger, now)
    if seen.back_to is not None:
        wanted = {day: lines for day, lines in wanted.items() if day.day > seen.back_to}
    both = Bills(bills.before | bills.after)
    days, rest = await read_trial_days(wanted, both, (), ledger)
    trial = recount_trial(seen.retold, days, bills, now)
    straddles = any(one.day < max(months) for one in trial.days)
    back_to = max((one for one in (seen.back_to, rest) if one is not None), default=None)
    return replace(trial, straddles=straddles, back_to=back_to)


def _months(registry: Registry, now: datetime) -> Collection[datetime]:
    """When those that run began."""
    policy = registry.organisation.policy
    return open_months(registry.workflows.values(), policy, now).values()


async def _registries(plan: Plan, ledger: Ledger) -> tuple[Registry, Registry]:
    """As it is to be but for prices and sources, and as it is to be."""
    workflows = plan.registered({one.key: one for one in await ledger.workflows.all()})
    after = Registry(plan.after, {}, workflows, plan.rules_after)
    spending = replace(plan.after, sources=plan.before.sources, prices=plan.before.prices)
    return replace(after, organisation=spending), after


def _bills(before: Registry, after: Registry, reported: Collection[Reported]) -> BillsOnTrial:
    was, becomes = (
        billing(reported, registry.organisation.sources) for registry in (before, after)
    )
    return BillsOnTrial(was, becomes, Choice(Attribution(after.rules), after.workflows))


async def _wanted(
    months: Collection[datetime],
    bills: BillsOnTrial,
    moved: Collection[AccountDay],
    ledger: Ledger,
    now: datetime,
) -> Mapping[AccountDay, int]:
    """The days that may be settled otherwise, by how many lines they have."""
    since = settled_since(open_since(now), now, months)
    told = await ledger.bill_traces.days(since, (), bills.before | bills.after)
    return {
        day: held.lines
        for day, held in told.items()
        if day.day <= now and (day in moved or bills.differ(day.account))
    }
