import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.usage import Answer, Outcome
from handlers.http.read import Malformed, Read, TooMany
from handlers.http.usage_reading import read_records
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
    "a line below": '"1_000"',
    "spaces": '" 1 "',
    "another script's digits": '"٣"',
    "a plus": '"+1"',
    "no digit before the point": '".5"',
    "no digit after the point": '"5."',
    "nothing": '""',
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
        pytest.param("tags", '{"a": 1}', id="a number under a tag"),
        pytest.param("tags", '{"a": "\\u0000"}', id="a NUL under a tag"),
        pytest.param("tags", '{"%s": "b"}' % ("a" * 199), id="a long tag in two"),
        *(
            pytest.param(field, f'{before}"a{half}b"{after}', id=f"{half} in {field}")
            for half in (r"\ud800", r"\uDFFF", r"\udc00\ud800", r"\ud83d\\ude80")
            for field, before, after in (("model", "", ""), ("tags", "[", "]"))
        ),
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


@pytest.mark.parametrize("key", ["cost", r"c\u006fst", r"\u0063\u006F\u0073\u0074"])
def test_how_to_write_a_cost_is_said(key):
    (answer,) = answers_to(f'{{"id": "a", "at": "2026-11-23T09:00:00Z", "{key}": "1_000"}}')

    assert (answer.outcome, answer.field) == (Outcome.REFUSED, "cost")
    assert answer.reason == "It must be an amount of USD: a number, or a text like 1250.5."


@pytest.mark.parametrize(
    ("value", "nanos"),
    [
        pytest.param('"1250.5"', 1250_500_000_000, id="a text"),
        pytest.param("1250.5", 1250_500_000_000, id="a number"),
        pytest.param('"125e-1"', 12_500_000_000, id="a power as text"),
        pytest.param('"1E+3"', 1000_000_000_000, id="a large power as text"),
        pytest.param(r'"\u0031"', 1_000_000_000, id="a digit in disguise"),
        pytest.param("null", None, id="null"),
    ],
)
def test_a_plain_cost_is_read_exactly(value, nanos):
    (usage,) = read(f'{{"id": "a", "at": "2026-11-23T09:00:00Z", "cost": {value}}}').usages

    assert usage.nanos == nanos


def test_half_a_pair_refuses_its_own_record_only():
    mixed = read(
        r'[{"id": "a", "at": "2026-11-23T09:00:00Z", "model": "\ud800"}, {"id": "b\ud800"},'
        r' {"id": "c", "at": "2026-11-23T09:00:00Z", "model": "\ud83d\ude80", "tags": ["\\ud800"]}]'
    )

    assert [answer and answer.field for answer in mixed.answers] == ["model", "at", None]
    assert [(usage.id, usage.model, usage.tags) for usage in mixed.usages] == [
        ("c", "🚀", ("\\ud800",))
    ]


@given(st.text(alphabet='aé🚀\ud83d\udbff\ude80\\"', max_size=9))
def test_any_text_is_taken_or_refused_by_itself(text):
    plain = {"id": "a", "at": "2026-11-23T09:00:00Z"}

    body = json.dumps([plain | {"user": text}, plain])
    first, second = read(body).answers

    halves = any(0xD800 <= ord(each) < 0xE000 for each in json.loads(body)[0]["user"])
    assert (first is not None, second) == (halves, None)


def test_tags_may_be_an_object():
    body = '{"id": "a", "at": "2026-11-23T09:00:00Z", "tags": {"team": "search", "env": "ci:eu"}}'

    (usage,) = read(body).usages

    assert usage.tags == ("env:ci:eu", "team:search")


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


@pytest.mark.parametrize(
    ("name", "meant"), [("person", "user"), ("declared", "workflow"), ("modle", "model")]
)
def test_a_field_that_is_not_there_is_told_which_is_meant(name, meant):
    (answer,) = answers_to(json.dumps({"id": "1", "at": MONDAY.isoformat(), name: "owen"}))

    assert answer.reason == f"There is no field “{name}”. Did you mean “{meant}”?"
