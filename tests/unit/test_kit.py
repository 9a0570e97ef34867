import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.kit import escape, named

# What Slack reads as formatting, a mention, a link or an emoji (docs.slack.dev/messaging).
MEANS_SOMETHING = re.compile(r"[*~`<>]|(?<![^\W_])_|_(?![^\W_])|:[\w+'-]+:|&(?!(?:amp|lt|gt);)")


@given(st.text(alphabet=st.sampled_from("ab1*_~`:<>&!@#| \n-+"), max_size=40))
def test_text_from_people_formats_and_mentions_nothing(text):
    assert not MEANS_SOMETHING.search(escape(text))


@pytest.mark.parametrize("key", ["search-ranking", "my_tool.v2", "a_b_c"])
def test_a_key_stays_what_it_is(key):
    assert escape(key) == key


def test_a_name_with_nothing_to_show_is_said_to_be_none():
    assert named("\u200b \n") == "(no name)"
