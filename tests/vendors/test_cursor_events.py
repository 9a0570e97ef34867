from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.charges import Stretch
from handlers.vendors.cursor_events import parse
from handlers.vendors.lines import check
from handlers.vendors.trouble import NotUnderstood

DAY = datetime(2026, 11, 19, tzinfo=UTC)
STRETCH = Stretch(DAY, DAY + timedelta(days=1))
NOW = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)

# 19 Nov 2026 13:45:12.408 UTC.
EVENT = """{
  "timestamp": "1795095912408", "userEmail": "lena@acme.example", "model": "claude-sonnet-4-5",
  "kind": "Usage-based", "maxMode": false, "requestsCosts": 2.1, "isTokenBasedCall": true,
  "isChargeable": true, "isHeadless": false,
  "tokenUsage": {"inputTokens": 310, "outputTokens": 822, "cacheWriteTokens": 4100,
                 "cacheReadTokens": 20480, "totalCents": 3.41795},
  "chargedCents": 3.86795, "cursorTokenFee": 0.45, "somethingNew": {"deeply": [1, null]}}"""


def read(text: str) -> Any:
    return msgspec.json.Decoder(float_hook=Decimal).decode(text)


def page(*events: Any, more: bool = False) -> Any:
    return {
        "totalUsageEventsCount": len(events),
        "pagination": {"numPages": 1, "currentPage": 1, "pageSize": 500, "hasNextPage": more},
        "usageEvents": list(events),
        "period": {"startDate": 1795046400000, "endDate": 1795132799999},
    }


def an_event(**named: Any) -> Any:
    return {**read(EVENT), **named}


def charge_of(event: Any) -> Any:
    (charge,) = parse([page(event)], STRETCH, NOW).charges
    return charge


def test_an_event_is_charged_in_its_hour_to_whoever_caused_it():
    charge = charge_of(an_event())

    assert charge.cost == Decimal("0.0386795")
    assert charge.list_cost is None
    assert charge.start == datetime(2026, 11, 19, 13, tzinfo=UTC)
    assert charge.end - charge.start == timedelta(hours=1)
    assert (charge.account, charge.person) == ("cursor", "lena@acme.example")
    assert (charge.model, charge.item) == ("claude-sonnet-4-5", "Usage-based")
    assert (charge.input_tokens, charge.output_tokens, charge.requests) == (24_890, 822, 1)


def test_it_is_told_up_to_the_hour_that_runs():
    assert parse([page()], STRETCH, NOW).through == datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "free",
    [
        pytest.param({"isChargeable": False, "kind": "Included in Business"}, id="included"),
        pytest.param({"kind": "USAGE_EVENT_KIND_ERRORED_NOT_CHARGED"}, id="failed"),
        pytest.param({"kind": "Errored, Not Charged"}, id="failed, in words"),
        pytest.param({"isChargeable": None, "kind": "Included in Pro"}, id="only its kind says so"),
        pytest.param({"isChargeable": False, "kind": None}, id="of no kind"),
    ],
)
def test_what_is_not_charged_costs_nothing_and_has_a_list_price(free):
    charge = charge_of(an_event(**free))

    assert (charge.cost, charge.list_cost) == (0, Decimal("0.0386795"))


@pytest.mark.parametrize("kind", ["Usage-based", "On-demand", "", None])
def test_what_does_not_say_that_it_is_free_is_charged(kind):
    assert charge_of(an_event(isChargeable=None, kind=kind)).cost == Decimal("0.0386795")


def test_an_older_event_costs_what_its_tokens_cost_and_the_fee():
    assert charge_of(an_event(chargedCents=None)).cost == Decimal("0.0386795")


def test_a_free_event_of_unknown_worth_has_no_list_price():
    charge = charge_of(an_event(isChargeable=False, chargedCents=None, tokenUsage=None))

    assert (charge.cost, charge.list_cost, charge.input_tokens) == (0, None, None)


