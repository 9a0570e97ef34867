import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.review_decisions import Keep
from bot.reviews import Said
from bot.workflows import Status, Tier
from handlers.flows.answer_review import answer_review
from handlers.flows.hear_reply import hear_reply
from handlers.flows.open_review import open_due_reviews
from handlers.steps.take_reply import Words
from tests.builders import ANA, MIA, MONDAY, OWEN, a_team, a_workflow, an_organisation
from tests.outbox import said

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
RANKING, DOCS, FEED = "search-ranking", "search-docs", "search-feed"
LATER = MONDAY + timedelta(hours=2)
PAT = "U0PAT"


@pytest.fixture
async def thread(database):
    """An open review: two of Owen's workflows, which Mia backs up, and one of Pat's."""
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await ledger.workflows.add(a_workflow(key=DOCS, name="Search docs"))
        await ledger.workflows.add(a_workflow(key=FEED, name="Search feed", owner=PAT))
        await open_due_reviews(ledger, ORGANISATION, MONDAY)
    return database


async def types(database, text, by=PAT, ts="1.1", now=LATER):
    async with database.ledger() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
        return await hear_reply(notice, Words(by, SEARCH, ts, text), ledger, ORGANISATION, now)


async def stored(database, workflow=FEED):
    async with database.reading() as ledger:
        return await ledger.workflows.get(workflow)


async def review(database):
    async with database.reading() as ledger:
        return await ledger.reviews.latest("search")


async def answers(database):
    """What the bot has said since the thread was opened."""
    return [one for one in await said(database) if one.created_at > MONDAY]


async def reactions(database):
    return [(one.target_ts, one.text) for one in await said(database, act="react")]


async def test_keep_gets_a_reaction_and_the_updated_reply(thread):
    await types(thread, "Keep!")

    assert await reactions(thread) == [("1.1", "white_check_mark")]
    edits = {one.target.rpartition(":")[2]: one.text for one in await said(thread, act="update")}
    assert f"✅ Kept by <@{PAT}>" in edits[FEED]
    assert (await review(thread)).decided == 1
    assert await answers(thread) == []


@pytest.mark.parametrize(
    ("text", "weekly", "monthly"),
    [("cap 80/week", 80, 900), ("Cap $400.50 per month", 250, "400.50")],
)
async def test_a_lower_cap_is_applied(thread, text, weekly, monthly):
    await types(thread, text)

    caps = (await stored(thread)).caps
    assert (caps.weekly, caps.monthly) == (weekly, Decimal(monthly))
    assert len(await reactions(thread)) == 1


async def test_a_cap_that_rounds_to_nothing_is_refused(thread):
    await types(thread, "cap .0000000004 weekly")

    assert (await stored(thread)).caps.weekly == 250
    (answer,) = await answers(thread)
    assert "must be more than zero" in answer.text


async def test_reroute_sets_the_tier(thread):
    await types(thread, "reroute cheap")

    assert (await stored(thread)).tier is Tier.CHEAP


async def test_a_raise_becomes_a_request(thread):
    await types(thread, "cap 1,200 monthly")

    async with thread.reading() as ledger:
        (request,) = await ledger.requests.waiting(FEED)
    assert request.amount == 300
    assert len(await reactions(thread)) == 1


async def test_a_cap_without_a_period_is_asked_back_with_two_buttons(thread):
    await types(thread, "cap 400")

    (question,) = await answers(thread)
    assert "$400.00 a week or a month for `search-feed`?" in question.text
    buttons = question.blocks[1]["elements"]
    assert [one["action_id"] for one in buttons] == ["review.cap_weekly", "review.cap_monthly"]
    assert await reactions(thread) == []


async def test_retiring_waits_for_a_button(thread):
    await types(thread, "retire 30 Nov")

    (question,) = await answers(thread)
    assert "active through Mon 30 Nov 2026" in question.text
    assert question.blocks[1]["elements"][0]["action_id"] == "review.retire_sure"
    assert (await stored(thread)).retire_on is None
    assert (await review(thread)).decided == 0


async def test_a_day_that_is_over_is_said_in_the_thread(thread):
    await types(thread, "retire 22 Nov")

    (answer,) = await answers(thread)
    assert "22 Nov 2026 is over" in answer.text
    assert answer.target == (await review(thread)).notice


async def test_several_lines_are_several_answers(thread):
    await types(thread, "Morning!\nsearch-ranking: keep\nsearch-docs: cap 80/week", OWEN)

    assert (await review(thread)).decided == 2
    assert (await stored(thread, DOCS)).caps.weekly == 80
    assert len(await reactions(thread)) == 1


