"""Valid, boring values; a test names only what it is about."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.alerts import CapWatch
from bot.caps import CapInForce, running_period
from bot.freshness import Source
from bot.overrides import Override
from bot.periods import BEGINNING, Calendar, CapKind, Period
from bot.policy import Organisation, Policy
from bot.requests import Request, RequestDraft, Standing, Step, Until
from bot.review_figures import Counted, Figures
from bot.reviews import Item, Review
from bot.sources import Kind as SourceKind
from bot.sources import Lane
from bot.spend import Spent
from bot.teams import Team
from bot.workflows import Caps, Enforcement, Kind, Purpose, Status, SuccessMetric, Tier, Workflow

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
BERLIN = (Calendar(BEGINNING, "Europe/Berlin"),)

OWEN, MIA, ANA, FIN, SAM = "U0OWEN", "U0MIA", "U0ANA", "U0FIN", "U0SAM"


def an_organisation(**named: Any) -> Organisation:
    plain = Organisation(
        policy=Policy(timezone="Europe/Berlin"),
        finance=(FIN,),
        admins=(SAM,),
        admin_channel="C0OPS",
    )
    return replace(plain, **named)


def a_team(**named: Any) -> Team:
    plain = Team("search", "Search", "C0SEARCH", "Europe/Berlin", ANA, "Product")
    return replace(plain, **named)


def a_workflow(**named: Any) -> Workflow:
    plain = Workflow(
        key="search-ranking",
        name="Search ranking",
        team="search",
        owner=OWEN,
        backup=MIA,
        kind=Kind.PRODUCTION,
        tool="Claude Code",
        purpose=Purpose.CODING,
        caps=Caps(weekly=Decimal(250), monthly=Decimal(900)),
        tier=Tier.STANDARD,
        escalation_tier=Tier.PREMIUM,
        success_metric=SuccessMetric("accepted pull requests", Decimal(40), Decimal(35)),
        review_date=date(2026, 12, 7),
        exception_rule="Only for a customer-facing incident.",
        enforcement=Enforcement.ALERT,
        status=Status.ACTIVE,
        status_since=datetime(2026, 11, 1, tzinfo=UTC),
        activated_at=datetime(2026, 11, 1, tzinfo=UTC),
        calendars=BERLIN,
    )
    return replace(plain, **named)


def an_override(**named: Any) -> Override:
    plain = Override(
        id="o-1",
        workflow="search-ranking",
        cap=CapKind.WEEKLY,
        amount=Decimal(100),
        start=MONDAY,
        end=datetime(2026, 11, 29, 23, tzinfo=UTC),
        request="r-1",
        granted_by=ANA,
    )
    return replace(plain, **named)


def a_watch(
    *,
    kind: CapKind = CapKind.WEEKLY,
    cap: Decimal = Decimal(250),
    spent: Decimal = Decimal(0),
    thresholds: tuple[int, ...] = (75, 90, 100),
    said: Iterable[int] = (),
    **named: Any,
) -> CapWatch:
    """A cap of `a_workflow` on Monday. `named`: more of what the period holds."""
    period = running_period(a_workflow(), kind, MONDAY)
    in_force = CapInForce(kind, cap, cap, (), period)
    return CapWatch(in_force, Spent(spent, **named), thresholds, frozenset(said))


def a_draft(**named: Any) -> RequestDraft:
    plain = RequestDraft(
        workflow="search-ranking",
        cap=CapKind.WEEKLY,
        amount=Decimal(100),
        until=Until.PERIOD,
        asked_by=OWEN,
        reason="Launch week.",
        outcome="p95 latency",
        target="under 2 s by Friday",
        if_refused="The launch waits.",
    )
    return replace(plain, **named)


def a_request(**named: Any) -> Request:
    plain = Request(
        **vars(a_draft()),
        id="r-1",
        asked_at=MONDAY,
        expires_at=MONDAY + timedelta(hours=72),
        owner=OWEN,
        channel="C0SEARCH",
        step=Step.APPROVER,
    )
    return replace(plain, **named)


def a_standing(**named: Any) -> Standing:
    return replace(Standing(a_workflow(), a_team()), **named)


def some_figures(**named: Any) -> Figures:
    """Of the week before Monday."""
    plain = Figures(
        name="Search ranking",
        status=Status.ACTIVE,
        counted=(
            Counted(CapKind.WEEKLY, MONDAY, Decimal("112.40"), Decimal(250)),
            Counted(CapKind.MONTHLY, MONDAY, Decimal("212.40"), Decimal(900)),
        ),
        before=Decimal(100),
        caps=Caps(weekly=Decimal(250), monthly=Decimal(900)),
    )
    return replace(plain, **named)


def a_review_item(**named: Any) -> Item:
    notice = "review:search:1763247600:search-ranking"
    return replace(Item("search-ranking", OWEN, some_figures(), notice), **named)


def a_review(**named: Any) -> Review:
    week = Period(
        CapKind.WEEKLY,
        datetime(2026, 11, 15, 23, tzinfo=UTC),
        datetime(2026, 11, 22, 23, tzinfo=UTC),
    )
    notice = "review:search:1763247600"
    plain = Review("search", week, "C0SEARCH", MONDAY, notice, (a_review_item(),))
    return replace(plain, **named)


def a_source(**named: Any) -> Source:
    plain = Source(
        "gateway",
        SourceKind.GATEWAY,
        Lane.REALTIME,
        ("anthropic",),
        through=MONDAY,
        received=MONDAY,
        records=1_204,
        unpriced=37,
    )
    return replace(plain, **named)