def test_two_equal_events_within_a_millisecond_are_two():
    charges = parse([page(an_event(), an_event()), page(an_event())], STRETCH, NOW).charges

    assert len({charge.id for charge in charges}) == 3
    assert sum(charge.cost for charge in charges) == Decimal("0.1160385")


@pytest.mark.parametrize(
    "other",
    [
        {"timestamp": "1795095912409"},
        {"userEmail": "mo@acme.example"},
        {"model": "gpt-5"},
        {"kind": "Other"},
        {"chargedCents": Decimal("3.9")},
        {"tokenUsage": {"inputTokens": 311, "outputTokens": 822}},
        {"serviceAccountId": "sa-1"},
    ],
)
def test_events_that_differ_have_ids_of_their_own_whatever_comes_first(other):
    one, two = an_event(), an_event(**other)

    here = {charge.id for charge in parse([page(one, two)], STRETCH, NOW).charges}
    there = {charge.id for charge in parse([page(two, one)], STRETCH, NOW).charges}

    assert here == there
    assert all(id_.endswith("#1") for id_ in here)


def test_a_service_account_is_the_key():
    event = an_event(userEmail=None, serviceAccountId="sa-17", serviceAccountName="nightly")

    clues = charge_of(event).clues

    assert (clues.key, clues.key_name) == ("sa-17", "nightly")


def test_what_runs_in_the_background_is_tagged():
    assert charge_of(an_event(isHeadless=True)).tags == ("headless",)


def test_the_time_may_be_a_number():
    assert charge_of(an_event(timestamp=1795095912408)).start.hour == 13


def test_unknown_tokens_are_not_zero():
    charge = charge_of(an_event(tokenUsage={"totalCents": 1}))

    assert (charge.input_tokens, charge.output_tokens) == (None, None)


def test_names_that_no_database_holds_are_made_fit():
    charge = charge_of(an_event(model="gpt\0-5", userEmail="x" * 300))

    assert "\0" not in charge.model
    assert len(charge.person) == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"timestamp": None}, "usageEvents[0].timestamp", id="no time"),
        pytest.param({"timestamp": "yesterday"}, "usageEvents[0].timestamp", id="time in words"),
        pytest.param({"timestamp": "9" * 40}, "usageEvents[0].timestamp", id="end of days"),
        pytest.param({"chargedCents": "much"}, "usageEvents[0].chargedCents", id="no number"),
        pytest.param({"chargedCents": "NaN"}, "usageEvents[0].chargedCents", id="not a number"),
        pytest.param({"chargedCents": Decimal("1e99")}, "usageEvents[0].chargedCents", id="huge"),
        pytest.param(
            {"chargedCents": None, "tokenUsage": None},
            "usageEvents[0].chargedCents",
            id="charged, and not how much",
        ),
        pytest.param({"isChargeable": "yes"}, "usageEvents[0].isChargeable", id="no yes or no"),
        pytest.param({"tokenUsage": []}, "usageEvents[0].tokenUsage", id="no object"),
        pytest.param(
            {"tokenUsage": {"outputTokens": -1}},
            "usageEvents[0].tokenUsage.outputTokens",
            id="negative tokens",
        ),
        pytest.param(
            {"tokenUsage": {"inputTokens": Decimal("1.5")}},
            "usageEvents[0].tokenUsage.inputTokens",
            id="half a token",
        ),
    ],
)
def test_an_event_that_is_not_as_documented_is_refused_by_its_field(wrong, field):
    with pytest.raises(NotUnderstood) as refused:
        parse([page(an_event(**wrong))], STRETCH, NOW)

    assert refused.value.field == field
    assert field in str(refused.value)


@pytest.mark.parametrize("answer", [[], {}, "no", None, {"usageEvents": []}])
def test_an_answer_of_another_shape_is_refused(answer):
    with pytest.raises(NotUnderstood):
        parse([answer], STRETCH, NOW)


def test_an_event_of_another_day_is_no_part_of_this_bill():
    told = parse([page(an_event(timestamp="1795190400000"))], STRETCH, NOW)

    with pytest.raises(NotUnderstood, match="19 Nov 2026"):
        check("Cursor", told.charges, STRETCH)
