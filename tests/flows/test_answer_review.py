import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.periods import CapKind
from bot.refusal import NotAllowed, Refusal
from bot.requests import Reply, State
from bot.review_decisions import Cap, Keep, Reroute, Retire
from bot.reviews import AlreadyDecided, NothingToDecide, ReviewClosed, Said
from bot.workflows import NotARecord, Status, Tier
from handlers.flows.answer_request import answer_request
from handlers.flows.answer_review import answer_review
from handlers.flows.look_over_requests import look_over_requests
from handlers.flows.open_review import open_due_reviews
from tests.builders import ANA, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
REVIEW = "review:search:1763247600"
RANKING, DOCS = "search-ranking", "search-docs"
LATER = MONDAY + timedelta(hours=2)
NEXT_MONDAY = MONDAY + timedelta(days=7)
CHEAP = Reroute(Tier.CHEAP)
WEEKLY_80 = Cap(CapKind.WEEKLY, Decimal(80))


@pytest.fixture
async def thread(database):
    """An open review of two workflows, both Owen's."""
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await ledger.workflows.add(a_workflow(key=DOCS, name="Search docs"))
        await open_due_reviews(ledger, ORGANISATION, MONDAY)
    return database


async def answer(database, decision, by=OWEN, workflow=RANKING, now=LATER, *, undo=False):
    async with database.ledger() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
        spoken = Said(workflow, decision, by, undo)
        return await answer_review(notice, spoken, ledger, ORGANISATION, now)


async def stored(database, workflow=RANKING):
    async with database.reading() as ledger:
        return await ledger.workflows.get(workflow)


async def trail(database, workflow=RANKING):
    async with database.reading() as ledger:
        return await ledger.changes.of(workflow)


async def shown(database, about):
    """The newest text of the message whose key ends so."""
    posts = [one for one in await said(database) if one.key.endswith(about)]
    edits = [one for one in await said(database, act="update") if one.target == posts[0].key]
    return [*posts, *edits][-1].text


async def parent(database):
    async with database.reading() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
    return await shown(database, notice)


async def test_an_owner_keeps_and_is_counted(thread):
    await answer(thread, Keep())

    assert f"✅ Kept by <@{OWEN}>" in await shown(thread, RANKING)
    assert "1 of 2 decided" in await parent(thread)


async def test_an_answer_is_the_last_review(thread):
    await answer(thread, Keep())

    assert (await stored(thread)).last_review_date == date(2026, 11, 23)


async def test_an_answer_for_the_owner_says_so(thread):
    await answer(thread, Keep(), ANA)

    assert f"Kept by <@{ANA}> for <@{OWEN}>" in await shown(thread, RANKING)


@pytest.mark.parametrize("by", [OWEN, MIA, ANA, SAM], ids=["owner", "backup", "approver", "admin"])
async def test_those_who_may_answer_do(thread, by):
    await answer(thread, Keep(), by)

    assert "1 of 2 decided" in await parent(thread)


async def test_anybody_else_is_told_who_may(thread):
    with pytest.raises(NotAllowed, match=f"<@{OWEN}>, <@{MIA}>, <@{ANA}> \\(or an admin\\)"):
        await answer(thread, Keep(), "U0EVE")

    assert "0 of 2 decided" in await parent(thread)


async def test_an_answer_is_in_the_audit_trail(thread):
    await answer(thread, Keep())

    (change,) = await trail(thread)
    assert (change.actor, change.what) == (OWEN, "kept")
    assert change.reason == "weekly review 16–22 Nov 2026"


async def test_a_lower_cap_holds_at_once(thread):
    await answer(thread, WEEKLY_80)

    assert (await stored(thread)).caps.weekly == 80
    assert f"Weekly cap lowered from $250.00 to $80.00 by <@{OWEN}>" in await shown(thread, RANKING)
    (change,) = await trail(thread)
    assert Decimal(change.before["weekly_cap"]) == 250
    assert Decimal(change.after["weekly_cap"]) == 80


async def test_a_lower_cap_that_is_passed_already_is_an_alert_of_its_own(thread):
    await spend(thread, a_workflow(), "90", MONDAY)

    await answer(thread, WEEKLY_80)

    alert = (await said(thread, to=SEARCH))[-1]
    assert alert.target is None
    assert "The weekly cap is now $80.00; $90.00 (112 %) is spent" in alert.text
    assert [notice.text for notice in await said(thread, to=OWEN)] == [alert.text]


