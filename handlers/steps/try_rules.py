import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.attribution import Rule
from bot.policy import Organisation
from bot.rule_trials import Alike, Choices, Edges, Trial
from bot.trial_days import AccountDay, DayOnTrial
from bot.trying import trial_of
from handlers.steps.read_billing import Bills, read_bills
from handlers.steps.read_trial_days import read_trial_days
from storage.ledger import Ledger

# Records that are looked at while a person waits: some seconds on either database, with the lines
# of bills.
_MOST = 200_000


@dataclass(frozen=True)
class Attempt:
    """`touched`: the rules by which the choices may differ."""

    choices: Choices
    touched: Sequence[Rule]
    edges: Edges


async def try_rules(attempt: Attempt, ledger: Ledger, organisation: Organisation) -> Trial:
    """What other rules would move of the records and bills of before."""
    choices, edges = attempt.choices, attempt.edges
    bills = await read_bills(ledger, organisation)
    held = (*choices.before.rules.rules, *choices.after.rules.rules)
    seen = await ledger.trial_records.alike(
        edges,
        _MOST,
        attempt.touched,
        clues={rule.clue for rule in held},
        accounts=sorted({account for _, account in bills.sources}),
    )
    days, rest = await _days(attempt, seen.records, bills, ledger)
    # In a thread, as everybody else would wait for half a second.
    trial = await asyncio.to_thread(trial_of, choices, seen.records, days, edges)
    back_to = max((one for one in (seen.back_to, rest) if one is not None), default=None)
    return replace(trial, back_to=back_to, partial=seen.partial)


async def _days(
    attempt: Attempt, records: Sequence[Alike], bills: Bills, ledger: Ledger
) -> tuple[Mapping[AccountDay, DayOnTrial], datetime | None]:
    """Those that may be settled otherwise, the newest first; and how far back they reach, None
    where they are all.
    """
    edges = attempt.edges
    told = await ledger.bill_traces.days(edges.settled_since, attempt.touched, bills.sources)
    touched = {one.day for one in records}
    begun = [(day, held) for day, held in told.items() if day.day <= edges.now]
    wanted = {day: held.lines for day, held in begun if held.matching or day in touched}
    return await read_trial_days(wanted, bills, edges.all(), ledger)
