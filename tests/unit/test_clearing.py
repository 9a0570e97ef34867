from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.charges import DAY, Stretch
from bot.clearing import LinesOfDay, clearable, clearing, read_months
from bot.freshness import Source
from bot.refusal import Refusal
from bot.sources import Kind, Lane

OCT, NOV = date(2026, 10, 1), date(2026, 11, 1)
BILL = "bill/focus-payer"


def lines(month: int, day: int, account: str = "openai", cost: str = "2") -> LinesOfDay:
    at = datetime(2026, month, day, tzinfo=UTC)
    return LinesOfDay(at, account, 3, Decimal(cost), at + DAY)


def a_source(name: str, kind: Kind) -> Source:
    lane = Lane.BILLED if kind in {Kind.BILL, Kind.EXPORT} else Lane.REALTIME
    return Source(name, kind, lane)


KNOWN = (
    a_source(BILL, Kind.EXPORT),
    a_source("bill/openai", Kind.BILL),
    a_source("adjustments", Kind.MANUAL),
    a_source("csv", Kind.FILE),
    a_source("gateway/claude-code", Kind.TELEMETRY),
    a_source("reconciled/openai", Kind.BILL),
)


def test_all_of_a_bill_goes_where_no_month_is_named():
    told = lines(10, 1), lines(10, 1, "azure"), lines(11, 2, cost="0.5")

    wanted = clearing(BILL, told, ())

    assert (wanted.lines, wanted.days, wanted.cost) == (9, 2, Decimal("4.5"))
    assert wanted.accounts == ("azure", "openai")
    assert wanted.accounts_gone == {"azure", "openai"}
    assert wanted.through is None


def test_a_month_goes_and_what_is_left_tells_how_far():
    told = lines(9, 30), lines(10, 1, "azure"), lines(10, 31), lines(11, 2)

    wanted = clearing(BILL, told, {OCT, NOV})

    days = [datetime(2026, *day, tzinfo=UTC) for day in ((10, 1), (10, 31), (11, 2))]
    assert list(wanted.stretches()) == [Stretch(day, day + DAY) for day in days]
    assert wanted.left == told[:1]
    assert wanted.accounts_gone == {"azure"}
    assert wanted.through == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_month_without_lines_names_those_there_are():
    with pytest.raises(Refusal, match=r"no lines of 2026-09. It has some of 2026-10, 2026-11\."):
        clearing(BILL, (lines(10, 1), lines(11, 2)), {date(2026, 9, 1)})


def test_what_has_no_lines_is_said_to_count_nowhere():
    with pytest.raises(Refusal, match="in no figure"):
        clearing(BILL, (), ())


def test_months_are_read_as_people_write_them():
    assert read_months(("2026-10", "nov"), date(2026, 11, 20)) == {OCT, NOV}


@pytest.mark.parametrize("text", ["soon", "", "2026-13", "2026-10-05", "oct nov", "\x00"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(Refusal, match="is no month"):
        read_months((text,), date(2026, 11, 20))


@pytest.mark.parametrize("name", [BILL, "focus-payer"])
def test_a_bill_is_known_with_and_without_its_beginning(name):
    assert clearable(name, KNOWN).name == BILL


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("focus-payr", "There is no imported bill “focus-payr”. There are: bill/focus-payer"),
        ("zzz", "There is no imported bill “zzz”. There are: bill/focus-payer."),
        ("reconciled/openai", "There is no imported bill"),
        ("openai", "“bill/openai” is pulled from the vendor: taken away, it would come back"),
        ("adjustments", "undone in Slack: /budget adjust list"),
        ("csv", "Import the wrong file again with --set cost=0"),
        ("gateway/claude-code", "/budget adjust WORKFLOW -AMOUNT"),
    ],
)
def test_what_cannot_be_taken_away_is_told_the_right_way(name, said):
    with pytest.raises(Refusal) as refused:
        clearable(name, KNOWN)

    assert said in str(refused.value)


def test_without_any_import_there_is_nothing_to_take_away():
    with pytest.raises(Refusal, match="No bill of a FOCUS file has been imported"):
        clearable("payer", KNOWN[1:])
