"""Months as people write them."""

from datetime import date

import pytest

from bot.months import read_month
from bot.refusal import Refusal

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("words", "first", "rest"),
    [
        ("", None, ""),
        ("openai", None, "openai"),
        ("nov", date(2025, 11, 1), ""),
        ("openai  Mar", date(2026, 3, 1), "openai"),
        ("apr 2027 openai", date(2027, 4, 1), "openai"),
        ("2026-2 key", date(2026, 2, 1), "key"),
        ("this month", date(2026, 3, 1), ""),
        ("key LAST month", date(2026, 2, 1), "key"),
        ("novel", None, "novel"),
        ("2026-10-14", None, "2026-10-14"),
    ],
)
def test_a_month_is_read_and_what_else_is_said_is_left(words, first, rest):
    assert read_month(words, TODAY) == (first, rest)


def test_the_month_before_january_is_last_years():
    assert read_month("last month", date(2026, 1, 31))[0] == date(2025, 12, 1)


@pytest.mark.parametrize("words", ["2026-13", "2026-0", "1999-12", "may 0001"])
def test_no_month_is_refused(words):
    with pytest.raises(Refusal, match="is no month"):
        read_month(words, TODAY)
