from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.caps import CapState, caps_in_force
from bot.changes import Change
from bot.forecast import Forecast
from bot.overrides import Override
from bot.periods import CapKind, Period
from bot.recommendations import FRUITFUL, recommend
from bot.review_figures import (
    Came,
    Figures,
    Open,
    ended_month,
    figures,
    outcome_at,
    with_late,
    with_models,
)
from bot.review_history import Past, late_told, running
from bot.review_stretches import Stretches, stretches
from bot.spend import Spent
from bot.tiers import TierRule
from bot.workflows import Workflow
from handlers.steps.read_feeds import read_feeds
from handlers.steps.take_forecast import take_forecasts
from storage.ledger import Ledger

_TEXTS = 3


@dataclass(frozen=True)
class Occasion:
    """`week` is the team's; `month` where the review also asks about the one that has ended."""

    week: Period
    month: bool = False


@dataclass(frozen=True)
class _Material:
    """By workflow, `tiers` of all; `models` and `late` in USD."""

    spent: Mapping[str, Mapping[Period, Spent]]
    late: Mapping[str, tuple[tuple[Period, Decimal], ...]]
    overrides: Mapping[str, tuple[Override, ...]]
    changes: Mapping[str, tuple[Change, ...]]
    models: Mapping[str, tuple[tuple[str, Decimal], ...]]
    tiers: tuple[TierRule, ...]
    explanations: Mapping[str, tuple[str, ...]]
    came: Mapping[str, tuple[Came, ...]]
    requests: Mapping[str, tuple[Open, ...]]
    past: Mapping[str, Past]
    forecasts: Mapping[str, Mapping[CapKind, Forecast]]


async def take_figures(
    ledger: Ledger, workflows: Iterable[Workflow], occasion: Occasion, now: datetime
) -> dict[str, Figures]:
    """What the review of the week says of each workflow, by key. As many questions for five
    hundred workflows as for one.
    """
    known = {one.key: one for one in workflows}
    if not known:
        return {}
    about = {key: stretches(one, occasion.week, now) for key, one in known.items()}
    material = await _gather(ledger, known, about, now)
    feeds = await read_feeds(ledger, known, now)
    return {
        key: replace(_figures(one, about[key], material, occasion, now), feeds=feeds.get(key, ()))
        for key, one in known.items()
    }


async def _gather(
    ledger: Ledger, known: Mapping[str, Workflow], about: Mapping[str, Stretches], now: datetime
) -> _Material:
    asks = ledger.material
    since = min(min(each.week.end, each.month.start) for each in about.values())
    spent = await asks.totals((key, period) for key, one in about.items() for period in one.all)
    overrides = await asks.overrides(known, min(each.last_month.start for each in about.values()))
    return _Material(
        spent=spent,
        late=await asks.late(known),
        overrides=overrides,
        changes=await asks.changes(known, since),
        models=await _models(ledger, about),
        tiers=(await ledger.organisation.get()).tiers,
        explanations=await asks.explanations(
            known, min(each.week.start for each in about.values())
        ),
        came=await asks.came(known, now - FRUITFUL),
        requests=await _waiting(ledger),
        past=await ledger.reviews.past(known),
        forecasts=await _forecasts(ledger, known, (spent, overrides), now),
    )


async def _models(
    ledger: Ledger, about: Mapping[str, Stretches]
) -> dict[str, tuple[tuple[str, Decimal], ...]]:
    """Nearly always, all of them count the same week."""
    found: dict[str, tuple[tuple[str, Decimal], ...]] = {}
    for week in {each.week for each in about.values()}:
        mine = [key for key, each in about.items() if each.week == week]
        found |= await ledger.material.models(mine, week)
    return found


async def _forecasts(
    ledger: Ledger,
    known: Mapping[str, Workflow],
    holds: tuple[Mapping[str, Mapping[Period, Spent]], Mapping[str, tuple[Override, ...]]],
    now: datetime,
) -> dict[str, dict[CapKind, Forecast]]:
    spent, overrides = holds
    states = (
        (
            one,
            tuple(
                CapState(cap, spent.get(key, {}).get(cap.period, Spent()).cost)
                for cap in caps_in_force(one, overrides.get(key, ()), now)
                if cap.kind is CapKind.MONTHLY
            ),
        )
        for key, one in known.items()
    )
    return await take_forecasts(ledger, states, now)


def _figures(
    workflow: Workflow, about: Stretches, material: _Material, occasion: Occasion, now: datetime
) -> Figures:
    key = workflow.key
    spent, overrides = material.spent.get(key, {}), material.overrides.get(key, ())
    trail = material.changes.get(key, ())
    taken = figures(workflow, about, spent, overrides, now, trail)
    past = material.past.get(key)
    began = workflow.activated_at or now
    late = [one for one in material.late.get(key, ()) if one[0].end > began]
    taken = with_late(taken, late, about.week, late_told(past))
    if occasion.month:
        month = ended_month(workflow, about, spent, overrides, trail)
        taken = replace(taken, month=month)
    taken = with_models(taken, material.models.get(key, ()), material.tiers, now)
    taken = _with_more(taken, key, material, past)
    return replace(taken, recommendation=recommend(workflow, taken, now))


def _with_more(taken: Figures, key: str, material: _Material, past: Past | None) -> Figures:
    came = material.came.get(key, ())
    fresh = [one for one in came if past is None or one.at >= past.opened_at]
    happened = outcome_at(came)
    return replace(
        taken,
        forecast=material.forecasts.get(key, {}).get(CapKind.MONTHLY),
        explanations=material.explanations.get(key, ())[-_TEXTS:],
        came=tuple(fresh[-_TEXTS:]),
        outcome_at=happened,
        requests=material.requests.get(key, ()),
        running=running(past, happened),
    )


async def _waiting(ledger: Ledger) -> dict[str, tuple[Open, ...]]:
    found: dict[str, list[Open]] = defaultdict(list)
    for one in await ledger.requests.waiting():
        found[one.workflow].append(Open(one.cap, one.more))
    return {workflow: tuple(each) for workflow, each in found.items()}
