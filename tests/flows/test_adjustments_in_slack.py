import pytest

from bot.cards.kit import when
from bot.money import NotMoney
from bot.refusal import NotAllowed, Unknown
from handlers.slack.calls import Closes, Errors, Opens
from tests.builders import FIN, MIA, MONDAY, OWEN, a_workflow
from tests.registry import entered, presses, settled, submits, types
from tests.spending import spend

ENTERED = {"workflow": "search-ranking", "amount": "-120", "reason": "A credit for the outage."}
SPENT = {"workflow": "search-ranking", "amount": "500", "reason": "Seats."}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def desk(database):
    other = a_workflow(key="gpt-5", name="GPT 5")
    return await settled(database, a_workflow(), other)


@pytest.fixture
async def spent(desk):
    """$500 this month."""
    await submits(desk, FIN, await the_form(desk), **SPENT)


async def the_form(desk, words=""):
    answer = await types(desk, FIN, f"adjust {words}".strip())
    assert isinstance(answer, Opens)
    return answer


@pytest.mark.parametrize("amount", ["twelve", "1e3", "1.200,50 €", "$1.2.3", "-120,50"])
async def test_what_stands_beside_a_workflow_and_is_no_amount_is_said_to_be_none(desk, amount):
    for words in (f"search-ranking {amount}", f"{amount} search-ranking"):
        with pytest.raises(NotMoney, match=r"is no amount in US dollars"):
            await types(desk, FIN, f"adjust {words}")


async def test_nothing_is_said_to_change_nothing_before_a_form_opens(desk):
    with pytest.raises(NotMoney, match=r"An adjustment of \$0.00 changes nothing"):
        await types(desk, FIN, "adjust search-ranking 0")


async def test_the_history_says_the_day_of_an_adjustment(desk):
    await submits(desk, FIN, await the_form(desk), **SPENT)

    text = (await types(desk, FIN, "history search-ranking")).text

    assert "booked an adjustment of $500.00 on Mon 23 Nov 2026 “" in text


@pytest.mark.parametrize(
    ("words", "workflow", "amount"),
    [
        pytest.param("", None, None, id="nothing named"),
        pytest.param("search-ranking", "search-ranking", None, id="a key"),
        pytest.param("search-ranking -120", "search-ranking", "-120", id="a key and a credit"),
        pytest.param(
            "-$1,200.50 search-ranking", "search-ranking", "-$1,200.50", id="the other way"
        ),
        pytest.param("Search ranking 40", "search-ranking", "40", id="a name"),
        pytest.param("GPT 5", "gpt-5", None, id="a name with a number"),
        pytest.param("search-ranking 120 USD", "search-ranking", "120 USD", id="in dollars"),
        pytest.param("none -3", "~nobody", "-3", id="nobody's"),
        pytest.param("unattributed", "~nobody", None, id="nobody's, in other words"),
        pytest.param("40", None, "40", id="only an amount"),
    ],
)
async def test_what_was_typed_stands_in_the_form(desk, words, workflow, amount):
    held = entered((await the_form(desk, words)).view)

    assert (held["workflow"], held["amount"], held["day"]) == (workflow, amount, "2026-11-23")


async def test_a_workflow_that_is_not_there_is_said_before_anything_is_typed_in_vain(desk):
    with pytest.raises(Unknown, match="Did you mean `search-ranking`"):
        await types(desk, FIN, "adjust serch-ranking -120")


@pytest.mark.parametrize("word", ["lst", "Lists", "undo"])
async def test_a_word_for_the_list_is_told_where_the_list_is(desk, word):
    with pytest.raises(Unknown, match=r"`/budget adjust list` shows what was booked, with .Undo."):
        await types(desk, FIN, f"adjust {word}")


@pytest.mark.usefixtures("spent")
async def test_it_is_booked_and_undone_with_its_button(desk):
    booked = await submits(desk, FIN, await the_form(desk), **ENTERED)

    assert isinstance(booked, Closes)
    assert "*a credit of $120.00*" in booked.card.text
    [undo] = booked.card.blocks[1]["elements"]
    undone = await presses(desk, FIN, undo["action_id"], undo["value"])
    assert "booked back" in undone.text
    assert "undone by" in (await types(desk, FIN, "adjust list")).text


