from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from bot.attribution import Clues
from bot.charges import Stretch
from handlers.vendors import openai, openai_usage
from handlers.vendors.trouble import NotUnderstood
from tests.vendors.standin import bucket

DAY = datetime(2026, 11, 20, tzinfo=UTC)
STEP = Stretch(DAY, DAY + timedelta(days=1))
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def decoded(text: str):
    return msgspec.json.Decoder(float_hook=Decimal).decode(text.replace("'", '"'))


def page(*results, start=DAY):
    return {"object": "page", "data": [bucket(start, list(results))], "has_more": False}


def result(**fields):
    amount = {"value": Decimal("0.06"), "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, **fields}


def told(*results):
    return openai.parse([page(*results)], STEP, NOW).charges


@pytest.mark.parametrize("value", ["12.50", "'12.50'", "12.5", "1.25e1"])
def test_an_amount_is_dollars_as_a_number_or_as_text(value):
    amount = decoded(f"{{'value': {value}, 'currency': 'usd'}}")

    assert [charge.cost for charge in told(result(amount=amount))] == [Decimal("12.5")]


def test_an_amount_is_exact():
    amount = decoded("{'value': 0.1000000004, 'currency': 'USD'}")

    assert told(result(amount=amount))[0].cost == Decimal("0.100000000")


def test_a_line_says_whose_it_is_and_of_what():
    (charge,) = told(
        result(line_item="gpt-6-astra, input_tokens", project_id="proj_a", api_key_id="key_a")
    )

    assert charge.clues == Clues(key="key_a", project="proj_a")
    assert (charge.model, charge.item) == ("gpt-6-astra", "gpt-6-astra, input_tokens")
    assert (charge.account, charge.provider) == ("openai", "openai")
    assert (charge.start, charge.end) == (STEP.start, STEP.end)
    assert not charge.final


def test_fields_that_are_null_missing_or_new_are_borne_with():
    nulls = result(line_item=None, project_id=None, api_key_id=None, quantity=None)
    new = result(line_item="web search", planet="earth")

    assert [charge.item for charge in told(nulls, new)] == ["", "web search"]


def test_a_credit_is_negative():
    amount = {"value": Decimal("-5.25"), "currency": "usd"}

    assert told(result(amount=amount))[0].cost == Decimal("-5.25")


def test_the_same_line_has_the_same_id_whatever_it_costs():
    other = {"value": Decimal(7), "currency": "usd"}
    groups = {"line_item": "a", "project_id": "p", "api_key_id": None}

    before, after = told(result(**groups))[0], told(result(**groups, amount=other))[0]

    assert before.id == after.id
    assert before.id != told(result(line_item="a", project_id=None, api_key_id="p"))[0].id


def test_ids_of_hostile_names_are_short_and_differ():
    hostile = ("x" * 5000, "x\0y", "xy", "x\u202ey", "x\ny")

    charges = told(*(result(line_item=name) for name in hostile))

    assert len({charge.id for charge in charges}) == len(hostile)
    assert max(len(charge.id) for charge in charges) <= 200
    assert [charge.item for charge in charges] == ["x" * 200, "xy", "xy", "xy", "x y"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (page(result(amount={"value": 1, "currency": "eur"})), "bills in eur"),
        (page(result(amount={"value": "12,50", "currency": "usd"})), "amount.value"),
        (page(result(amount={"value": "NaN", "currency": "usd"})), "amount.value"),
        (page(result(amount={"value": Decimal("1e400"), "currency": "usd"})), "amount.value"),
        (page(result(amount={"value": True, "currency": "usd"})), "amount.value"),
        (page(result(amount={"value": 1})), "without data[0].results[0].amount.currency"),
        (page(result(amount=None)), "results[0].amount"),
        (page("twelve"), "results[0]"),
        (page(start=DAY - timedelta(days=1)), "asked for 20 Nov 2026"),
        (page(start=DAY + timedelta(hours=1)), "asked for 20 Nov 2026"),
        ({"data": [{"start_time": -1, "end_time": 2**60, "results": []}]}, "at no time"),
        ({"data": [{"start_time": "x", "end_time": 1, "results": []}]}, "start_time"),
        ({"data": None}, "data"),
        ([], "the answer"),
    ],
)
def test_what_is_not_as_documented_is_refused_by_name(wrong, said):
    with pytest.raises(NotUnderstood, match=r"^OpenAI") as no:
        openai.parse([wrong], STEP, NOW)

    assert said in str(no.value)


def usage(**fields):
    groups = dict.fromkeys(("project_id", "user_id", "api_key_id", "model", "batch"))
    return {"object": "organization.usage.completions.result", **groups, **fields}


def test_tokens_are_told_without_money():
    spoken = usage(
        input_tokens=1000,
        input_cached_tokens=400,
        output_tokens=50,
        num_model_requests=3,
        model="gpt-6-astra",
        api_key_id="key_a",
        user_id="user-1",
        project_id="proj_a",
    )

    (charge,) = openai_usage.parse([("completions", page(spoken))], STEP, NOW).charges

    assert (charge.input_tokens, charge.output_tokens, charge.requests) == (1000, 50, 3)
    assert charge.cost == 0
    assert charge.list_cost is None
    assert (charge.model, charge.person) == ("gpt-6-astra", "user-1")
    assert charge.clues == Clues(key="key_a", project="proj_a")


def test_tokens_that_are_not_told_stay_unknown():
    embedded = usage(input_tokens=10, num_model_requests=1)

    (charge,) = openai_usage.parse([("embeddings", page(embedded))], STEP, NOW).charges

    assert (charge.input_tokens, charge.output_tokens) == (10, None)


def test_kinds_of_usage_with_the_same_groups_are_lines_of_their_own():
    same = usage(input_tokens=10, num_model_requests=1)
    pages = [("completions", page(same)), ("moderations", page(same))]

    assert len({charge.id for charge in openai_usage.parse(pages, STEP, NOW).charges}) == 2


@pytest.mark.parametrize("tokens", [-1, 1.5, "many", 10**15])
def test_a_count_that_is_none_is_refused(tokens):
    wrong = page(usage(input_tokens=tokens, num_model_requests=1))

    with pytest.raises(NotUnderstood, match="input_tokens"):
        openai_usage.parse([("completions", wrong)], STEP, NOW)
