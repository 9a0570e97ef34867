"""Where a card shows a sum beside its parts, they add up as shown."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from bot.account_months import AccountMonth, BilledDay, LineSum, Reconciled
from bot.attribution import Trace
from bot.caps import CapInForce, CapState
from bot.cards import caps, reconciliation
from bot.cards.drivers import Compared, what_changed
from bot.cards.tiers import by_tier_said
from bot.charges import Charge
from bot.drivers import Mix, Used
from bot.money import say
from bot.periods import CapKind, period_of
from bot.positions import Position
from bot.tiers import Tier
from tests.builders import a_team, a_workflow, an_override

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = Reconciled(
    account="openai",
    day=datetime(2026, 11, 16, tzinfo=UTC),
    billed=Decimal("30.128"),
    realtime=Decimal("18.124"),
    workflows=Decimal("18.124"),
    unattributed=Decimal(0),
    unmetered=Decimal("12.004"),
    final=True,
    settled=True,
    at=NOW,
)
SHOWN = "workflows $18.13 + unattributed $0.00 + unmetered $12.00"


def amounts(text: str) -> list[Decimal]:
    found = re.findall(r"(−?)\$([\d,]+\.\d+)", text)
    return [Decimal(f"{'-' if sign else ''}{size.replace(',', '')}") for sign, size in found]


def test_what_is_billed_is_the_sum_of_what_it_is_made_of():
    text = reconciliation.account(AccountMonth("openai", (DAY,)), DAY.day, 0).text

    assert f"{SHOWN} = $30.13: as billed ✓" in text
    assert f"billed $30.13 = {SHOWN} ✓" in text


def test_a_cap_is_the_sum_of_its_terms():
    lent = [an_override(amount=Decimal(text)) for text in ("10.004", "10.004", "2.004")]
    month = period_of(CapKind.MONTHLY, NOW, a_workflow().calendars)
    base, amount = Decimal(100), Decimal("122.012")
    cap = CapInForce(CapKind.MONTHLY, base, amount, tuple(lent), month)
    position = Position(a_workflow(), a_team(), (CapState(cap, Decimal(0)),), {}, "UTC")

    terms, _, whole = caps.explained(position).text.partition("= $122.01 now")

    assert whole
    told = [line for line in terms.splitlines() if "+" in line or "in the contract" in line]
    assert sum(amounts("\n".join(told))) == Decimal("122.01")


LINES = [Decimal(text) for text in ("10.004", "10.004", "2.004", "-1.000")]


def test_lines_that_no_rule_matches_add_up_to_what_is_said_of_them():
    sums = [LineSum(Trace(), f"item {at}", cost, 1) for at, cost in enumerate(LINES)]

    head, *lines = reconciliation.unmatched("openai", DAY.day, sums, 0).text.splitlines()

    assert amounts(head) == [Decimal("21.01")]
    assert sum(amounts("\n".join(lines))) == Decimal("21.01")


def test_the_lines_of_a_day_add_up_to_its_bill():
    charges = [
        (Charge(str(at), "openai", DAY.day, DAY.day, cost, final=True), "search")
        for at, cost in enumerate(LINES)
    ]

    text = reconciliation.day(BilledDay("openai", DAY.day, None, charges, ()), 0, "UTC").text

    assert sum(amounts(text)) == Decimal("21.01")


def test_a_line_below_a_cent_is_not_rounded_away():
    sums = [LineSum(Trace(), "item", cost, 1) for cost in (*LINES, Decimal("0.0042"))]

    assert "$0.0042" in reconciliation.unmatched("openai", DAY.day, sums, 0).text


def test_tiers_add_up_to_what_is_spent():
    tiers: dict[Tier | None, Decimal] = {
        Tier.PREMIUM: Decimal("10351.604"),
        Tier.STANDARD: Decimal("40.064"),
        Tier.CHEAP: Decimal("18.990"),
    }

    said = by_tier_said(tiers)

    assert say(sum(tiers.values(), Decimal(0))) == "$10,410.66"
    assert sum(amounts(said)) == Decimal("10410.66")


def test_a_tier_that_is_credited_has_one_kind_of_minus():
    said = by_tier_said({Tier.PREMIUM: Decimal(100), None: Decimal(-20)})

    assert said == "premium $100.00 (125 %), no known tier −$20.00 (−25 %)"


def test_causes_add_up_to_the_difference():
    before = Mix({"a": Used(Decimal("1.0013"), 3, 30)})
    after = Mix({"a": Used(Decimal("7.0084"), 9, 170)})

    first, *causes = what_changed(Compared(before, after, "last week"), to_owner=True)

    shown = [amounts(one)[0] for one in causes]
    assert len(shown) > 1
    assert sum(shown) == amounts(first)[0]
