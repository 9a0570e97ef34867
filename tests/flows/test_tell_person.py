import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.cards.kit import section
from bot.hours import NO_QUIET_HOURS
from bot.notices import Card, Urgency
from bot.people import Person
from bot.policy import Policy
from bot.reach import Digest, Preferences
from handlers.flows.release_words import release_words
from handlers.flows.save_preferences import save_preferences
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.tell_person import Word, tell_instead, tell_person
from tests.builders import ANA, OWEN, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
EVENING = datetime(2026, 11, 23, 21, tzinfo=UTC)  # 22:00 in Berlin
MORNING = datetime(2026, 11, 24, 6, tzinfo=UTC)  # 07:00 in Berlin


def a_card(text="It is said."):
    return Card(text, (section(text),))


def a_word(key="word-1", urgency=Urgency.NORMAL, person=OWEN, **named):
    return Word(key, person, a_card(f"This is {key}."), urgency, **named)


async def tell(database, *words, now=EVENING, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        for word in words:
            await tell_person(ledger, organisation, word, now)


async def release(database, now=MORNING):
    async with database.ledger() as ledger:
        await release_words(ledger, ORGANISATION, now)


async def lives_in(database, zone, person=OWEN):
    async with database.ledger() as ledger:
        await ledger.people.save(Person(person, "Owen", zone, False, False, NOON))


async def prefers(database, chosen, person=OWEN):
    async with database.ledger() as ledger:
        await ledger.preferences.save(person, chosen)


async def test_by_day_a_word_is_said_at_once(database):
    await tell(database, a_word(), now=NOON)

    [notice] = await said(database)
    assert (notice.key, notice.channel, notice.text) == ("word-1", OWEN, "This is word-1.")


async def test_by_night_it_waits_for_the_morning(database):
    await tell(database, a_word())
    await release(database, MORNING - timedelta(seconds=1))
    assert await said(database) == []

    await release(database)

    [notice] = await said(database)
    assert (notice.key, notice.channel) == ("word-1", OWEN)
    assert "Mon 23 Nov 22:00 CET" in notice.text
    assert "This is word-1." in notice.text


async def test_a_critical_word_breaks_through(database):
    await tell(database, a_word(urgency=Urgency.CRITICAL))

    assert len(await said(database)) == 1


async def test_what_waited_leaves_as_one_message(database):
    await tell(database, a_word(), a_word("word-2"), a_word("other", person=ANA))

    await release(database)

    [two] = await said(database, to=OWEN)
    assert "This is word-1." in two.text
    assert "This is word-2." in two.text
    assert len(await said(database, to=ANA)) == 1


@pytest.mark.parametrize("now", [EVENING, NOON], ids=["held", "said at once"])
async def test_a_word_is_said_once_whenever_it_is_told_again(database, now):
    await tell(database, a_word(), now=now)
    await tell(database, a_word(urgency=Urgency.CRITICAL))
    await release(database)
    await tell(database, a_word(urgency=Urgency.CRITICAL))
    await tell(database, a_word())
    await release(database)

    assert len(await said(database)) == 1


@pytest.mark.parametrize(
    ("zone", "loud"),
    [
        pytest.param("Pacific/Auckland", True, id="late morning in Auckland"),
        pytest.param("America/Sao_Paulo", True, id="early evening in São Paulo"),
        pytest.param("America/Los_Angeles", True, id="early afternoon in Los Angeles"),
        pytest.param("Asia/Kolkata", False, id="past two in Kolkata"),
    ],
)
async def test_the_persons_own_zone_counts(database, zone, loud):
    await lives_in(database, zone)

    await tell(database, a_word())

    assert len(await said(database)) == loud


async def test_where_slack_says_no_zone_the_teams_counts(database):
    await lives_in(database, None)

    await tell(database, a_word(zone="America/Los_Angeles"))

    assert len(await said(database)) == 1


async def test_who_wants_no_quiet_hours_is_told_by_night(database):
    await prefers(database, Preferences(NO_QUIET_HOURS))

    await tell(database, a_word())

    assert len(await said(database)) == 1


async def test_low_words_wait_for_the_digest_of_whoever_wants_one(database):
    await prefers(database, Preferences(digest=Digest(time(9))))
    low = [a_word(f"word-{number}", Urgency.LOW) for number in range(3)]
    await tell(database, *low, now=NOON)
    await tell(database, a_word("normal"), now=NOON)
    assert [notice.key for notice in await said(database)] == ["normal"]

    await release(database, datetime(2026, 11, 24, 8, tzinfo=UTC))

    _, digest = await said(database)
    assert "3 words waited for you" in digest.text


async def test_the_organisations_digest_counts_for_who_chose_nothing(database):
    organisation = an_organisation(policy=Policy(digest_at=time(9)))

    await tell(database, a_word(urgency=Urgency.LOW), now=NOON, organisation=organisation)

    assert await said(database) == []


async def test_a_held_word_that_is_rewritten_leaves_with_its_newest_words(database):
    await tell(database, a_word())
    async with database.ledger() as ledger:
        await ledger.notices.update("word-1", a_card("It is answered."), EVENING)

    await release(database)

    [notice] = await said(database)
    assert "It is answered." in notice.text
    assert "This is word-1." not in notice.text


async def tell_in_its_place(database, word, now):
    async with database.ledger() as ledger:
        assert await tell_instead(ledger, ORGANISATION, word, now)


async def test_what_is_told_in_place_of_a_word_waits_no_longer_than_it_would_have(database):
    await prefers(database, Preferences(digest=Digest(time(17))))
    await tell(database, a_word())
    later = replace(a_word(urgency=Urgency.LOW), card=a_card("It is more."))
    await tell_in_its_place(database, later, EVENING)

    await release(database)

    [notice] = await said(database)
    assert "It is more." in notice.text


async def test_what_is_told_in_place_of_a_word_leaves_as_soon_as_it_may_itself(database):
    await prefers(database, Preferences(digest=Digest(time(17))))
    await tell(database, a_word(urgency=Urgency.LOW))
    await tell_in_its_place(database, a_word(), EVENING)

    await release(database)

    assert len(await said(database)) == 1


async def test_a_word_keeps_the_urgency_of_the_most_urgent_that_it_stands_for(database):
    await tell(database, a_word(urgency=Urgency.LOW))
    await tell_in_its_place(database, a_word(), EVENING)
    await tell_in_its_place(database, a_word(urgency=Urgency.LOW), EVENING)
    async with database.ledger() as ledger:
        chosen = Preferences(digest=Digest(time(17)))
        about = {"ledger": ledger, "organisation": ORGANISATION, "now": EVENING}
        await save_preferences(chosen, by=OWEN, **about)

    await release(database)

    assert len(await said(database)) == 1


async def test_a_word_that_left_in_a_digest_is_rewritten_there(database):
    await tell(database, a_word(), a_word("word-2"))
    await release(database)
    async with database.ledger() as ledger:
        await ledger.notices.update("word-2", a_card("It is answered."), MORNING)

    [digest] = await said(database)
    [edit] = await said(database, act="update")
    assert edit.target == digest.key
    assert "This is word-1." in edit.text
    assert "It is answered." in edit.text


@pytest.mark.parametrize(
    ("usd", "at_once"),
    [
        pytest.param(200, False, id="80 % waits"),
        pytest.param(230, False, id="92 % waits"),
        pytest.param(260, True, id="the hard limit does not"),
    ],
)
async def test_an_alert_by_night_reaches_the_channel_and_waits_for_the_owner(
    database, usd, at_once
):
    workflow = a_workflow()
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(workflow)
    await spend(database, workflow, usd, EVENING)
    async with database.ledger() as ledger:
        await raise_alerts(ledger, ORGANISATION, [workflow.key], EVENING)

    assert len(await said(database, to="C0SEARCH")) == 1
    assert len(await said(database, to=OWEN)) == at_once
    await release(database)
    assert len(await said(database, to=OWEN)) == 1


async def test_two_replicas_release_a_word_once(database):
    await tell(database, a_word(), a_word("word-2"))

    await asyncio.gather(*(release(database) for _ in range(4)))

    assert len(await said(database)) == 1


async def test_what_waits_is_found_by_its_workflow_until_it_has_left(database):
    await tell(database, a_word("alert:search-ranking:weekly:1:2:50:dm"), a_word("other:x"))
    async with database.reading() as ledger:
        [mine] = await ledger.sendings.quiet(["search-ranking"], 10)
        both = await ledger.sendings.quiet(None, 10)
        [first] = await ledger.sendings.quiet(None, 1)

    assert (mine.topic, mine.person, mine.due_at) == ("search-ranking", OWEN, MORNING)
    assert len(both) == 2
    assert first == both[0]

    await release(database)
    async with database.reading() as ledger:
        assert await ledger.sendings.quiet(None, 10) == ()
