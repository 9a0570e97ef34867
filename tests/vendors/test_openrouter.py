from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.charges import Stretch
from handlers.vendors.lines import check
from handlers.vendors.openrouter import parse
from handlers.vendors.trouble import NotUnderstood

DAY = datetime(2026, 11, 19, tzinfo=UTC)
STRETCH = Stretch(DAY, DAY + timedelta(days=1))
NOW = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)

ROW = """{
  "date": "2026-11-19", "model": "openai/gpt-5-mini",
  "model_permaslug": "openai/gpt-5-mini-2025-08-07", "endpoint_id": "e3b1",
  "provider_name": "Azure",
  "usage": 1.0420815, "byok_usage_inference": 0, "requests": 214, "prompt_tokens": 910233,
  "completion_tokens": 50118, "reasoning_tokens": 20992, "cached_tokens": 400000,
  "workspace_id": "ws-research"}"""


def a_row(**named: Any) -> Any:
    return {**msgspec.json.Decoder(float_hook=Decimal).decode(ROW), **named}


def told(*rows: Any, now: datetime = NOW) -> Any:
    return parse([{"data": list(rows)}], STRETCH, now)


def test_a_row_is_what_an_endpoint_cost_in_a_workspace_on_a_day():
    (charge,) = told(a_row()).charges

    assert (charge.cost, charge.list_cost) == (Decimal("1.0420815"), None)
    assert (charge.start, charge.end) == (STRETCH.start, STRETCH.end)
    assert (charge.account, charge.clues.project) == ("openrouter", "ws-research")
    assert (charge.model, charge.item) == ("openai/gpt-5-mini-2025-08-07", "Azure")
    assert (charge.input_tokens, charge.output_tokens, charge.requests) == (910_233, 50_118, 214)


def test_what_ran_on_an_own_key_stands_apart_and_is_billed_by_its_vendor():
    spent, own = told(a_row(byok_usage_inference=Decimal("2.5"))).charges

    assert spent.cost == Decimal("1.0420815")
    assert (own.cost, own.list_cost, own.item) == (0, Decimal("2.5"), "own key")
    assert own.id != spent.id
    assert own.clues.project == "ws-research"


@pytest.mark.parametrize(
    "other",
    [
        {"endpoint_id": "e3b2"},
        {"workspace_id": "ws-sales"},
        {"workspace_id": None},
        {"model_permaslug": "openai/gpt-5"},
        {"provider_name": "OpenAI"},
    ],
)
def test_each_endpoint_and_workspace_has_its_own_line(other):
    charges = told(a_row(), a_row(**other)).charges

    check("OpenRouter", charges, STRETCH)


def test_the_same_line_twice_is_refused():
    with pytest.raises(NotUnderstood, match="twice"):
        check("OpenRouter", told(a_row(), a_row()).charges, STRETCH)


@pytest.mark.parametrize(
    ("now", "through"),
    [
        pytest.param("2026-11-20T09:40", "2026-11-20", id="in the day"),
        pytest.param("2026-11-20T00:29", "2026-11-19", id="calls of yesterday may still run"),
        pytest.param("2026-11-20T00:30", "2026-11-20", id="half an hour into the day"),
    ],
)
def test_it_is_told_up_to_the_last_day_that_is_over(now, through):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert told(now=at).through == datetime.fromisoformat(through).replace(tzinfo=UTC)


def test_a_midnight_behind_the_day_is_read_over():
    (charge,) = told(a_row(date="2026-11-19 00:00:00")).charges

    assert charge.start == DAY


def test_what_is_null_is_unknown():
    nothing = dict.fromkeys(["requests", "prompt_tokens", "completion_tokens", "workspace_id"])

    (charge,) = told(a_row(byok_usage_inference=None, model_permaslug=None, **nothing)).charges

    assert (charge.input_tokens, charge.output_tokens, charge.requests) == (None, None, None)
    assert charge.model == "openai/gpt-5-mini"
    assert charge.clues.project == ""


def test_a_count_may_be_written_with_a_point():
    (charge,) = told(a_row(requests=Decimal("214.0"))).charges

    assert charge.requests == 214


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"usage": None}, "data[0].usage", id="no amount"),
        pytest.param({"usage": "a lot"}, "data[0].usage", id="an amount in words"),
        pytest.param({"usage": "Infinity"}, "data[0].usage", id="without end"),
        pytest.param({"byok_usage_inference": True}, "data[0].byok_usage_inference", id="a yes"),
        pytest.param({"date": "2026-13-01"}, "data[0].date", id="a thirteenth month"),
        pytest.param({"date": 20261119}, "data[0].date", id="a day as a number"),
        pytest.param({"endpoint_id": None}, "data[0].endpoint_id", id="no endpoint"),
        pytest.param({"prompt_tokens": -5}, "data[0].prompt_tokens", id="negative tokens"),
        pytest.param({"requests": 10**30}, "data[0].requests", id="more calls than there can be"),
    ],
)
def test_a_row_that_is_not_as_documented_is_refused_by_its_field(wrong, field):
    with pytest.raises(NotUnderstood) as refused:
        told(a_row(**wrong))

    assert refused.value.field == field
    assert field in str(refused.value)


def test_a_row_without_its_amount_is_refused_by_its_name():
    row = a_row()
    del row["usage"]

    with pytest.raises(NotUnderstood, match=r"without data\[0\]\.usage"):
        told(row)


def test_a_row_of_another_day_is_no_part_of_this_bill():
    with pytest.raises(NotUnderstood, match="18 Nov 2026"):
        check("OpenRouter", told(a_row(date="2026-11-18")).charges, STRETCH)