@pytest.mark.usefixtures("spent")
async def test_sent_twice_it_is_booked_once(desk):
    form = await the_form(desk)

    await submits(desk, FIN, form, **ENTERED)
    await submits(desk, FIN, form, **ENTERED)

    assert (await types(desk, FIN, "adjust list")).text.count("$120.00") == 1


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        pytest.param({"workflow": None}, "workflow", "Choose a workflow", id="whose?"),
        pytest.param({"amount": None}, "amount", "-120 is a credit", id="how much?"),
        pytest.param({"amount": "a lot"}, "amount", "no amount in US dollars", id="in words"),
        pytest.param({"amount": "0"}, "amount", "changes nothing", id="nothing"),
        pytest.param({"amount": "-+5"}, "amount", "one sign", id="two signs"),
        pytest.param({"amount": "9" * 20}, "amount", "largest amount", id="all there is"),
        pytest.param({"day": None}, "day", "Choose the day", id="when?"),
        pytest.param({"day": "someday"}, "day", "Choose the day", id="a forged day"),
        pytest.param({"day": "2026-11-24"}, "day", "not begun yet in Europe/Berlin", id="tomorrow"),
        pytest.param({"reason": None}, "reason", "Say why", id="why?"),
        pytest.param({"reason": "\u200b"}, "reason", "Say why", id="an invisible reason"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_booked(
    desk, wrong, field, said
):
    answer = await submits(desk, FIN, await the_form(desk), **{**ENTERED, **wrong})

    assert isinstance(answer, Errors)
    assert list(answer.beside) == [field]
    assert said in answer.beside[field]
    assert "Nothing was booked" in (await types(desk, FIN, "adjust list")).text


async def test_a_workflow_that_is_gone_meanwhile_is_refused(desk):
    with pytest.raises(Unknown):
        await submits(desk, FIN, await the_form(desk), **{**ENTERED, "workflow": "not-there"})


@pytest.mark.parametrize("words", ["", "search-ranking -120", "list", "not-there"])
@pytest.mark.parametrize("by", [OWEN, MIA])
async def test_who_may_not_is_told_who_may(desk, by, words):
    with pytest.raises(NotAllowed, match=f"Only finance and admins .*{FIN}"):
        await types(desk, by, f"adjust {words}".strip())


async def test_help_says_who_may(desk):
    text = (await types(desk, OWEN, "help adjust")).text

    assert "(finance and admins only)" in text


@pytest.mark.usefixtures("spent")
@pytest.mark.parametrize(
    ("odd", "said"),
    [
        pytest.param(
            {"amount": "-10000"},
            "*a credit of $10,000.00* for *Search ranking* (`search-ranking`) on Mon 23 Nov 2026.\n"
            "November 2026 has $500.00 so far; it would have −$9,500.00.",
            id="more than was spent",
        ),
        pytest.param(
            {"amount": "40", "day": "2026-09-30"},
            "September 2026 is long closed, and its figures would change.",
            id="long ago",
        ),
        pytest.param(
            {"workflow": "~nobody", "day": "2019-02-01"},
            "for nobody (unattributed) on Fri 1 Feb 2019.\nFebruary 2019 has $0.00 so far; it "
            "would have −$120.00.\nFebruary 2019 is long closed",
            id="nobody's, both",
        ),
    ],
)
async def test_what_is_odd_is_asked_back_once_and_then_booked(desk, odd, said):
    asked = await submits(desk, FIN, await the_form(desk), **{**ENTERED, **odd})

    assert isinstance(asked, Opens)
    assert said in asked.view["blocks"][0]["text"]["text"]
    assert "outage" not in (await types(desk, FIN, "adjust list")).text
    for _ in range(2):
        booked = await submits(desk, FIN, asked)
        assert isinstance(booked, Closes)
    assert (await types(desk, FIN, "adjust list")).text.count("outage") == 1


@pytest.mark.parametrize("whose", ["search-ranking", "~nobody"])
async def test_a_figure_that_is_asked_about_says_how_far_its_data_goes(desk, database, whose):
    await spend(database, a_workflow(), 5, MONDAY)

    asked = await submits(desk, FIN, await the_form(desk), **{**ENTERED, "workflow": whose})

    told = asked.view["blocks"][0]["text"]["text"]
    assert told.endswith(f"\nData through {when(MONDAY, 'Europe/Berlin')} (test).")


@pytest.mark.usefixtures("spent")
@pytest.mark.parametrize(
    "plain",
    [
        pytest.param({"amount": "-500"}, id="all that was spent"),
        pytest.param({"amount": "90000"}, id="spend"),
        pytest.param({"amount": "40", "day": "2026-10-01"}, id="last month"),
    ],
)
async def test_what_is_not_odd_is_booked_at_once(desk, plain):
    booked = await submits(desk, FIN, await the_form(desk), **{**ENTERED, **plain})

    assert isinstance(booked, Closes)


async def test_the_longest_reason_is_kept_while_it_is_asked_back(desk):
    reason = '"ß' * 250
    asked = await submits(desk, FIN, await the_form(desk), **{**ENTERED, "reason": reason})

    booked = await submits(desk, FIN, asked)

    assert reason[:50] in booked.card.text
