from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.attribution import Clues
from bot.charges import Stretch
from handlers.vendors import anthropic, claude_code
from handlers.vendors.trouble import NotUnderstood

DAY = datetime(2026, 11, 20, tzinfo=UTC)
STEP = Stretch(DAY, DAY + timedelta(days=1))
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANA = {
    "type": "user_actor",
    "user_id": "user_1",
    "email_address": "ana@acme.example",
    "name": "Ana",
    "deleted": False,
}
BUILD = {"type": "service_account_actor", "service_account_id": "svac_7"}


def row(amount="1234.5", *, cost=None, start=DAY, **group):
    nulls = dict.fromkeys(("api_key_id", "workspace_id", "model", "product", "actor", "speed"))
    return {
        "starting_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "ending_at": f"{start + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "group": {**nulls, **group},
        "cost": cost or {"amount": amount, "list_amount": "2000", "currency": "USD", "requests": 3},
    }


def page(*rows, refreshed="2026-11-23T06:10:00Z"):
    return {"data": list(rows), "has_more": False, "data_refreshed_at": refreshed}


def told(*rows):
    return anthropic.parse([page(*rows)], STEP, NOW).charges


def test_amounts_are_fractional_cents():
    (charge,) = told(row("1234.5678901"))

    assert (charge.cost, charge.list_cost) == (Decimal("12.345678901"), Decimal(20))
    assert charge.requests == 3


def test_a_row_says_whose_it_is():
    (charge,) = told(
        row(api_key_id="apikey_1", workspace_id="wrkspc_2", model="claude-opus-5-5", actor=ANA)
    )

    assert charge.clues == Clues(key="apikey_1", project="wrkspc_2")
    assert (charge.person, charge.model) == ("ana@acme.example", "claude-opus-5-5")


def test_a_service_account_is_a_service_and_a_deleted_person_an_id():
    gone = {**ANA, "email_address": None, "deleted": True}

    service, deleted = told(row(actor=BUILD), row(actor=gone))

    assert (service.clues.service, service.person) == ("svac_7", "")
    assert deleted.person == "user_1"


def test_identities_that_cannot_be_named_are_one_line_together():
    """Each of them has a row of its own, with the same nulls."""
    (charge,) = told(row("100", model="m"), row("250", model="m"))

    assert (charge.cost, charge.list_cost, charge.requests) == (Decimal("3.5"), Decimal(40), 6)


def test_what_one_of_two_rows_does_not_tell_is_not_nothing():
    bare = {"amount": "1", "currency": "USD"}

    (charge,) = told(row(cost=bare), row(cost=bare))

    assert (charge.cost, charge.list_cost, charge.requests) == (Decimal("0.02"), None, None)


def test_it_is_told_through_the_earliest_mark_of_all_pages():
    pages = [page(row(model="a")), page(row(model="b"), refreshed="2026-11-23T05:00:00+00:00")]

    assert anthropic.parse(pages, STEP, NOW).through == NOW.replace(hour=5)
    assert anthropic.parse([page(refreshed=None)], STEP, NOW).through == NOW - timedelta(days=2)


def test_it_is_not_told_through_the_future():
    assert anthropic.parse([page(refreshed="2027-01-01T00:00:00Z")], STEP, NOW).through == NOW


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (row(cost={"amount": "1", "currency": "EUR"}), "bills in EUR"),
        (row("1,5"), "cost.amount"),
        (row("Infinity"), "cost.amount"),
        (row(start=DAY + timedelta(days=1)), "asked for 20 Nov 2026"),
        ({**row(), "starting_at": "yesterday"}, "starting_at"),
        ({**row(), "group": None}, "group"),
        ({**row(), "cost": {"currency": "USD"}}, "cost.amount"),
    ],
)
def test_what_is_not_as_documented_is_refused_by_name(wrong, said):
    with pytest.raises(NotUnderstood, match=r"^Anthropic") as no:
        told(wrong)

    assert said in str(no.value)


def test_nothing_is_asked_of_before_the_vendor_tells():
    assert anthropic.oldest(NOW) == datetime(2026, 1, 1, tzinfo=UTC)
    assert anthropic.oldest(datetime(2027, 6, 1, 9, tzinfo=UTC)) == datetime(2026, 6, 2, tzinfo=UTC)


def record(*models, who=None, **fields):
    actor = who or {"type": "user_actor", "email_address": "ana@acme.example"}
    return {
        "actor": actor,
        "date": "2026-11-20T00:00:00Z",
        "customer_type": "api",
        "terminal_type": "vscode",
        "core_metrics": {"num_sessions": 4, "lines_of_code": {"added": 1, "removed": 2}},
        "model_breakdown": list(models),
        **fields,
    }


def model(name="claude-sonnet-5", amount=186):
    tokens = {"input": 100, "output": 20, "cache_read": 30, "cache_creation": 4}
    cost = {"amount": amount, "currency": "USD"}
    return {"model": name, "tokens": tokens, "estimated_cost": cost}


def coded(*records):
    return claude_code.parse([{"data": list(records), "has_more": False}], STEP, NOW).charges


def test_claude_code_is_estimated_in_cents_per_person_and_model():
    one, other = coded(record(model(), model("claude-opus-5", Decimal("12.5"))))

    assert (one.cost, other.cost) == (Decimal("1.86"), Decimal("0.125"))
    assert (one.person, one.model) == ("ana@acme.example", "claude-sonnet-5")
    assert (one.input_tokens, one.output_tokens) == (134, 20)
    assert (one.start, one.end) == (STEP.start, STEP.end)


def test_two_terminals_of_one_person_are_one_line():
    (charge,) = coded(record(model()), record(model(), terminal_type="tmux"))

    assert (charge.cost, charge.output_tokens) == (Decimal("3.72"), 40)


def test_a_subscription_pays_nothing_by_the_token():
    (charge,) = coded(record(model(), customer_type="subscription"))

    assert (charge.cost, charge.list_cost) == (Decimal(0), Decimal("1.86"))


def test_a_key_of_the_api_is_named():
    (charge,) = coded(record(model(), who={"type": "api_actor", "api_key_name": "ci"}))

    assert (charge.person, charge.clues.key_name) == ("", "ci")


def test_a_day_without_models_costs_nothing():
    assert coded(record(), record(model_breakdown=None)) == ()