async def test_a_lower_cap_that_is_far_away_is_a_word_in_the_thread(thread):
    await answer(thread, WEEKLY_80)

    word = (await said(thread, to=SEARCH))[-1]
    assert "The weekly cap is now $80.00" in word.text
    assert word.target is not None
    assert await said(thread, to=OWEN) == []


async def test_a_raise_becomes_a_request_to_the_approver(thread):
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1200)))

    assert (await stored(thread)).caps.monthly == 900
    async with thread.reading() as ledger:
        (request,) = await ledger.requests.waiting(RANKING)
    assert (request.amount, request.permanent, request.asked_by) == (Decimal(300), True, OWEN)
    text = await shown(thread, f":{RANKING}")
    assert "Asked for $1,200.00 monthly (now $900.00)" in text
    assert f"waiting for <@{ANA}>" in text
    assert "1 of 2 decided" in await parent(thread)


async def test_a_raise_that_the_asker_replaces_is_withdrawn(thread):
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1200)))

    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1000)))

    async with thread.reading() as ledger:
        (request,) = await ledger.requests.waiting(RANKING)
    assert request.amount == 100


async def test_a_weekly_cap_above_the_monthly_is_refused(thread):
    with pytest.raises(Refusal, match="above the monthly cap"):
        await answer(thread, Cap(CapKind.WEEKLY, Decimal(950)))

    with pytest.raises(NotARecord, match="above the monthly cap"):
        await answer(thread, Cap(CapKind.MONTHLY, Decimal(200)))
    assert "0 of 2 decided" in await parent(thread)


async def test_the_same_cap_is_no_answer(thread):
    with pytest.raises(NothingToDecide, match=r"is \$250\.00 already"):
        await answer(thread, Cap(CapKind.WEEKLY, Decimal(250)))


async def test_a_first_cap_of_its_kind_holds_at_once(thread):
    await answer(thread, Cap(CapKind.DAILY, Decimal(40)))

    assert (await stored(thread)).caps.daily == 40
    assert "Daily cap set to $40.00" in await shown(thread, f":{RANKING}")


async def test_rerouting_sets_the_default_tier_and_can_be_undone_for_a_day(thread):
    await answer(thread, CHEAP)
    assert (await stored(thread)).tier is Tier.CHEAP

    await answer(thread, Keep(), now=LATER + timedelta(hours=23), undo=True)

    assert (await stored(thread)).tier is Tier.STANDARD
    assert f"Kept after all by <@{OWEN}>" in await shown(thread, f":{RANKING}")


async def test_after_a_day_rerouting_stays(thread):
    await answer(thread, CHEAP)

    with pytest.raises(NothingToDecide, match="The day to undo this is over"):
        await answer(thread, Keep(), now=LATER + timedelta(days=1), undo=True)
    assert (await stored(thread)).tier is Tier.CHEAP


async def test_a_workflow_is_retired_on_a_day_and_kept_after_all_until_then(thread):
    await answer(thread, Retire(date(2026, 11, 30)))
    assert (await stored(thread)).retire_on == date(2026, 11, 30)
    assert (await stored(thread)).status is Status.ACTIVE
    assert "active through Mon 30 Nov 2026" in await shown(thread, f":{RANKING}")

    await answer(thread, Keep(), undo=True, now=LATER + timedelta(days=5))

    assert (await stored(thread)).retire_on is None


async def test_nothing_is_retired_in_the_past(thread):
    with pytest.raises(NothingToDecide, match="22 Nov 2026 is over"):
        await answer(thread, Retire(date(2026, 11, 22)))

    await answer(thread, Retire(date(2026, 11, 23)))


async def test_another_answer_takes_back_what_can_be_taken_back(thread):
    await answer(thread, Retire(date(2026, 11, 30)))

    await answer(thread, CHEAP)

    assert (await stored(thread)).retire_on is None
    assert (await stored(thread)).tier is Tier.CHEAP


async def test_a_second_person_is_told_who_decided(thread):
    await answer(thread, Keep(), ANA)

    with pytest.raises(AlreadyDecided, match=f"Already decided by <@{ANA}>: kept"):
        await answer(thread, CHEAP, SAM)


