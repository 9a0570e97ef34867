"""The organisation's own numbers. Defaults here; the contract file changes them in the database."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from bot.delegations import Absence, Delegation
from bot.hours import NIGHT, QuietHours
from bot.names import quoted
from bot.periods import WeekStart, check_zone
from bot.prices import OwnPrice
from bot.refusal import Refusal
from bot.sources import SourceSetting
from bot.tiers import TierRule

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
class PerClass:
    """A number for each class of workflow, under the class's own name."""

    experiment: Decimal
    team_tool: Decimal
    production: Decimal

    def of(self, kind: str) -> Decimal:
        number: Decimal = getattr(self, kind)
        return number


@dataclass(frozen=True)
class Policy:
    """Per cents are whole; money is USD; `timezone` and `week_start` serve teams that name none.

    Hours count from the moment before: of the alert (`acknowledge_hours`: backup, approver,
    finance), of the request, of the review's opening.
    """

    timezone: str = "UTC"
    week_start: WeekStart = WeekStart.MONDAY
    review_at: WeeklyMoment = field(default_factory=WeeklyMoment)
    thresholds: tuple[int, ...] = (75, 90, 100)
    acknowledge_hours: tuple[int, ...] = (4, 8, 24)
    quiet_hours: QuietHours = NIGHT
    digest_at: time | None = None
    anomaly_over: Decimal = Decimal(20)
    finance_over: Decimal = Decimal(500)
    expedited_over: Decimal = Decimal(2_000)
    request_expires_hours: int = 72
    request_reminder_hours: tuple[int, ...] = (8, 24, 48)
    request_escalates_hours: int = 36
    small_raise_up_to: Decimal = Decimal(25)
    small_raises_a_month: int = 2
    largest_raise: PerClass = PerClass(Decimal(1_000), Decimal(10_000), Decimal(100_000))
    longest_raise_days: PerClass = PerClass(Decimal(31), Decimal(90), Decimal(90))
    break_glass_up_to: Decimal = Decimal(500)
    review_reminder_hours: tuple[int, ...] = (24, 48)
    review_escalates_hours: int = 72

    @property
    def request_expires_after(self) -> timedelta:
        return timedelta(hours=self.request_expires_hours)


MONEY = ("finance_over", "expedited_over", "anomaly_over", "small_raise_up_to", "break_glass_up_to")
_HOURS = ("request_expires_hours", "request_escalates_hours", "review_escalates_hours")
STEPS = {"acknowledge_hours": 3, "request_reminder_hours": 10, "review_reminder_hours": 5}
_MOST_HOURS = 24 * 90
_MOST_SMALL_RAISES = 31
_MOST_DAYS = 366


def checked(policy: Policy) -> Policy:
    """The policy with its thresholds in order. Raises Refusal naming the field that is wrong."""
    check_zone(policy.timezone, field="timezone")
    for name in MONEY:
        if getattr(policy, name) < 0:
            raise BadPolicy(f"{name} is an amount of zero or more.", field=name)
    for name in _HOURS:
        if not 1 <= getattr(policy, name) <= _MOST_HOURS:
            raise BadPolicy(f"{name} is 1 to {_MOST_HOURS}.", field=name)
    for name, most in STEPS.items():
        _check_steps(name, getattr(policy, name), most)
    _check_raises(policy)
    return replace(policy, thresholds=check_thresholds(policy.thresholds, field="thresholds"))


def _check_steps(name: str, hours: tuple[int, ...], most: int) -> None:
    rising = list(hours) == sorted(set(hours))
    if not rising or len(hours) > most or any(not 1 <= each <= _MOST_HOURS for each in hours):
        raise BadPolicy(
            f"{name} are up to {most} whole hours from 1 to {_MOST_HOURS}, each later than the "
            "one before.",
            field=name,
        )


def _check_raises(policy: Policy) -> None:
    if not 0 <= policy.small_raises_a_month <= _MOST_SMALL_RAISES:
        raise BadPolicy(
            f"small_raises_a_month is 0 to {_MOST_SMALL_RAISES}.", field="small_raises_a_month"
        )
    sizes, days = policy.largest_raise, policy.longest_raise_days
    if any(each <= 0 for each in vars(sizes).values()):
        raise BadPolicy("largest_raise is more than zero for each class.", field="largest_raise")
    if any(not 1 <= each <= _MOST_DAYS or each % 1 for each in vars(days).values()):
        raise BadPolicy(
            f"longest_raise_days are whole days from 1 to {_MOST_DAYS} for each class.",
            field="longest_raise_days",
        )


@dataclass(frozen=True)
class Organisation:
    """Who stands above the teams, and the policy. People and channels are Slack ids.

    `delegations` and `absences`: those that are not over. `sources`, `prices` and `tiers`: what
    is said of some, by name; of the others the defaults hold.
    """

    policy: Policy = field(default_factory=Policy)
    finance: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    admin_channel: str | None = None
    delegations: tuple[Delegation, ...] = ()
    absences: tuple[Absence, ...] = ()
    sources: tuple[SourceSetting, ...] = ()
    prices: tuple[OwnPrice, ...] = ()
    tiers: tuple[TierRule, ...] = ()

    def is_away(self, person: str | None, now: datetime) -> bool:
        return any(one.person == person and one.in_force(now) for one in self.absences)