async def test_what_goes_wrong_in_one_line_leaves_the_others(thread):
    await types(thread, "cap 2 monthly search-docs\nkeep search-ranking", OWEN)

    assert (await review(thread)).decided == 1
    assert (await stored(thread, DOCS)).caps.monthly == 900
    (answer,) = await answers(thread)
    assert "above the monthly cap" in answer.text
    assert len(await reactions(thread)) == 1


async def test_without_a_name_several_are_asked_for_which_once_a_message(thread):
    await types(thread, "keep\nkeep", OWEN, "1.1")
    await types(thread, "keep", OWEN, "1.2")
    await types(thread, "keep", OWEN, "1.2")

    first, second = await answers(thread)
    assert "`keep search-docs`, `keep search-ranking`" in first.text
    assert second.text == first.text
    assert (await review(thread)).decided == 0


async def test_without_a_name_the_only_undecided_one_is_meant(thread):
    await types(thread, "keep search-docs", OWEN, "1.1")
    await types(thread, "reroute cheap", OWEN, "1.2")

    assert (await stored(thread, RANKING)).tier is Tier.CHEAP
    assert (await stored(thread, DOCS)).tier is Tier.STANDARD


async def test_what_one_owns_goes_before_what_one_backs_up_or_approves(thread):
    async with thread.ledger() as ledger:
        docs = await ledger.workflows.get(DOCS)
        await ledger.workflows.save(replace(docs, owner=MIA))

    await types(thread, "keep", MIA)

    assert (await review(thread)).item(DOCS).decided is not None


async def test_an_approver_may_answer_when_the_workflow_is_named(thread):
    await types(thread, "keep search-feed", ANA)

    edits = [one.text for one in await said(thread, act="update")]
    assert any(f"Kept by <@{ANA}> for <@{PAT}>" in text for text in edits)


async def test_who_may_not_answer_is_told_privately(thread):
    await types(thread, "keep search-feed", "U0EVE")

    (word,) = await answers(thread)
    assert word.channel == "U0EVE"
    assert f"<@{PAT}>" in word.text
    assert await reactions(thread) == []


async def test_a_second_person_is_told_privately_who_decided(thread):
    await types(thread, "keep search-feed", ANA)
    await types(thread, "reroute cheap search-feed", "U0SAM", "1.2")

    (word,) = await answers(thread)
    assert (word.channel, f"Already decided by <@{ANA}>" in word.text) == ("U0SAM", True)


async def test_a_refused_answer_is_told_once_with_what_and_where_it_was(thread):
    await types(thread, "search-ranking reroute cheap", OWEN)
    for _ in range(2):
        await types(thread, "search-ranking keep", MIA, "1.2")
    await types(thread, "keep", "U0EVE", "1.3")

    backup, stranger = await answers(thread)
    assert (backup.channel, stranger.channel) == (MIA, "U0EVE")
    told = f"Your answer for `search-ranking` in <#{SEARCH}> was not taken. "
    assert backup.text.startswith(f"{told}Already decided by <@{OWEN}>: rerouted")
    assert stranger.text.startswith(f"Your answer in <#{SEARCH}> was not taken. You may answer for")


async def test_each_message_that_is_not_understood_is_answered_once_with_examples(thread):
    await types(thread, "cap lots\nkep", PAT, "1.1")
    await types(thread, "cap lots\nkep", PAT, "1.1")
    await types(thread, "search-feed reroute cheep", PAT, "1.2")
    await types(thread, "cap lots", OWEN, "1.3")

    first, second, third = await answers(thread)
    assert first.text.startswith(f"<@{PAT}> A cap is an amount")
    assert second.text.startswith(f"<@{PAT}> The tiers are cheap, standard and premium.")
    assert third.text.startswith(f"<@{OWEN}>")
    assert "`keep search-docs`" in third.text


async def test_what_is_not_understood_in_a_closed_thread_hears_that_it_is_closed(thread):
    await decided_but_for_feed(thread)
    await types(thread, "keep", PAT, "1.1")

    await types(thread, "reroute cheep", PAT, "1.2")

    assert "This review is closed" in (await answers(thread))[-1].text


@pytest.mark.parametrize("by", [PAT, "U0EVE"])
async def test_chatter_is_left_alone(thread, by):
    chat = [
        "thanks all",
        "I'll look tomorrow",
        "keep it up",
        "cap is ok",
        "search-feed keeps failing",
    ]
    for number, text in enumerate([*chat, "I'd keep an eye on search-feed", "caps lock"]):
        await types(thread, text, by, f"1.{number}")

    assert await answers(thread) == []
    assert await reactions(thread) == []


async def test_a_stranger_who_is_not_understood_is_left_alone(thread):
    await types(thread, "cap lots", "U0EVE")

    assert await answers(thread) == []


