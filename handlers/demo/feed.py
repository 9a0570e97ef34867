"""Spend for the demo: two weeks that lie behind, then calls as they come."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

Record = dict[str, Any]

STEP_SECONDS = 2
_HISTORY_DAYS = 16
_CALLS_A_DAY = 6
# In steps, and in per cents of the weekly cap.
_CLIMBING_STEPS = 8
_FIRST_CLIMB, _CLIMBED = 71, 77


@dataclass(frozen=True)
class Habit:
    """How a workflow spends: USD on a working day, and what it calls."""

    workflow: str
    daily: Decimal
    provider: str
    model: str
    user: str


HABITS = (
    Habit("search-ranking", Decimal(22), "anthropic", "claude-sonnet-4-5", "owen"),
    Habit("code-assistant", Decimal("1.9"), "openai", "gpt-4.1", "owen"),
    Habit("ticket-summaries", Decimal(11), "openai", "gpt-4.1-mini", "mia"),
    Habit("reply-drafts", Decimal(14), "anthropic", "claude-sonnet-4-5", "mia"),
    Habit("campaign-copy", Decimal(7), "openai", "gpt-4.1", "ana"),
    Habit("lead-research", Decimal(5), "anthropic", "claude-opus-4-1", "owen"),
)
_WEEKEND = Decimal("0.2")
_SATURDAY = 5


def history(now: datetime) -> Iterator[Record]:
    """What was spent before today; the same records however often it is asked."""
    chance = random.Random(7)  # noqa: S311 - sample data
    first = now.replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=_HISTORY_DAYS)
    for day in range(_HISTORY_DAYS):
        for habit in HABITS:
            for call in range(_CALLS_A_DAY):
                at = first + timedelta(days=day, hours=call * 2, minutes=chance.randrange(60))
                yield _call(habit, f"past-{habit.workflow}-{at:%Y%m%d%H}", at, _share(at, chance))


def _share(at: datetime, chance: random.Random) -> Decimal:
    quiet = _WEEKEND if at.weekday() >= _SATURDAY else Decimal(1)
    return quiet * chance.randint(70, 130) / (100 * _CALLS_A_DAY)


def _call(habit: Habit, id: str, at: datetime, share: Decimal) -> Record:  # noqa: A002
    cost = habit.daily * share
    tokens = int(cost * 100_000)
    return {
        "id": id,
        "workflow": habit.workflow,
        "at": at.isoformat(),
        "provider": habit.provider,
        "model": habit.model,
        "input_tokens": tokens,
        "output_tokens": tokens // 8,
        "cost": str(cost.quantize(Decimal("0.000001"))),
        "user": habit.user,
    }


def step(now: datetime, number: int, climbed: int) -> list[Record]:
    """The calls of one step. `climbed`: the per cent of its weekly cap that search-ranking has
    used; with the first steps it climbs past its first threshold, once: what somebody books
    afterwards, a credit too, stays as it is.
    """
    stamp = f"live-{now:%Y%m%d%H%M%S}-{number}"
    calls = [
        _call(habit, f"{stamp}-{habit.workflow}", now, Decimal("0.001")) for habit in HABITS[1:]
    ]
    climb = _call(HABITS[0], f"{stamp}-climb", now, _climb(number, climbed))
    return [*calls, climb, *_oddities(now, number, stamp)]


def _climb(number: int, percent: int) -> Decimal:
    # A per cent of the weekly cap of $250 is $2.50, or 0.114 of a working day.
    a_percent = Decimal("2.5") / HABITS[0].daily
    if number >= _CLIMBING_STEPS or percent >= _CLIMBED:
        return a_percent * Decimal("0.02")
    return a_percent * (max(1, _FIRST_CLIMB - max(percent, 0)) if number == 0 else 1)


def _oddities(now: datetime, number: int, stamp: str) -> list[Record]:
    """What real senders send as well: no cost, an unknown model, an unregistered workflow."""
    plain = {"at": now.isoformat(), "provider": "openai", "input_tokens": 900, "output_tokens": 150}
    odd = (
        {"id": f"{stamp}-priced", "workflow": "ticket-summaries", "model": "gpt-4.1-mini"},
        {"id": f"{stamp}-unknown", "workflow": "ticket-summaries", "model": "in-house-7b"},
        {"id": f"{stamp}-nobody", "workflow": "hackathon-bot", "model": "gpt-4.1-mini"},
    )
    return [{**plain, **record} for record in odd] if number % 5 == 0 else []
