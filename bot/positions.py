"""Where a workflow stands: each of its caps with what the running period holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.caps import CapState, caps_in_force, tightest
from bot.forecast import Forecast
from bot.freshness import Feed
from bot.overrides import Override
from bot.periods import CapKind, zone_now
from bot.spend import Spent
from bot.teams import Team
from bot.tiers import Tier
from bot.workflows import Workflow


@dataclass(frozen=True)
class Position:
    """`spent` by kind of running period, capped or not; days are counted in `zone`. `forecasts`:
    where its caps' periods will end, as far as anybody asked. `feeds`: where its spend is from.
    `tiers`: USD of the running month by model tier, as far as anybody asked.
    """

    workflow: Workflow
    team: Team
    caps: tuple[CapState, ...]
    spent: Mapping[CapKind, Spent]
    zone: str
    forecasts: Mapping[CapKind, Forecast] = field(default_factory=dict)
    feeds: tuple[Feed, ...] = ()
    tiers: Mapping[Tier | None, Decimal] = field(default_factory=dict)

    @property
    def tightest(self) -> CapState | None:
        return tightest(self.caps)

    @property
    def newest(self) -> datetime | None:
        """The instant of the newest record of the running periods."""
        counted = (one.last_at for one in self.spent.values() if one.records)
        return max((at for at in counted if at is not None), default=None)


def position(
    workflow: Workflow,
    team: Team,
    overrides: Iterable[Override],
    spent: Mapping[CapKind, Spent],
    now: datetime,
) -> Position:
    caps = tuple(
        CapState(cap, spent.get(cap.kind, Spent()).cost)
        for cap in caps_in_force(workflow, overrides, now)
    )
    return Position(workflow, team, caps, spent, zone_now(workflow.calendars, now))
