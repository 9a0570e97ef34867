import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names import is_visible, nearest, slug, tidy, tidy_lines
from bot.workflows import KEY_PATTERN


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("Search ranking", "search-ranking", id="a name"),
        pytest.param("Übersetzung & Co.", "ubersetzung-co", id="accents and signs"),
        pytest.param("--a--", "a", id="dashes around"),
        pytest.param("support.v2_beta", "support.v2_beta", id="what a key may hold"),
        pytest.param("検索", "", id="no letter a key may hold"),
        pytest.param("x" * 300, "x" * 63, id="too long"),
    ],
)
def test_a_key_is_suggested_near_what_was_typed(text, key):
    assert slug(text) == key


@given(st.text())
def test_a_suggested_key_is_a_key(text):
    suggested = slug(text)

    assert suggested == "" or KEY_PATTERN.match(suggested)


@pytest.mark.parametrize(
    "text",
    ["", "  \n ", "\u200b\u200d", "\x00", "\u3164", "\u2800", "\ufe0f\u0301", "\u202e"],
)
def test_what_nobody_can_see_is_no_name(text):
    assert not is_visible(text)
    assert tidy(text) == ""


@given(st.text())
def test_tidy_text_has_one_line_and_no_control_characters(text):
    tidied = tidy(text)

    assert tidied == tidy(tidied)
    assert all(c.isprintable() or not c.isspace() for c in tidied)
    assert not {"\x00", "\n", "\u202e"} & set(tidied)


def test_an_emoji_of_several_characters_stays_whole():
    assert tidy("family 👨‍👩‍👧") == "family 👨‍👩‍👧"


def test_long_text_keeps_its_lines():
    assert tidy_lines(" first \x00\r\n\n second\u202e ") == "first\n\nsecond"


def test_the_nearest_word_is_found_and_no_far_one():
    assert nearest("serch", ("search", "support")) == "search"
    assert nearest("zzz", ("search", "support")) is None
