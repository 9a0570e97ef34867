from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.money import LARGEST
from bot.usage import MOST, CostBasis, NotUsage, SentUsage, read_usage
from tests.builders import MONDAY


def sent(**named):
    plain: dict[str, Any] = {"id": "r-1", "at": MONDAY, "model": "gpt-4o"}
    return SentUsage(**(plain | named))


def read(**named):
    return read_usage(sent(**named), "gateway", MONDAY)


def refusal_of(**named):
    with pytest.raises(NotUsage) as caught:
        read(**named)
    return caught.value.field, str(caught.value)


def test_the_source_of_a_record_is_its_sender_unless_it_says_another():
    assert (read().source, read(source="ci").source) == ("gateway", "ci")


def test_a_sent_cost_is_taken_as_the_senders_estimate():
    usage = read(cost=Decimal("0.1"))

    assert (usage.cost, usage.basis) == (Decimal("0.1"), CostBasis.PROVIDER_ESTIMATE)


def test_a_sender_may_say_that_a_cost_was_billed():
    assert read(cost=Decimal(1), cost_basis=CostBasis.BILLED).basis is CostBasis.BILLED


def test_a_record_without_a_cost_is_priced():
    usage = read(input_tokens=1000, output_tokens=100)

    assert (usage.cost, usage.basis) == (Decimal("0.0035"), CostBasis.COMPUTED)


def test_an_unknown_model_is_priced_on_an_assumption():
    usage = read(model="mystery", input_tokens=1000)

    assert usage.basis is CostBasis.ASSUMED
    assert usage.cost > 0


def test_without_tokens_and_cost_nothing_can_be_priced():
    assert (read().cost, read().basis) == (None, CostBasis.UNMETERED)


def test_no_tokens_at_all_cost_nothing():
    assert read(input_tokens=0, output_tokens=0).cost == 0


@pytest.mark.parametrize(
    ("sent_as", "nanos"),
    [
        ("0.0000000005", 0),
        ("0.0000000015", 2),
        ("0.00000000050000000000000000000000000001", 1),
        ("1e-7", 100),
        ("0.12345678901234567", 123_456_789),
        ("-0.0", 0),
    ],
)
def test_a_cost_is_rounded_half_even_to_nano_dollars_once(sent_as, nanos):
    assert read(cost=Decimal(sent_as)).nanos == nanos


@pytest.mark.parametrize(
    ("field", "named"),
    [
        pytest.param("id", {"id": ""}, id="no id"),
        pytest.param("id", {"id": "  "}, id="an id of spaces"),
        pytest.param("id", {"id": "x" * 256}, id="a long id"),
        pytest.param("id", {"id": "a\0b"}, id="a NUL"),
        pytest.param("user", {"user": "\ud800"}, id="half a pair"),
        pytest.param("source", {"source": "x" * 101}, id="a long source"),
        pytest.param("model", {"model": "m" * 201}, id="a long model"),
        pytest.param("workflow", {"workflow": "w" * 201}, id="a long workflow"),
        pytest.param("run", {"run": "r" * 201}, id="a long run"),
        pytest.param("tags", {"tags": ("t",) * 51}, id="many tags"),
        pytest.param("tags", {"tags": ("t" * 201,)}, id="a long tag"),
        pytest.param("tags", {"tags": ("\0",)}, id="a NUL in a tag"),
        pytest.param("at", {"at": datetime(2026, 11, 23, 9)}, id="no zone"),  # noqa: DTZ001
        pytest.param("at", {"at": MONDAY + timedelta(minutes=5, microseconds=1)}, id="ahead"),
        pytest.param("at", {"at": datetime(1999, 12, 31, tzinfo=UTC)}, id="long ago"),
        pytest.param(
            "at", {"at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, id="year 0"
        ),
        pytest.param("input_tokens", {"input_tokens": -1}, id="negative tokens"),
        pytest.param("output_tokens", {"output_tokens": MOST + 1}, id="absurd tokens"),
        pytest.param("cache_write_tokens", {"cache_write_tokens": -1}, id="negative cache"),
        pytest.param("cache_read_tokens", {"cache_read_tokens": 1}, id="cache without input"),
        pytest.param(
            "cache_write_tokens",
            {"input_tokens": 9, "cache_read_tokens": 5, "cache_write_tokens": 5},
            id="more cached than sent",
        ),
        pytest.param("cost", {"cost": Decimal("-0.01")}, id="a negative cost"),
        pytest.param("cost", {"cost": Decimal("NaN")}, id="no number"),
        pytest.param("cost", {"cost": Decimal("sNaN")}, id="a signalling NaN"),
        pytest.param("cost", {"cost": Decimal("Infinity")}, id="infinite"),
        pytest.param("cost", {"cost": Decimal("1e400")}, id="an absurd cost"),
        pytest.param("cost", {"cost": LARGEST + 1}, id="too large a cost"),
        pytest.param("currency", {"cost": Decimal(1), "currency": "EUR"}, id="another currency"),
        pytest.param(
            "cost_basis", {"cost": Decimal(1), "cost_basis": CostBasis.ASSUMED}, id="our own basis"
        ),
    ],
)
def test_what_cannot_be_booked_is_refused_by_the_fields_name(field, named):
    refused, reason = refusal_of(**named)

    assert refused == field
    assert reason


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"at": MONDAY + timedelta(minutes=5)}, id="five minutes ahead"),
        pytest.param({"id": "x" * 255, "model": "m" * 200}, id="long but not too long"),
        pytest.param({"user": "Zoë 🚀", "tags": ("a", "b")}, id="any letters"),
        pytest.param({"cost": Decimal(0)}, id="free"),
        pytest.param({"cost": LARGEST}, id="the largest cost"),
        pytest.param({"cost": Decimal(1), "currency": "usd"}, id="a small currency"),
        pytest.param({"input_tokens": MOST, "output_tokens": MOST}, id="the most tokens"),
        pytest.param(
            {"input_tokens": 10, "cache_read_tokens": 5, "cache_write_tokens": 5}, id="all cached"
        ),
    ],
)
def test_what_is_at_the_edge_is_booked(named):
    assert read(**named).id


@given(st.builds(SentUsage, id=st.text(), at=st.datetimes(timezones=st.none() | st.timezones())))
def test_any_text_and_time_are_booked_or_refused_and_nothing_else(record):
    try:
        usage = read_usage(record, "gateway", MONDAY)
    except NotUsage as no:
        assert no.field in SentUsage.__struct_fields__  # noqa: PT017
    else:
        assert usage.id.encode()


@given(st.decimals(0, 1000, places=12))
def test_a_number_in_json_keeps_its_digits(amount):
    body = b'{"id": "r", "at": "2026-11-23T09:00:00Z", "cost": %s}' % str(amount).encode()

    assert msgspec.json.decode(body, type=SentUsage).cost == amount


@pytest.mark.parametrize("name", ["azure", "azure_openai", "azure.ai.openai", "AZURE"])
def test_an_account_has_one_name_whichever_way_a_provider_is_spelt(name):
    assert read(provider=name).account == "azure.ai.openai"
    assert read(account=name).account == "azure.ai.openai"