async def test_the_owner_may_answer_again_and_over_others(thread):
    await answer(thread, Keep(), ANA)

    await answer(thread, CHEAP, OWEN)
    await answer(thread, Keep(), OWEN)

    assert f"Kept after all by <@{OWEN}>" in await shown(thread, f":{RANKING}")
    assert "1 of 2 decided" in await parent(thread)


async def test_the_same_answer_again_changes_nothing(thread):
    await answer(thread, Keep())
    await answer(thread, Keep())

    assert len(await trail(thread)) == 1


async def test_two_at_once_get_one_winner(thread):
    results = await asyncio.gather(
        answer(thread, Keep(), ANA), answer(thread, CHEAP, MIA), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in results) == ["AlreadyDecided", "Review"]
    assert "1 of 2 decided" in await parent(thread)


async def test_the_last_two_at_once_close_the_thread_once(thread):
    await asyncio.gather(answer(thread, Keep()), answer(thread, Keep(), workflow=DOCS))

    assert "2 of 2 decided · closed" in await parent(thread)
    closing = [one for one in await said(thread) if one.key.endswith(":closed")]
    assert len(closing) == 1


async def test_when_all_are_decided_the_thread_closes_with_a_summary(thread):
    await answer(thread, WEEKLY_80)
    await answer(thread, Keep(), ANA, DOCS)

    text = await parent(thread)
    assert "2 of 2 decided · closed" in text
    assert "1 kept, 1 capped" in text
    assert "Caps went down by $170.00 a week" in text
    with pytest.raises(ReviewClosed):
        await answer(thread, Keep())


async def test_a_closed_thread_still_lets_a_retirement_be_taken_back(thread):
    await answer(thread, Retire(date(2026, 11, 30)))
    await answer(thread, Keep(), workflow=DOCS)

    await answer(thread, Keep(), undo=True)

    assert (await stored(thread)).retire_on is None
    assert "2 of 2 decided · closed" in await parent(thread)


async def test_the_next_review_closes_the_former_and_changes_nothing(thread):
    await answer(thread, Keep(), workflow=DOCS)
    former = await stored(thread)

    async with thread.ledger() as ledger:
        await open_due_reviews(ledger, ORGANISATION, NEXT_MONDAY)

    edits = [one.text for one in await said(thread, act="update")]
    assert any(
        "1 of 2 decided · closed" in text and "since nobody decided: `search-ranking`" in text
        for text in edits
    )
    assert await stored(thread) == former


async def test_a_retired_workflow_has_nothing_left_to_decide(thread):
    async with thread.ledger() as ledger:
        workflow = await ledger.workflows.get(RANKING)
        await ledger.workflows.save(replace(workflow, status=Status.RETIRED))

    with pytest.raises(NothingToDecide, match="is retired"):
        await answer(thread, Keep())


async def test_a_new_owner_answers_from_now_on(thread):
    async with thread.ledger() as ledger:
        workflow = await ledger.workflows.get(RANKING)
        await ledger.workflows.save(replace(workflow, owner="U0NEW", backup=None))

    with pytest.raises(NotAllowed):
        await answer(thread, Keep(), OWEN)
    await answer(thread, Keep(), "U0NEW")


async def test_a_paused_workflow_is_asked_to_resume_before_it_gets_more(thread):
    async with thread.ledger() as ledger:
        workflow = await ledger.workflows.get(RANKING)
        await ledger.workflows.save(replace(workflow, status=Status.PAUSED))

    with pytest.raises(Refusal, match="is paused"):
        await answer(thread, Cap(CapKind.MONTHLY, Decimal(1200)))
    assert "0 of 2 decided" in await parent(thread)


async def test_caps_that_the_workflow_lacks_are_not_summed_as_savings(thread):
    await answer(thread, Cap(CapKind.DAILY, Decimal(20)), workflow=DOCS)
    await answer(thread, Keep())

    assert "went down" not in await parent(thread)


async def test_keeping_after_a_lower_cap_still_shows_and_sums_it(thread):
    await answer(thread, WEEKLY_80)
    await answer(thread, Keep())
    await answer(thread, Keep(), workflow=DOCS)

    text = await shown(thread, f":{RANKING}")
    assert "Kept by" in text
    assert "The weekly cap lowered from $250.00 to $80.00 stays" in text
    assert "Caps went down by $170.00 a week" in await parent(thread)


