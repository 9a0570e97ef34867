from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.overrides import Override
from bot.periods import CapKind, Period
from bot.review_figures import Figures, Stretches, figures, stretches, with_late
from bot.spend import Spent
from bot.workflows import Workflow
from storage.ledger import Ledger


async def take_figures(
    ledger: Ledger, workflows: Iterable[Workflow], week: Period, now: datetime
) -> dict[str, Figures]:
    """What the review of the week says of each workflow, by key."""
    about = {one.key: stretches(one, week, now) for one in workflows}
    spent = await _spent(ledger, about)
    late = await ledger.reviews.late_said(about)
    found: dict[str, Figures] = {}
    for one in workflows:
        overrides = await ledger.overrides.of(one.key)
        taken = await _figures(ledger, one, about[one.key], (spent[one.key], overrides), now)
        booked = await ledger.spend.late(one.key, CapKind.WEEKLY, one.activated_at or now)
        mine = about[one.key].week
        found[one.key] = with_late(taken, booked, mine, late.get(one.key, Spent().cost))
    return found


async def _spent(ledger: Ledger, about: dict[str, Stretches]) -> dict[str, dict[Period, Spent]]:
    """Two questions: an answer holds one period of each kind, and there are two weeks."""
    now = [(key, period) for key, each in about.items() for period in each.now]
    before = [(key, each.before) for key, each in about.items()]
    found: dict[str, dict[Period, Spent]] = {key: {} for key in about}
    for wanted in (now, before):
        totals = await ledger.spend.in_periods(wanted)
        for key, period in wanted:
            found[key][period] = totals.get((key, period.kind), Spent())
    return found


async def _figures(
    ledger: Ledger,
    workflow: Workflow,
    about: Stretches,
    known: tuple[dict[Period, Spent], tuple[Override, ...]],
    now: datetime,
) -> Figures:
    trail = await ledger.changes.since(workflow.key, about.week.end)
    taken = figures(workflow, about, *known, now, trail)
    models = await ledger.spend.by_model(workflow.key, about.week)
    if not models:
        return taken
    model, cost = models[0]
    return replace(taken, top_model=model, top_cost=cost)
