"""The organisation's own numbers. Defaults here; the contract file changes them in the database."""

import re
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from decimal import Decimal

from bot.names import quoted
from bot.periods import WeekStart, check_zone
from bot.refusal import Refusal

MOST_PER_CENT = 1_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class BadPolicy(Refusal):
    """A number of the policy that cannot be meant."""


@dataclass(frozen=True)
class WeeklyMoment:
    """A weekday (0 is Monday) and a wall-clock time in the team's zone."""

    weekday: int = 0
    at: time = time(9)

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday].title()} {self.at:%H:%M}"


def read_weekly_moment(text: str, *, field: str | None = None) -> WeeklyMoment:
    """`Mon 09:00`; the weekday may be written out. Raises BadPolicy."""
    written = re.fullmatch(r"\s*([a-z]{3})[a-z]*\s+(\d{1,2}):(\d{2})\s*", text.lower())
    try:
        weekday, hour, minute = written.groups() if written else ("", "", "")
        return WeeklyMoment(WEEKDAYS.index(weekday), time(int(hour), int(minute)))
    except ValueError:
        problem = f"{quoted(text)} is no weekday and time. Write it like “Mon 09:00”."
        raise BadPolicy(problem, field=field) from None


def check_thresholds(thresholds: tuple[int, ...], *, field: str | None = None) -> tuple[int, ...]:
    """Whole per cents of a cap, 1 to 1,000, given back in order and once each."""
    if not thresholds or any(not 1 <= at <= MOST_PER_CENT for at in thresholds):
        raise BadPolicy(
            f"Thresholds are whole per cents from 1 to {MOST_PER_CENT}, at least one.", field=field
        )
    return tuple(sorted(set(thresholds)))


@dataclass(frozen=True)
class Policy:
    """Per cents are whole; money is USD; `timezone` and `week_start` serve teams that name none."""

    timezone: str = "UTC"
    week_start: WeekStart = WeekStart.MONDAY
    review_at: WeeklyMoment = field(default_factory=WeeklyMoment)
    finance_over: Decimal = Decimal(500)
    request_expires_hours: int = 72
    thresholds: tuple[int, ...] = (75, 90, 100)

    @property
    def request_expires_after(self) -> timedelta:
        return timedelta(hours=self.request_expires_hours)


def checked(policy: Policy) -> Policy:
    """The policy with its thresholds in order. Raises Refusal naming the field that is wrong."""
    check_zone(policy.timezone, field="timezone")
    if policy.finance_over < 0:
        raise BadPolicy("finance_over is an amount of zero or more.", field="finance_over")
    if not 1 <= policy.request_expires_hours <= 24 * 90:
        raise BadPolicy("request_expires_hours is 1 to 2160.", field="request_expires_hours")
    return replace(policy, thresholds=check_thresholds(policy.thresholds, field="thresholds"))


@dataclass(frozen=True)
class Organisation:
    """Who stands above the teams, and the policy. People and channels are Slack ids."""

    policy: Policy = field(default_factory=Policy)
    finance: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    admin_channel: str | None = None
