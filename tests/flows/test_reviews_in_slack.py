"""A review's questions answered by their buttons, on a real database."""

from decimal import Decimal

import pytest

from bot.notices import Card
from bot.refusal import Refusal
from bot.reviews import ReviewClosed
from handlers.desk import Desk
from handlers.flows.hear_reply import hear_reply
from handlers.flows.open_review import open_due_reviews
from handlers.slack.calls import Pressed, Typed
from handlers.slack.reviews import ACTIONS, COMMANDS
from handlers.steps.take_reply import Words
from tests.builders import MIA, MONDAY, OWEN, a_team, a_workflow, an_organisation
from tests.outbox import said

pytestmark = pytest.mark.usefixtures("clock")

SEARCH, RANKING, DOCS = "C0SEARCH", "search-ranking", "search-docs"


@pytest.fixture
async def desk(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await ledger.workflows.add(a_workflow(key=DOCS, owner=MIA))
        await open_due_reviews(ledger, an_organisation(), MONDAY)
    return Desk(database)


async def review(desk):
    async with desk.database.reading() as ledger:
        return await ledger.reviews.latest("search")


async def presses(desk, action, value, by=OWEN):
    item = f"{(await review(desk)).notice}:{RANKING}"
    pressed = Pressed(by, action, f"{item}|{value}", "trigger", SEARCH, "1.0")
    return await ACTIONS[action](pressed, desk)


@pytest.mark.parametrize("amount", ["abc", "NaN", "Infinity", "-5", "", "9" * 40])
async def test_a_button_that_carries_no_amount_is_refused_in_words(desk, amount):
    with pytest.raises(Refusal):
        await presses(desk, "review.cap_weekly", amount)


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30"])
async def test_a_button_that_carries_no_day_is_refused_in_words(desk, day):
    with pytest.raises(Refusal, match="is no day"):
        await presses(desk, "review.retire_sure", day)


@pytest.mark.parametrize("amount", ["0.0042", "0.000000004", "80", "80.50"])
async def test_the_amount_that_was_typed_is_the_one_that_the_button_sets(desk, amount):
    notice = (await review(desk)).notice
    async with desk.database.ledger() as ledger:
        words = Words(OWEN, SEARCH, "1.1", f"cap {amount}")
        await hear_reply(notice, words, ledger, an_organisation(), MONDAY)
    (question,) = [one for one in await said(desk.database) if ":period:" in one.key]
    value = question.blocks[1]["elements"][0]["value"]

    await presses(desk, "review.cap_weekly", value.partition("|")[2])

    async with desk.database.reading() as ledger:
        assert (await ledger.workflows.get(RANKING)).caps.weekly == Decimal(amount)


async def test_leaving_a_retirement_decides_nothing_and_closes_what_waited_for_it(desk):
    notice = (await review(desk)).notice
    async with desk.database.ledger() as ledger:
        for by, text in ((MIA, "keep"), (OWEN, "keep\nretire 30 Nov")):
            words = Words(by, SEARCH, f"1.{by}", text)
            await hear_reply(notice, words, ledger, an_organisation(), MONDAY)
    assert (await review(desk)).closed_at is None

    await presses(desk, "review.leave", "2026-11-30")

    assert (await review(desk)).closed_at == MONDAY
    with pytest.raises(ReviewClosed):
        await presses(desk, "review.leave", "2026-11-30")


async def test_what_a_recommendation_rests_on_is_told_to_whoever_asks(desk):
    card = await COMMANDS["review"](Typed(OWEN, SEARCH, "why", "t"), desk)

    assert isinstance(card, Card)
    assert "the first of these rules that applies" in card.text
    with pytest.raises(Refusal, match="review why`"):
        await COMMANDS["review"](Typed(OWEN, SEARCH, "who", "t"), desk)
