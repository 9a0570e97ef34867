from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.caps import running_periods
from bot.periods import CapKind
from bot.positions import Position, position
from bot.spend import Spent
from bot.workflows import Workflow
from handlers.steps.read_feeds import read_feeds
from storage.ledger import Ledger


async def read_positions(
    ledger: Ledger, workflows: Sequence[Workflow], now: datetime
) -> tuple[Position, ...]:
    """Where each of them stands, in the same order."""
    teams = {team.key: team for team in await ledger.teams.all()}
    overrides = await ledger.overrides.running(one.key for one in workflows)
    found = await ledger.spend.in_periods(
        (one.key, period) for one in workflows for period in running_periods(one, now)
    )
    spent: dict[str, dict[CapKind, Spent]] = defaultdict(dict)
    for (key, kind), holds in found.items():
        spent[key][kind] = holds
    feeds = await read_feeds(ledger, [one.key for one in workflows], now)
    return tuple(
        replace(
            position(one, teams[one.team], overrides, spent[one.key], now),
            feeds=feeds.get(one.key, ()),
        )
        for one in workflows
    )
