from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from bot.alerts import Alert, CapWatch, raises_alerts, thresholds_of, watched
from bot.caps import caps_in_force
from bot.overrides import Override
from bot.policy import Organisation
from bot.snoozes import Snooze
from bot.spend import Spent
from bot.workflows import Workflow
from storage.ledger import Ledger

_Each = TypeVar("_Each", Override, Alert)


@dataclass(frozen=True)
class Watch:
    """An active workflow, its caps now, the overrides whose end was not announced, and the snooze
    in force.
    """

    workflow: Workflow
    caps: tuple[CapWatch, ...]
    overrides: tuple[Override, ...]
    snooze: Snooze | None = None


async def watch_caps(
    ledger: Ledger, organisation: Organisation, workflows: Iterable[Workflow], now: datetime
) -> dict[str, Watch]:
    """The active ones by key, in order of it. Four questions to the database, however many."""
    active = {one.key: one for one in sorted(workflows, key=_key) if raises_alerts(one)}
    overrides = _by_workflow(await ledger.overrides.running(active))
    caps = {key: caps_in_force(w, overrides.get(key, ()), now) for key, w in active.items()}
    periods = ((key, cap.period) for key, known in caps.items() for cap in known)
    totals = await ledger.spend.in_periods(periods)
    alerts = _by_workflow(await ledger.alerts.running(active, now))
    running = await ledger.snoozes.running(active)
    snoozes = {key: one for key, one in running.items() if one.in_force(now)}

    def watches(key: str) -> tuple[CapWatch, ...]:
        thresholds, said = thresholds_of(active[key], organisation.policy), alerts.get(key, ())
        holds = {cap.kind: totals.get((key, cap.kind), Spent()) for cap in caps[key]}
        silent = snoozes[key].threshold if key in snoozes else 0
        return tuple(watched(cap, holds[cap.kind], thresholds, said, silent) for cap in caps[key])

    return {
        key: Watch(active[key], watches(key), overrides.get(key, ()), snoozes.get(key))
        for key in active
    }


def _key(workflow: Workflow) -> str:
    return workflow.key


def _by_workflow(found: Iterable[_Each]) -> dict[str, tuple[_Each, ...]]:
    ordered = sorted(found, key=lambda one: one.workflow)
    return {key: tuple(group) for key, group in groupby(ordered, key=lambda one: one.workflow)}
