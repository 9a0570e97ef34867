from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway_calls import Caller, Ending, GatewayCall, GatewayTokens, identity, read_call
from bot.sources import Kind
from bot.usage import CostBasis, Grain, NotUsage
from tests.builders import MONDAY


def a_call(**named):
    plain = GatewayCall(
        id="chatcmpl-7",
        call_id="call-7",
        at=MONDAY,
        operation="acompletion",
        provider="openai",
        model="openai/gpt-4o-mini",
        cost=Decimal("0.0003"),
        tokens=GatewayTokens(1200, 150, 200),
        caller=Caller(key="9f8e", key_name="search-prod"),
    )
    return msgspec.structs.replace(plain, **named)


def read(**named):
    return read_call(a_call(**named), "gateway", MONDAY)


def test_a_call_is_a_record_of_the_gateways_source():
    usage = read()

    assert (usage.source, usage.sender, usage.kind) == ("gateway", "gateway", Kind.GATEWAY)
    assert (usage.provider, usage.model, usage.account) == ("openai", "gpt-4o-mini", "openai")
    assert (usage.cost, usage.basis) == (Decimal("0.0003"), CostBasis.PROVIDER_ESTIMATE)
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == (1200, 150, 200)
    assert usage.fills
    assert (usage.clues.key, usage.clues.key_name) == ("9f8e", "search-prod")


def test_what_no_price_is_known_for_is_never_free():
    usage = read(model="openai/our-own-model", cost=Decimal(0))

    assert usage.basis is CostBasis.ASSUMED
    assert usage.cost


def test_what_the_gateway_cannot_price_is_priced_by_the_bot():
    usage = read(model="openai/gpt-4o", cost=Decimal(0), tokens=GatewayTokens(1_000_000, 0))

    assert (usage.cost, usage.basis) == (Decimal("2.5"), CostBasis.COMPUTED)


FREE = Decimal(0)


@pytest.mark.parametrize(
    ("named", "cost"),
    [
        pytest.param({"cached": True}, FREE, id="an answer from the cache"),
        pytest.param({"cached": True, "cost": None}, FREE, id="the same, without a figure"),
        pytest.param(
            {"ending": Ending.FAILED, "tokens": GatewayTokens()}, FREE, id="a call that failed"
        ),
        pytest.param(
            {"ending": Ending.BLOCKED, "tokens": GatewayTokens()}, FREE, id="a call not let through"
        ),
        pytest.param(
            {"ending": Ending.FAILED, "tokens": GatewayTokens(3_000)},
            FREE,
            id="one that was refused, with what had been sent",
        ),
        pytest.param(
            {"ending": Ending.BLOCKED, "tokens": GatewayTokens(3_000), "cost": None},
            FREE,
            id="one that was not let through, with what had been sent",
        ),
        pytest.param(
            {"ending": Ending.FAILED, "tokens": GatewayTokens(3_000), "cost": Decimal("0.02")},
            Decimal("0.02"),
            id="one that was not waited for, and is billed",
        ),
        pytest.param(
            {"ending": Ending.FAILED, "cost": Decimal("0.01")},
            Decimal("0.01"),
            id="one that failed on the way, and cost something",
        ),
        pytest.param(
            {"operation": "afile_list", "tokens": GatewayTokens()}, FREE, id="a look at files"
        ),
        pytest.param({"operation": "aget_responses", "tokens": GatewayTokens()}, FREE, id="a read"),
        pytest.param(
            {"operation": "aimage_generation", "tokens": GatewayTokens()}, None, id="a picture"
        ),
        pytest.param(
            {"operation": "something_new", "tokens": GatewayTokens()}, None, id="nobody knows what"
        ),
        pytest.param(
            {
                "operation": "aimage_generation",
                "tokens": GatewayTokens(),
                "cost": Decimal("0.04"),
            },
            Decimal("0.04"),
            id="a picture with a price",
        ),
        pytest.param(
            {"caller": Caller(on_plan=True), "cost": Decimal(3)},
            FREE,
            id="on the caller's own plan",
        ),
    ],
)
def test_only_what_is_known_to_be_free_costs_nothing(named, cost):
    assert read(**{"cost": Decimal(0)} | named).cost == cost


def test_a_failure_in_the_middle_of_an_answer_is_priced():
    usage = read(ending=Ending.FAILED, cost=Decimal(0), model="openai/gpt-4o")

    assert usage.basis is CostBasis.COMPUTED
    assert usage.cost


def test_what_was_not_counted_is_unknown():
    usage = read(tokens=GatewayTokens(), operation="aimage_generation", cost=None)

    assert (usage.input_tokens, usage.output_tokens, usage.cost) == (None, None, None)
    assert usage.basis is CostBasis.UNMETERED


def test_an_embedding_puts_out_nothing():
    usage = read(tokens=GatewayTokens(1000))

    assert (usage.input_tokens, usage.output_tokens) == (1000, 0)


