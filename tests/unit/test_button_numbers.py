import pytest

from handlers.slack.calls import number_of, page_of


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("20", 20),
        ("0", 0),
        ("", None),
        ("-1", None),
        ("1_0", None),
        (" 1", None),
        ("1\n", None),
        ("\u00b2", None),
        ("\u0663", None),
        ("9" * 10, None),
        pytest.param("9" * 4301, None, id="more digits than Python reads"),
    ],
)
def test_a_button_says_a_number_or_none(value, number):
    assert number_of(value) == number
    assert page_of(value) == (number or 0)
