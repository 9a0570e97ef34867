"""What is said when a workflow changes hands, has its first review, or has keys to be revoked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.addressing import Addressed, addressed, entitled, whom_to_remind
from bot.cards import first_reviews, glance, reassignments, revocations, workflows
from bot.cards.addressing import addressed_said
from bot.cards.kit import when
from bot.delegations import Absence, Acting, Delegation
from bot.first_reviews import Choice, FirstReview, FirstWeek, asked
from bot.first_reviews import State as Reviewed
from bot.forecast import Forecast, Sureness
from bot.freshness import Feed
from bot.glances import Glance
from bot.money import LARGEST
from bot.periods import CapKind
from bot.positions import position
from bot.reassignments import Reassignment
from bot.reassignments import State as Offered
from bot.revocations import Revocation, SpentSince
from bot.revocations import State as Keys
from bot.sources import Lane
from bot.workflows import Caps
from handlers.slack.first_reviews import cut_form, expand_form
from handlers.slack.reassignments import decline_form, offer_form
from handlers.slack.revocations import assign_form
from playground.blockkit import problems
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_team, a_workflow, an_organisation

BERLIN = "Europe/Berlin"
HOSTILE = [
    pytest.param("Search ranking", id="plain"),
    pytest.param("x" * 300, id="300 characters"),
    pytest.param("<!channel> <@U0EVE> <https://e.vil|click> & *b* `c` :boom:", id="marks"),
    pytest.param("&" * 300, id="each written as five"),
    pytest.param("\u202e\u05d4\u05e6\u05e2\u05d4 \u200f", id="right to left"),
    pytest.param("a\x00b\r\n> quote\n• list", id="NUL and lines"),
    pytest.param("\u200b", id="invisible"),
]
EVERYTHING = Caps(LARGEST, LARGEST, LARGEST, LARGEST)


def an_offer(**named):
    plain = Reassignment(
        id="a1b2c3d4e5",
        workflow="search-ranking",
        owner=OWEN,
        to=MIA,
        asked_by=ANA,
        asked_at=MONDAY,
        expires_at=MONDAY + timedelta(days=3),
        channel="C0SEARCH",
    )
    return replace(plain, **named)


def some_keys(**named):
    plain = Revocation(
        workflow="search-ranking",
        retired_at=MONDAY,
        person=OWEN,
        due_on=date(2026, 11, 26),
        channel="C0SEARCH",
        zone=BERLIN,
    )
    return replace(plain, **named)


def a_first_review(**named):
    plain = FirstReview(workflow="search-ranking", due_at=MONDAY)
    return replace(asked(plain, "C0SEARCH", BERLIN, MONDAY), **named)


def a_first_week(workflow):
    found = position(workflow, a_team(), (), {}, MONDAY)
    far = Forecast(LARGEST, LARGEST, LARGEST, MONDAY, MONDAY, Sureness.LOW)
    feeds = tuple(Feed(f"{workflow.name}{n}", Lane.REALTIME, MONDAY) for n in range(9))
    known = replace(found, forecasts=dict.fromkeys(CapKind, far), feeds=feeds)
    return FirstWeek(known, LARGEST, workflow.name, LARGEST, 1, 2_000)


def every_card(name):
    workflow = a_workflow(name=name, caps=EVERYTHING)
    for state in Offered:
        by_people = "" if state in {Offered.OVERTAKEN, Offered.WAITING} else name
        offer = an_offer(note=name, answer=by_people, state=state, instead_of=OWEN, answered_by=MIA)
        yield reassignments.settled(offer, workflow)
        yield reassignments.offered(offer, workflow, BERLIN)
        yield reassignments.offered_to(offer, workflow, BERLIN)
        yield reassignments.confirmed(offer, workflow, BERLIN)
        yield reassignments.former_owner(offer, workflow)
    yield reassignments.which_workflow(OWEN, MIA, [f"{'k' * 60}{n}" for n in range(40)])
    used = SpentSince(LARGEST, 9, MONDAY, name, name)
    for one in (some_keys(), some_keys(person=None, still=MONDAY), some_keys(reminded=2)):
        yield revocations.asked(one, workflow)
        yield revocations.asked_person(one, workflow)
        yield revocations.passed_on(one, workflow)
        yield revocations.reminder(one, workflow, for_approver=True)
        feeds = a_first_week(workflow).position.feeds
        yield revocations.still_spending(one, workflow, used, feeds, reopened=True)
        yield revocations.still_spending(one, workflow, SpentSince(records=3), (), reopened=False)
    done = some_keys(state=Keys.REVOKED, answered_by=MIA, instead_of=OWEN, answered_at=MONDAY)
    yield revocations.state(done, workflow)
    for whom in (Addressed(OWEN), Addressed(MIA, OWEN, MONDAY), Addressed(None)):
        yield first_reviews.asked(a_first_review(), workflow, a_first_week(workflow), whom)
    posted = first_reviews.asked(
        a_first_review(), workflow, a_first_week(workflow), Addressed(OWEN)
    )
    for choice in Choice:
        ended = a_first_review(state=Reviewed.DECIDED, choice=choice, by=MIA, detail=name)
        yield first_reviews.settled(posted, ended, workflow)
        yield first_reviews.settled(None, ended, workflow)
    yield first_reviews.ended(a_first_review(state=Reviewed.LAPSED), workflow)
    yield first_reviews.reminder(a_first_review(), workflow, "C0SEARCH")
    yield first_reviews.escalated(a_first_review(), workflow, "C0SEARCH")
    yield first_reviews.stands_before(a_first_review(), workflow)
    notes = (
        reassignments.in_brief(an_offer(), BERLIN),
        first_reviews.in_brief(a_first_review()),
        revocations.in_brief(done),
        revocations.in_brief(some_keys()),
    )
    organisation = an_organisation()
    yield workflows.contract(workflow, a_team(), organisation, MONDAY, may=(), notes=notes)
    waiting = Glance((), keys=((some_keys(), name),) * 30, offers=(an_offer(),) * 3)
    yield glance.glance(waiting, OWEN, start=0)


@pytest.mark.parametrize("name", HOSTILE)
def test_slack_takes_every_card(name):
    for card in every_card(name):
        assert card.text.strip()
        assert len(card.text) <= 4_000
        assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
        assert "<!channel>" not in str(card)
        assert "<@U0EVE>" not in str(card)


@pytest.mark.parametrize("name", HOSTILE)
def test_slack_takes_every_form(name):
    workflow = a_workflow(name=name, caps=EVERYTHING)
    offer = an_offer(note=name)
    tight = position(workflow, a_team(), (), {}, MONDAY).tightest
    for view in (
        offer_form(workflow, {"key": workflow.key, "channel": "C0SEARCH"}),
        decline_form(offer, workflow, "C0SEARCH"),
        assign_form(some_keys(), workflow, "C0SEARCH"),
        cut_form(workflow, {"key": workflow.key}),
        expand_form(workflow, tight, "C0SEARCH"),
        expand_form(workflow, None, None),
    ):
        assert problems(view, "modal") == []


def away(*people, until=datetime(2026, 11, 29, 23, tzinfo=UTC)):
    absences = tuple(Absence(one, MONDAY, until) for one in people)
    return an_organisation(absences=absences)


@pytest.mark.parametrize(
    ("organisation", "workflow", "says"),
    [
        (away(), a_workflow(), f"<@{OWEN}>"),
        (away(OWEN), a_workflow(), f"<@{MIA}> for <@{OWEN}>, who is away until Mon 30 Nov 2026"),
        (
            away(OWEN, MIA),
            a_workflow(),
            f"<@{ANA}> for <@{OWEN}>, who is away until Mon 30 Nov 2026",
        ),
        (
            away(OWEN, MIA, ANA),
            a_workflow(),
            f"<@{OWEN}>, who is away until Mon 30 Nov 2026",
        ),
        (
            away(OWEN),
            a_workflow(backup=None),
            f"<@{ANA}> for <@{OWEN}>, who is away until Mon 30 Nov 2026",
        ),
        (away(), a_workflow(owner=None), f"<@{MIA}>"),
        (away(), a_workflow(owner=None, backup=None), f"<@{ANA}>"),
        (away(MIA), a_workflow(), f"<@{OWEN}>"),
    ],
)
def test_whom_a_word_is_for(organisation, workflow, says):
    found = addressed(workflow, a_team(), organisation, MONDAY)

    assert addressed_said(found, BERLIN) == says


def test_they_are_back_in_the_zone_of_the_workflow():
    until = datetime(2026, 11, 29, 11, tzinfo=UTC)
    found = addressed(a_workflow(), a_team(), away(OWEN, until=until), MONDAY)

    assert addressed_said(found, "Pacific/Auckland").endswith("until Mon 30 Nov 2026")


def test_nobody_is_left_out_of_a_reminder():
    everybody = whom_to_remind(a_workflow(backup=None), a_team(), away(OWEN), MONDAY)

    assert everybody == (OWEN, ANA)
    assert whom_to_remind(a_workflow(owner=None, backup=None), a_team(), away(), MONDAY) == (ANA,)


def test_who_stands_in_belongs_to_the_group_while_they_do():
    until = MONDAY + timedelta(days=1)
    stands_in = Delegation("d-1", OWEN, FIN, MONDAY, until, "Holiday.")
    organisation = an_organisation(delegations=(stands_in,))

    assert entitled(FIN, (OWEN,), organisation, MONDAY) == Acting(FIN, OWEN)
    assert entitled(FIN, (OWEN,), organisation, until) is None
    assert entitled(OWEN, (OWEN,), organisation, MONDAY) == Acting(OWEN)


def test_what_an_alarm_says():
    used = SpentSince(Decimal("12.5"), 2, MONDAY, "gpt-5", "gateway")
    gateway = Feed("gateway", Lane.REALTIME, MONDAY)
    keys = some_keys(still=MONDAY)
    card = revocations.still_spending(keys, a_workflow(), used, (gateway,), reopened=True)

    assert "is retired, and $12.50 was spent since" in card.text
    assert card.text.count(f"Data through {when(MONDAY, BERLIN)} (gateway).") == 1
    assert "gpt-5, sent by gateway" in card.text
    assert "said to be revoked" in card.text
    assert "cuts nothing off" in card.text