def test_input_that_leaves_the_cache_out_is_told_with_it():
    usage = read(tokens=GatewayTokens(10, 5, 4000, 300))

    assert usage.input_tokens == 4310


def test_a_call_that_fell_back_is_two_records():
    failed, answered = a_call(id="call-7", ending=Ending.FAILED), a_call()

    assert identity(failed) != identity(answered)


def test_two_answers_from_the_cache_are_two_records_however_often_each_is_told():
    first = identity(a_call(id="chatcmpl-7_cache_hit1795424400.25"))

    assert identity(a_call(id="chatcmpl-7_cache_hit1795424400.2571")) == first
    assert identity(a_call(id="chatcmpl-7_cache_hit1795424400.25", call_id="call-8")) != first
    assert identity(a_call()) != first


def test_a_batch_is_one_record_however_often_it_is_asked_for():
    asked = a_call(id="batch_1", operation="aretrieve_batch")
    again = a_call(id="batch_1_batch_cost", operation="aretrieve_batch", call_id="call-8")

    assert identity(asked) == identity(again)
    assert read(operation="aretrieve_batch").grain is Grain.BUCKET


def test_an_answers_id_may_be_as_long_as_it_likes():
    long, other = a_call(id="resp_" + "x" * 900), a_call(id="resp_" + "x" * 899 + "y")

    assert len(identity(long)) <= 255
    assert identity(long) != identity(other)


@pytest.mark.parametrize(
    ("tags", "named", "declared"),
    [
        (("workflow:a", "x-workflow-id: b"), ("c", "d"), "a"),
        (("x-workflow-id: b", "workflow:a"), ("c",), "a"),
        (("x-workflow-id: b", "team:z"), ("c", "d"), "b"),
        (("X-Workflow-Id:b",), (), "b"),
        (("workflow: ",), ("", "d"), "d"),
        (("workflows:a",), (), ""),
    ],
)
def test_what_a_caller_calls_its_workflow_is_looked_for_in_one_order(tags, named, declared):
    assert read(tags=tags, named=named).workflow == declared


def test_tags_are_kept_but_for_the_client_and_say_how_it_ended():
    tags = ("step:x", "User-Agent: curl", "User-Agent: curl/7.88.1", "step:x")

    assert read(tags=tags).tags == ("step:x",)
    assert read(ending=Ending.FAILED).tags == ("status:failed",)
    assert read(ending=Ending.BLOCKED).tags == ("status:blocked",)
    assert read(caller=Caller(on_plan=True)).tags == ("paid:plan",)


@pytest.mark.parametrize(
    ("people", "user"),
    [
        (("mia@example.com", "u-1"), "mia@example.com"),
        (("", "default_user_id", "customer-7"), "customer-7"),
        (("", '{"device_id":"x"}'), ""),
        ((), ""),
    ],
)
def test_a_person_is_the_best_known_one(people, user):
    assert read(caller=Caller(people=people)).user == user


def test_an_odd_name_does_not_turn_money_away():
    usage = read(
        model="openai/" + "m" * 400,
        caller=Caller(key="k" * 400, team="t\0", people=("p" * 300,)),
        tags=tuple(f"tag-{n}-" + "\0" * 300 for n in range(80)),
        run="r" * 300,
    )

    assert usage.cost == Decimal("0.0003")
    assert len(usage.model) == len(usage.user) == len(usage.clues.key) == 200


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"id": "", "call_id": ""}, "id"),
        ({"id": "a\0"}, "id"),
        ({"at": MONDAY + timedelta(minutes=6)}, "at"),
        ({"cost": Decimal("-0.01")}, "cost"),
        ({"cost": Decimal("NaN")}, "cost"),
        ({"cost": Decimal("sNaN")}, "cost"),
        ({"cost": Decimal("Infinity")}, "cost"),
        ({"cost": Decimal("1e999999999")}, "cost"),
        ({"cost": Decimal("1e999999")}, "cost"),
        ({"tokens": GatewayTokens(-1, 5)}, "input_tokens"),
        ({"tokens": GatewayTokens(10**13)}, "input_tokens"),
    ],
)
def test_what_cannot_be_booked_is_refused_by_name(named, field):
    with pytest.raises(NotUsage) as no:
        read(**named)

    assert no.value.field == field


@given(st.integers(1, 10**12), st.integers(-3, 3))
def test_the_last_digits_of_a_float_change_no_nano_dollar(nanos, ulps):
    """Halves, too: a price per token may be half a nano-dollar."""
    exact = Decimal(nanos) / 2 / 10**9
    told = Decimal(repr(float(exact))) * (1 + Decimal(ulps) * Decimal("1e-16"))

    assert read(cost=told).nanos == read(cost=exact).nanos


def test_times_are_told_to_the_millisecond():
    exact = MONDAY.replace(microsecond=743_900)

    assert read(at=exact - timedelta(hours=1)).at == MONDAY.replace(
        microsecond=743_000
    ) - timedelta(hours=1)