async def test_a_message_that_arrives_twice_acts_once(thread):
    await types(thread, "reroute cheap")
    await types(thread, "reroute cheap")
    await asyncio.gather(*(types(thread, "cap 80/week", ts="1.2") for _ in range(3)))

    assert (await stored(thread)).version == 3
    assert len(await reactions(thread)) == 2


async def test_a_closed_thread_says_so(thread):
    async with thread.ledger() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
        for key in (RANKING, DOCS, FEED):
            spoken = Said(key, Keep(), "U0SAM")
            await answer_review(notice, spoken, ledger, ORGANISATION, MONDAY)

    await types(thread, "reroute cheap")

    (answer,) = await answers(thread)
    assert "This review is closed" in answer.text


async def decided_but_for_feed(database):
    async with database.ledger() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
        for key in (RANKING, DOCS):
            spoken = Said(key, Keep(), OWEN)
            await answer_review(notice, spoken, ledger, ORGANISATION, MONDAY)


async def test_all_lines_count_before_the_thread_closes(thread):
    await decided_but_for_feed(thread)

    await types(thread, "keep search-feed\ncap 80 weekly search-feed\nreroute lukewarm", ANA)

    assert (await stored(thread)).caps.weekly == 80
    assert (await review(thread)).closed_at == LATER
    assert "The tiers are cheap" in (await answers(thread))[1].text
    assert len(await reactions(thread)) == 1


async def test_a_thread_waits_for_what_the_same_message_is_asked_back(thread):
    await decided_but_for_feed(thread)

    await types(thread, "keep search-feed\nretire search-feed 30 Nov", ANA)

    assert (await review(thread)).closed_at is None


async def standing(database):
    """The questions that still have their buttons."""
    edited = {one.target for one in await said(database, act="update")}
    asked = [one for one in await answers(database) if len(one.blocks) > 1]
    return [one.text for one in asked if one.key not in edited]


async def test_a_question_loses_its_buttons_when_it_is_decided_otherwise(thread):
    await types(thread, "retire search-docs 30 Nov", OWEN, "1.1")
    await types(thread, "retire search-ranking 30 Nov\ncap 400 search-ranking", OWEN, "1.2")
    assert len(await standing(thread)) == 3

    await types(thread, "keep search-ranking", OWEN, "1.3")

    (question,) = await standing(thread)
    assert "`search-docs`" in question
    texts = [one.text for one in await said(thread, act="update")]
    assert texts.count("`search-ranking`: decided otherwise.") == 2


async def test_questions_lose_their_buttons_when_the_thread_closes(thread):
    await types(thread, "retire 30 Nov")

    async with thread.ledger() as ledger:
        await open_due_reviews(ledger, ORGANISATION, MONDAY + timedelta(days=7))

    texts = [one.text for one in await said(thread, act="update")]
    assert "`search-feed`: this review is closed." in texts


async def test_a_hostile_text_does_nothing(thread):
    await types(thread, "keep <!channel> \x00 " + "*" * 5000 + "\ncap " + "9" * 5000)
    await types(thread, "cap <!channel>`x` lots", ts="1.2")

    (answer,) = await answers(thread)
    assert "<!channel>" not in answer.text
    assert (await stored(thread)).status is Status.ACTIVE


async def test_a_bare_yes_is_asked_back_while_an_answer_is_missing(thread):
    await types(thread, "yes")

    (question,) = await answers(thread)
    assert f"<@{PAT}> Which: `keep`, `cap … weekly`" in question.text
    assert await reactions(thread) == []

    await types(thread, "keep", ts="1.2")
    await types(thread, "yes", ts="1.3")
    assert len(await answers(thread)) == 1


async def test_a_yes_of_a_bystander_is_talk(thread):
    await types(thread, "yes", by="U0ZOE")

    assert await answers(thread) == []


async def test_how_to_answer_is_said_once_to_each(thread):
    await types(thread, "cap -5 weekly")
    await types(thread, "retire 31 Feb", ts="1.2")
    await types(thread, "keep, but why so much?", ts="1.3")
    await types(thread, "kep", by=MIA, ts="1.4")

    first, second, third, other = [one.text for one in await answers(thread)]
    assert "more than zero. Reply like" in first
    assert second == f"<@{PAT}> “31 feb” is no day of the calendar."
    assert third.startswith(f"<@{PAT}> Is that a “keep”?")
    assert "Reply like" in other
    assert await reactions(thread) == []


async def test_a_last_day_that_has_passed_is_said_to_have(thread):
    await types(thread, "retire yesterday")

    (answer,) = await answers(thread)
    assert "22 Nov 2026 is over. Choose today" in answer.text
