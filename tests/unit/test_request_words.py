"""Every state of a request's card, and every word on its way, in full and within Slack's limits."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards import answers, open_requests, request_words
from bot.cards import requests as cards
from bot.chain import chain_for
from bot.open_requests import OpenRequest, OpenRequests
from bot.policy import Policy
from bot.request_clocks import begun, clocks_of
from bot.requests import Approval, Question, State, Step, ended
from handlers.slack.amending import amend_form
from playground.blockkit import problems
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    a_request,
    a_standing,
    a_workflow,
    an_organisation,
)
from tests.registry import entered
from tests.unit.test_request_cards import (
    ANSWERING,
    HOSTILE,
    an_asking,
    fits,
    harmless,
    hostile_asking,
)

POLICY = Policy()
LATER = MONDAY + timedelta(hours=1)
YES = Approval(Step.APPROVER, ANA, None, LATER)
BIG = begun(a_request(amount=Decimal(600), asked_by=MIA), POLICY, MONDAY)
TO_DO = "*1 of 2*: asked: <@U0ANA>.\n*2 of 2*: then finance: <@U0FIN>."
APPROVED = "*1 of 2*: approved by <@U0ANA>, Mon 23 Nov 11:00 CET."
HALF_DONE = f"{APPROVED}\n*2 of 2*: waiting for finance: <@U0FIN>."
LISTED = (
    "• $600.00 more on the weekly cap of *Search ranking*, asked by <@U0MIA> 1 d 4 h ago in "
    "<#C0SEARCH>. Waiting for finance: <@U0FIN> (step 2 of 2). 1 d 19 h left: it expires "
    "Thu 26 Nov 10:00 CET. Why: Launch week."
)
WAITS = "it expires Thu 26 Nov 10:00 CET."


def on_its_way(request, **organisation):
    standing = a_standing()
    chain = chain_for(request, standing, an_organisation(**organisation), LATER)
    return an_asking(request, standing, chain=chain, clocks=clocks_of(request, POLICY))


def card(request, **organisation):
    return cards.asked(on_its_way(request, **organisation), request)


def shown(said):
    """What a phone shows: the words of all blocks."""
    return str([block.get("text") or block.get("elements") for block in said.blocks])


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        pytest.param(
            BIG,
            [
                "*1 of 2*: asked: <@U0ANA>.\n*2 of 2*: then finance: <@U0FIN>.",
                "Reminders 8, 24, 48 h",
            ],
            id="asked",
        ),
        pytest.param(
            begun(replace(BIG, approvals=(YES,)), POLICY, LATER),
            [
                HALF_DONE,
                "the admins may answer as well",
            ],
            id="one of two",
        ),
        pytest.param(
            replace(BIG, approvals=(replace(YES, by=MIA, instead_of=ANA),)),
            ["approved by <@U0MIA> for <@U0ANA>"],
            id="for somebody",
        ),
        pytest.param(
            replace(BIG, approvals=(YES,), granted=Decimal(550)),
            ["Approved so far is $550.00 of the $600.00.", "asks for $600.00 more"],
            id="less",
        ),
        pytest.param(
            replace(BIG, escalated_at=LATER),
            ["🔔 Unanswered: since Mon 23 Nov 11:00 CET finance: <@U0FIN> may answer as well."],
            id="escalated",
        ),
        pytest.param(
            replace(BIG, amended_at=LATER),
            ["✏️ Amended by <@U0MIA>, Mon 23 Nov 11:00 CET: every step is asked again."],
            id="amended",
        ),
        pytest.param(
            replace(BIG, questions=(Question("Why?", ANA, LATER),)),
            ["❓ <@U0ANA> asks: “Why?” – no reply yet."],
            id="asked back",
        ),
    ],
)
def test_the_card_says_where_it_stands(request_, says):
    said = card(request_)

    fits(said)
    for words in (*says, WAITS):
        assert words in said.text
    for label in ("Approve", "Approve less…", "Ask…", "Deny…", "Amend…", "Withdraw"):
        assert label in shown(said)


def test_once_escalated_the_card_does_not_promise_it_any_more():
    assert "From Tue" in card(BIG).text
    assert "From Tue" not in card(replace(BIG, escalated_at=LATER)).text


def test_an_end_says_what_came_before_it_and_drops_what_no_longer_runs():
    request = replace(BIG, approvals=(YES,), questions=(Question("Why?", ANA, LATER, "So."),))
    denied = ended(request, State.DENIED, FIN, LATER, answer="No.")

    said = answers.settled(card(request), answers.Ending(denied, "Search", "Europe/Berlin"))

    for part in (said.text, shown(said)):
        assert "❌ Denied by <@U0FIN>" in part
        assert "Before that, <@U0ANA> approved" in part
        assert "<@U0ANA> asks: “Why?” – “So.”" in part
        assert "waiting for" not in part
        assert "Reminders" not in part


def every_word(asking, request, question):
    link = asking.chain.running
    return [
        request_words.your_turn(asking, request),
        request_words.reminder(asking, request),
        request_words.you_may_too(asking, request),
        request_words.others_may_too(asking, request, link),
        request_words.passed_on(asking, request, YES, question.text),
        request_words.asked_back(asking, request, question),
        request_words.asked_you(asking, request, question),
        request_words.replied(asking, request, question, question.text),
        request_words.amended(asking, request),
        request_words.your_yes_is_gone(asking, request),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_word_and_every_card_holds_within_slacks_limits_whatever_people_write(text):
    long = (text * 50)[:700]
    question = Question(long, ANA, LATER, (text * 50)[:2_000], LATER)
    asking = hostile_asking(text)
    request = replace(
        a_request(**vars(asking.draft)),
        approvals=(YES, YES),
        granted=asking.draft.amount,
        questions=(question,) * 20,
        amended_at=LATER,
        escalated_at=LATER,
    )
    full = replace(
        asking,
        draft=request,
        chain=replace(
            asking.chain,
            links=tuple(replace(link, escalated=True) for link in asking.chain.links),
        ),
    )
    posted = cards.asked(full, request)
    end = ended(request, State.APPROVED, ANA, LATER, answer=long)
    ending = answers.Ending(end, text, "Europe/Berlin")
    settled, owner = answers.settled(posted, ending), answers.for_owner(ending)

    for said in (posted, settled, owner, *every_word(full, request, question)):
        fits(said)
        harmless(said)
    assert "expires Thu 26 Nov 10:00 CET" in posted.text


@pytest.mark.parametrize("text", HOSTILE)
def test_the_form_to_amend_holds_too(text):
    terms = {name: (text * 50)[:n] for name, n in (("reason", 700), ("outcome", 200))}
    request = a_request(days=3, **terms)

    assert problems(amend_form(request, a_workflow(name=text), ANSWERING), "modal") == []


def test_the_form_to_amend_holds_the_amount_as_people_write_it():
    form = amend_form(a_request(amount=Decimal("60.500000000")), a_workflow(), ANSWERING)

    assert entered(form)["amount"] == "60.50"


def test_every_word_says_where_and_until_when():
    asking = on_its_way(BIG)

    for said in every_word(asking, BIG, Question("Why?", ANA, LATER)):
        assert "expires Thu 26 Nov 10:00 CET" in said.text


def an_open_one(**named):
    request = replace(BIG, **named)
    chain = chain_for(request, a_standing(), an_organisation(), MONDAY)
    return OpenRequest(request, "Search ranking", "Europe/Berlin", chain)


def test_the_list_says_state_age_whom_it_waits_for_and_what_is_left():
    later = MONDAY + timedelta(hours=28, minutes=5)

    said = open_requests.listed(OpenRequests(asked=(an_open_one(approvals=(YES,)),)), later)

    fits(said)
    assert said.text.splitlines() == [
        "*Open requests* (1)",
        "*You asked for*",
        LISTED,
    ]
    assert "requests.withdraw" in str(said.blocks)
    assert "requests.approve" not in str(said.blocks)


def test_the_list_says_what_of_the_amount_is_approved_so_far():
    said = open_requests.listed(OpenRequests((an_open_one(granted=Decimal(550)),)), LATER)

    assert "$600.00 more on the weekly cap of *Search ranking* ($550.00 of it approved so far)" in (
        said.text
    )


def test_without_any_it_says_so_and_what_to_do():
    said = open_requests.listed(OpenRequests(), MONDAY)

    assert "No request is open" in said.text
    assert "`/budget request`" in said.text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("start", [0, 6, 12, 18, 999])
def test_a_long_list_is_paged_within_slacks_limits(text, start):
    reason = (text * 50)[:700]
    one = replace(an_open_one(reason=reason), name=text)
    known = OpenRequests((one,) * 7, (one,) * 7, (replace(one, chain=None),) * 7)

    said = open_requests.listed(known, LATER, start=start)

    fits(said)
    harmless(said)
    assert ("Show more" in str(said.blocks)) == (start != 18)


def test_what_was_done_from_the_list_is_said_there():
    approved = ended(BIG, State.APPROVED, ANA, LATER)

    assert "is approved, and the requester is told" in open_requests.done(approved).text
    assert "goes on to the next step" in open_requests.done(BIG).text