async def test_every_cap_that_was_changed_is_shown_and_summed(thread):
    await answer(thread, WEEKLY_80)
    await answer(thread, Cap(CapKind.WEEKLY, Decimal(70)))
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(800)))
    await answer(thread, Cap(CapKind.TOTAL, Decimal(3000)))
    await answer(thread, Keep(), workflow=DOCS)

    text = await shown(thread, f":{RANKING}")
    assert "Total cap set to $3,000.00" in text
    assert "Weekly cap now $70.00 (was $250.00)" in text
    assert "Monthly cap now $800.00 (was $900.00)" in text
    assert text.count("otal cap") == 1
    assert "Caps went down by $180.00 a week and $100.00 a month" in await parent(thread)


async def test_a_new_tier_that_can_no_longer_be_undone_is_still_shown(thread):
    await answer(thread, CHEAP)
    await answer(thread, WEEKLY_80, now=LATER + timedelta(days=2))

    text = await shown(thread, f":{RANKING}")
    assert "Tier now cheap (was standard)" in text


async def test_a_raise_of_another_cap_waits_beside_the_first(thread):
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1200)))
    await answer(thread, Cap(CapKind.WEEKLY, Decimal(300)))

    async with thread.reading() as ledger:
        assert len(await ledger.requests.waiting(RANKING)) == 2
    text = await shown(thread, f":{RANKING}")
    assert "Asked for $300.00 weekly (now $250.00)" in text
    assert f"Asked for $1,200.00 monthly (now $900.00); waiting for <@{ANA}>" in text


async def test_a_raise_that_somebody_else_asked_for_is_still_shown(thread):
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1200)), MIA)
    await answer(thread, Keep(), OWEN)

    text = await shown(thread, f":{RANKING}")
    assert "Kept by" in text
    assert f"Asked for $1,200.00 monthly (now $900.00); waiting for <@{ANA}>" in text


async def ends(database, verdict, reason="", now=LATER):
    async with database.ledger() as ledger:
        (request,) = await ledger.requests.waiting(RANKING)
        reply = Reply(request.id, ANA, SEARCH, verdict, reason)
        await answer_request(reply, ledger, ORGANISATION, now)


async def test_an_approved_raise_is_approved_in_the_review_too(thread):
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1200)))

    await ends(thread, State.APPROVED)

    text = await shown(thread, f":{RANKING}")
    assert f"Asked for $1,200.00 monthly by <@{OWEN}>; approved: $1,200.00 monthly" in text
    assert "waiting" not in text
    assert text.count("$1,200.00") == 2


async def test_a_denied_raise_is_denied_in_the_review_too_and_may_be_asked_again(thread):
    raised = Cap(CapKind.MONTHLY, Decimal(1200))
    await answer(thread, raised)
    await answer(thread, Keep(), workflow=DOCS, by=ANA)

    await ends(thread, State.DENIED, "Not <!here>, *now*.")

    text = await shown(thread, f":{RANKING}")
    assert "denied: Not &lt;!here&gt;" in text
    assert "waiting" not in text
    assert "is a raise that an approver decides" not in await parent(thread)


async def test_after_a_no_the_same_raise_may_be_asked_again(thread):
    raised = Cap(CapKind.MONTHLY, Decimal(1200))
    await answer(thread, raised)
    await ends(thread, State.DENIED, "Not now.")

    await answer(thread, raised, now=LATER + timedelta(hours=1))

    async with thread.reading() as ledger:
        assert len(await ledger.requests.waiting(RANKING)) == 1


async def test_a_raise_approved_after_the_cap_was_lowered_counts_from_there(thread):
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1000)), MIA)
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(700)), OWEN)
    await answer(thread, Keep(), workflow=DOCS)
    assert "Caps went down by $200.00 a month" in await parent(thread)
    async with thread.ledger() as ledger:
        await look_over_requests(ledger, ORGANISATION, LATER)

    await ends(thread, State.APPROVED)

    assert "Monthly cap now $800.00 (was $900.00)" in await shown(thread, f":{RANKING}")
    assert "Caps went down by $100.00 a month" in await parent(thread)


async def test_a_raise_that_ran_out_unnoticed_is_asked_again(thread):
    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1200)), MIA)

    await answer(thread, Cap(CapKind.MONTHLY, Decimal(1100)), now=LATER + timedelta(days=5))

    text = await shown(thread, f":{RANKING}")
    assert "Asked for $1,100.00 monthly" in text
    assert "$1,200.00" not in text
