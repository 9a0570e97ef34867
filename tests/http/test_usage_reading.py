import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.usage import Answer, Outcome
from handlers.http.usage_reading import Malformed, Read, TooMany, read_records
from tests.builders import MONDAY


def answers_to(body: str) -> list[Answer]:
    return [answer for answer in read(body).answers if answer is not None]


def read(body) -> Read:
    return read_records(body if isinstance(body, bytes) else body.encode(), "gateway", MONDAY)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[", id="half a list"),
        pytest.param(b'[{"id": "a"', id="half a record"),
        pytest.param(b'"usage"', id="a text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"1e400", id="an absurd number"),
        pytest.param(b'[{"id": "\xff"}]', id="no UTF-8"),
        pytest.param(b'[{"id": "\\ud800"}]', id="half a pair"),
        pytest.param(b'[{"id": "a\x00"}]', id="a bare NUL"),
        pytest.param(b'[{"cost": NaN}]', id="NaN"),
        pytest.param(b'[{"cost": 01}]', id="a leading zero"),
        pytest.param(b"[" * 100_000, id="deep and open"),
        pytest.param(b"[" * 50_000 + b"]" * 50_000, id="deep"),
        pytest.param(b'[{"id": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}]", id="deep id"),
        pytest.param(b"[1, 2] 3", id="something after it"),
    ],
)
def test_what_is_no_json_is_malformed(body):
    with pytest.raises(Malformed):
        read(body)


@given(st.binary())
def test_any_bytes_are_read_or_malformed(body):
    try:
        read(body)
    except Malformed as error:
        assert str(error)  # noqa: PT017


HOSTILE_COSTS = {
    "an absurd power": "1e400",
    "a power that is none": "1e99999999999999999999",
    "a hundred thousand digits": "9" * 100_000,
    "NaN as text": '"NaN"',
    "infinite": '"-Infinity"',
    "a comma": '"1,5"',
    "a currency sign": '"$1"',
    "a truth": "true",
    "a list": "[]",
    "too much": "1000000000.01",
}
HOSTILE_TOKENS = ("-1", "1.5", "1e3", "9" * 30, "9" * 5000, '"5"', "1e400", "{}", "true")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(pytest.param("cost", value, id=name) for name, value in HOSTILE_COSTS.items()),
        *(pytest.param("input_tokens", value, id=value[:10]) for value in HOSTILE_TOKENS),
        pytest.param("cost_basis", '"guessed"', id="a basis of its own"),
        pytest.param("tags", '"a"', id="one tag"),
        pytest.param("tags", "[1]", id="a number as tag"),
        pytest.param("at", "1763888400", id="seconds since 1970"),
        pytest.param("at", '"2026-11-23"', id="a day"),
        pytest.param("at", '"2026-11-23T09:00:00"', id="no zone"),
        pytest.param("workflow", "null", id="null for text"),
    ],
)
def test_a_hostile_value_is_refused_by_its_fields_name(field, value):
    body = '[{"id": "a", "at": "2026-11-23T09:00:00Z", "%s": %s}, {"id": 5, "at": 5}]'

    refused = read(body % (field, value))

    assert refused.usages == []
    assert [answer and answer.field for answer in refused.answers] == [field, "id"]
    assert refused.ids == ["a", None]


def test_of_a_key_said_twice_the_last_holds():
    assert read('[{"id": "a", "id": "b", "at": "2026-11-23T09:00:00Z"}]').ids == ["b"]


def test_an_unknown_field_is_refused_with_the_nearest_name():
    (answer,) = answers_to('[{"id": "a", "at": "2026-11-23T09:00:00Z", "modle": "x"}]')

    assert (answer.outcome, answer.field) == (Outcome.REFUSED, "modle")
    assert "Did you mean “model”?" in str(answer.reason)


def test_a_missing_field_is_named():
    (answer,) = answers_to('{"id": "a"}')

    assert (answer.field, answer.reason) == ("at", "It is missing.")


def test_good_records_are_read_between_bad_ones():
    mixed = read('[3, {"id": "a", "at": "2026-11-23T09:00:00Z"}, {}]')

    assert [usage.id for usage in mixed.usages] == ["a"]
    assert [answer is None for answer in mixed.answers] == [False, True, False]


def test_a_list_has_an_end():
    with pytest.raises(TooMany):
        read("[" + ",".join(["1"] * 10_001) + "]")
