import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reassign_replies import Unread, Wanted, mentioned, read_reassigns

CALLED = {"search-ranking": "search-ranking", "search ranking": "search-ranking", "docs": "docs"}
MIA = "<@U0MIA>"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (f"reassign {MIA}", Wanted("U0MIA")),
        (f"Reassign to {MIA}, please", Wanted("U0MIA")),
        (f"please reassign it to {MIA}", Wanted("U0MIA")),
        (f"reassign docs to {MIA}", Wanted("U0MIA", "docs")),
        (f"reassign {MIA} docs", Wanted("U0MIA", "docs")),
        (f"docs: reassign {MIA}", Wanted("U0MIA", "docs")),
        (f"*Search Ranking* reassign to {MIA}", Wanted("U0MIA", "search-ranking")),
        ("re-assign <@U0MIA|mia> because Owen moves", Wanted("U0MIA", None, "Owen moves")),
        (f"reassign docs to {MIA} because of Ads", Wanted("U0MIA", "docs", "of Ads")),
    ],
)
def test_what_is_meant(typed, meant):
    assert read_reassigns(typed, CALLED) == (meant,)


@pytest.mark.parametrize(
    "typed", ["reassign", "reassign mia", f"reassign {MIA} or <@U0ANA>", f"reassign dosc to {MIA}"]
)
def test_what_is_not_clear_is_asked_back(typed):
    [read] = read_reassigns(typed, CALLED)

    assert isinstance(read, Unread)


@pytest.mark.parametrize(
    "typed",
    ["keep", f"should we reassign {MIA}?", "Let us talk about how to reassign people", "", "  "],
)
def test_chatter_is_left_alone(typed):
    assert read_reassigns(typed, CALLED) == ()


def test_each_line_is_read_by_itself():
    typed = f"keep\nreassign docs to {MIA}\nreassign search-ranking to <@U0ANA>"

    assert read_reassigns(typed, CALLED) == (
        Wanted("U0MIA", "docs"),
        Wanted("U0ANA", "search-ranking"),
    )


def test_whom_a_message_names_matters_only_where_it_reassigns():
    assert mentioned(f"thanks {MIA}") == ()
    assert mentioned(f"reassign {MIA} {MIA} <@U0ANA>") == ("U0MIA", "U0ANA")


@given(st.text(max_size=400))
def test_nothing_that_is_typed_breaks_it(text):
    read_reassigns(f"reassign {text} {MIA}", CALLED)
