import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.kit import escape, named, said, when
from tests.builders import MONDAY

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


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param(1, "Tue 24 Nov 09:30 CET", id="tomorrow"),
        pytest.param(40, "Sat 2 Jan 09:30 CET", id="over New Year"),
        pytest.param(300, "Sun 19 Sep 10:30 CEST", id="months away"),
        pytest.param(366, "Wed 24 Nov 2027 09:30 CET", id="tomorrow, in a year"),
        pytest.param(-364, "Mon 24 Nov 2025 09:30 CET", id="nearly a year ago"),
    ],
)
def test_a_moment_that_may_be_taken_for_another_year_s_has_its_year(days, words):
    zone, now = "Europe/Berlin", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    moment = datetime(2026, 11, 23, 8, 30, tzinfo=UTC) + timedelta(days=days)

    assert said(moment, zone, now=now) == words
    assert when(moment, zone, now=now).endswith(f"|{words}>")


@given(st.integers(-1000, 1000))
def test_no_day_of_another_year_is_said_like_one_of_these_months(days):
    near = {said(MONDAY + timedelta(days=day), "UTC")[4:10] for day in range(-10, 11)}

    text = said(MONDAY + timedelta(days=days), "UTC", now=MONDAY)

    assert abs(days) <= 300 or text[4:10] not in near or " 20" in text
