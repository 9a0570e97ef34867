from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charges import Stretch
from handlers.vendors.copilot_credits import parse
from handlers.vendors.github import window
from handlers.vendors.lines import check
from handlers.vendors.trouble import NotUnderstood

DAY = datetime(2026, 11, 19, tzinfo=UTC)
STRETCH = Stretch(DAY, DAY + timedelta(days=1))
NOW = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)

REPORT = """{
  "timePeriod": {"year": 2026, "month": 11, "day": 19}, "organization": "acme",
  "usageItems": [{
    "product": "Copilot", "sku": "Copilot AI Credits", "model": "Claude Sonnet 4.5",
    "unitType": "ai-credits", "pricePerUnit": 0.01, "grossQuantity": 812.4, "grossAmount": 8.124,
    "discountQuantity": 500, "discountAmount": 5.0, "netQuantity": 312.4, "netAmount": 3.124}]}"""


def a_report(*items: Any, **named: Any) -> Any:
    plain = msgspec.json.Decoder(float_hook=Decimal).decode(REPORT)
    (item,) = plain["usageItems"]
    return {**plain, "usageItems": [{**item, **one} for one in items], **named}


def of(gross: str, net: str = "0", model: str | None = "Claude Sonnet 4.5") -> Any:
    return {"grossAmount": Decimal(gross), "netAmount": Decimal(net), "model": model}


def told(whole: Any, **people: Any) -> Any:
    pages = [{"user": None, "report": whole}]
    pages += [{"user": login, "report": report} for login, report in people.items()]
    return parse("acme", pages, STRETCH, NOW)


def test_what_a_person_used_is_charged_beyond_what_the_plan_covers():
    (charge,) = told(a_report({}), lena=a_report({})).charges

    assert (charge.cost, charge.list_cost) == (Decimal("3.124"), Decimal("8.124"))
    assert (charge.account, charge.person) == ("github.copilot", "lena")
    assert (charge.model, charge.item) == ("Claude Sonnet 4.5", "Copilot AI Credits")
    assert (charge.start, charge.end) == (STRETCH.start, STRETCH.end)


def test_what_the_plan_covers_costs_nothing():
    (charge,) = told(a_report(of("8.124")), lena=a_report(of("8.124"))).charges

    assert (charge.cost, charge.list_cost) == (0, Decimal("8.124"))


def test_what_nobody_accounts_for_is_one_line_without_a_person():
    lena, rest = told(a_report(of("10", "4")), lena=a_report(of("7", "3"))).charges

    assert (lena.person, lena.cost) == ("lena", 3)
    assert (rest.person, rest.cost, rest.list_cost) == ("", 1, 3)


def test_people_who_account_for_more_than_there_is_change_no_total():
    charges = told(a_report(of("10", "4")), lena=a_report(of("10", "5"))).charges

    assert [charge.cost for charge in charges] == [5, -1]


def test_lines_of_one_model_at_several_prices_are_one():
    whole = a_report(of("1", "1"), of("2", "2"))

    (charge,) = told(whole).charges

    assert charge.cost == 3


def test_a_day_on_which_nothing_was_used_has_no_lines():
    assert told(a_report()).charges == ()
    assert told(a_report(of("0"))).charges == ()


@pytest.mark.parametrize("model", ["GPT-5", "", None])
def test_each_model_and_person_has_its_own_line(model):
    both = a_report(of("1", "1"), of("2", "2", model))

    charges = told(a_report(of("3", "3"), of("6", "6", model)), lena=both, mo=both).charges

    check("GitHub", charges, STRETCH)
    assert sum(charge.cost for charge in charges) == 9
    assert len(charges) == 6


amounts = st.decimals(min_value=0, max_value=1000, places=11)


@given(whole=amounts, parts=st.lists(amounts, max_size=5))
def test_the_lines_add_up_to_the_organisations_bill(whole, parts):
    people = {f"u{n}": a_report(of(str(one), str(one))) for n, one in enumerate(parts)}

    charges = told(a_report(of(str(whole), str(whole))), **people).charges

    assert sum(charge.cost for charge in charges) == whole.quantize(Decimal("1e-9"))


@pytest.mark.parametrize(
    ("period", "field"),
    [
        pytest.param({"year": 2026, "month": 11, "day": 18}, "timePeriod", id="another day"),
        pytest.param({"year": 2026, "month": 11}, "timePeriod", id="the whole month"),
        pytest.param({"year": 2026}, "timePeriod", id="the whole year"),
    ],
)
def test_a_report_of_another_time_is_refused(period, field):
    with pytest.raises(NotUnderstood) as refused:
        told(a_report({}, timePeriod=period))

    assert refused.value.field == field


def test_a_report_of_somebody_else_is_refused():
    with pytest.raises(NotUnderstood, match="one user"):
        told(a_report({}), lena=a_report({}, user="mo"))


def test_a_login_is_the_same_in_capitals():
    (charge,) = told(a_report({}), lena=a_report({}, user="Lena")).charges

    assert charge.person == "lena"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"netAmount": None}, "usageItems[0].netAmount", id="no amount"),
        pytest.param({"netAmount": "NaN"}, "usageItems[0].netAmount", id="not a number"),
        pytest.param({"grossAmount": {}}, "usageItems[0].grossAmount", id="an object"),
        pytest.param({"grossAmount": Decimal("1e40")}, "usageItems[0].grossAmount", id="huge"),
        pytest.param({"sku": 5}, "usageItems[0].sku", id="a number for a name"),
    ],
)
def test_an_item_that_is_not_as_documented_is_refused_by_its_field(wrong, field):
    with pytest.raises(NotUnderstood) as refused:
        told(a_report(wrong))

    assert refused.value.field == field


@pytest.mark.parametrize("report", [None, [], {"usageItems": []}, {"timePeriod": {}}])
def test_an_answer_of_another_shape_is_refused(report):
    with pytest.raises(NotUnderstood):
        told(report)


@pytest.mark.parametrize(
    ("now", "is_daily", "first"),
    [
        pytest.param("2026-11-20", False, "2026-11-18", id="the last two days"),
        pytest.param("2026-11-20", True, "2026-11-01", id="once a day the month"),
        pytest.param("2026-11-05", True, "2026-10-01", id="and the one before, until the 5th"),
        pytest.param("2026-11-06", True, "2026-11-01", id="and no longer"),
        pytest.param("2027-01-01", True, "2026-12-01", id="also over the new year"),
        pytest.param("2026-12-01", False, "2026-11-29", id="two days reach over the month's end"),
    ],
)
def test_the_month_is_asked_again_until_it_closes(now, is_daily, first):
    at = datetime.fromisoformat(now).replace(hour=9, tzinfo=UTC)

    assert window(at, is_daily) == datetime.fromisoformat(first).replace(tzinfo=UTC)
