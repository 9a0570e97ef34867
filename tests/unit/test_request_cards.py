from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import CapWatch
from bot.askable import LENGTHS
from bot.caps import CapInForce, running_period
from bot.cards import answers
from bot.cards import requests as cards
from bot.cards.answers import Ending
from bot.cards.request_words import nobody
from bot.cards.requests import PARTED, Asking
from bot.chain import Chain, Group, Link, chain_for
from bot.delegations import Acting
from bot.money import LARGEST
from bot.periods import CapKind
from bot.policy import Policy
from bot.request_clocks import first_clocks
from bot.request_effects import Effect, effect
from bot.requests import State, Step, Until, ended
from bot.spend import Spent
from bot.workflows import Caps
from handlers.slack.answer_forms import ask_form, deny_form, less_form
from handlers.slack.request_forms import (
    kept,
    preview_form,
    read_form,
    request_form,
    unkept,
    wrong_entries,
)
from playground.blockkit import problems
from tests.builders import (
    ANA,
    MONDAY,
    OWEN,
    a_draft,
    a_request,
    a_standing,
    a_watch,
    a_workflow,
    an_organisation,
)

LATER = MONDAY
ALL_CAPS = Caps(Decimal(50), Decimal(250), Decimal(900), Decimal(5000))
HOSTILE = [
    pytest.param("x" * 300, id="300 characters"),
    pytest.param("<!channel> <@U0EVE> <https://e.vil|click> & *bold* `code` :boom:", id="marks"),
    pytest.param("&" * 300, id="each written as five"),
    pytest.param("😀🏳️‍🌈" * 60, id="emoji"),
    pytest.param(
        "\u202e\u05d4\u05e6\u05e2\u05d4 \u200f\u062a\u0642\u0631\u064a\u0631\u202c",
        id="right to left",
    ),
    pytest.param("", id="empty"),
    pytest.param("a\x00b\r\n> quote\n• list", id="NUL and lines"),
    pytest.param("\u200b", id="invisible"),
]
PRIVATE = {"id": "0123456789", "channel": "C0123456789"}
ANSWERING = {"request": "0123456789|12", "channel": "C0123456789"}


def an_asking(draft=None, standing=None, **named):
    draft, standing = draft or a_draft(), standing or a_standing()
    plain = Asking(
        draft,
        standing,
        effect(draft, standing, MONDAY),
        (a_watch(spent=Decimal(212)), a_watch(kind=CapKind.MONTHLY, cap=Decimal(900))),
        chain_for(draft, standing, an_organisation(), MONDAY),
        "Europe/Berlin",
        first_clocks(Policy(), MONDAY),
    )
    return replace(plain, **named)


def hostile_asking(text):
    """Everything a person may write, as long as the form lets them."""
    long = {name: (text * 50)[:length] for name, length in LENGTHS.items()}
    draft = a_draft(amount=LARGEST, until=Until.DAYS, days=90, **long)
    workflow = a_workflow(name=text, caps=ALL_CAPS)
    watches = tuple(
        CapWatch(
            CapInForce(kind, cap, cap, (), running_period(workflow, kind, MONDAY)),
            Spent(LARGEST, assumed=LARGEST, last_at=MONDAY),
            (75, 90, 100),
        )
        for kind, cap in ALL_CAPS.present()
    )
    crowd = tuple(Acting(f"U{number:010}", f"U9{number:09}") for number in range(200))
    group = Group(Step.FINANCE, crowd)
    chain = Chain((Link(group, group), Link(group, group)))
    standing = a_standing(workflow=workflow)
    return an_asking(draft, standing, caps=watches, chain=chain)


def an_ending(state, text="No budget left.", name="Search ranking", answer=None):
    request = ended(a_request(), state, ANA, LATER, answer=text if answer is None else answer)
    gives = Effect(MONDAY, Decimal(250), Decimal(350)) if state is State.APPROVED else None
    told = ("The weekly cap is now $350.00; $212.00 (60 %) is spent.",) if gives else ()
    return Ending(request, name, "Europe/Berlin", gives, told)


def fits(card):
    assert card.text.strip()
    assert len(card.text) <= 4_000
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []


def harmless(card):
    for part in (card.text, str(card.blocks)):
        assert "<!channel>" not in part
        assert "<@U0EVE>" not in part
        assert "<https://e.vil" not in part


ENDS = [one for one in State if one is not State.WAITING]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_message_holds_within_slacks_limits_whatever_people_write(text):
    asking = hostile_asking(text)
    posted = cards.asked(asking, a_request())
    endings = [an_ending(state, (text * 50)[:700], name=text) for state in ENDS]
    said = [
        posted,
        cards.sent(asking),
        *(answers.settled(posted, ending) for ending in endings),
        *(answers.settled(None, ending) for ending in endings),
        *(answers.for_requester(ending) for ending in endings),
    ]

    for card in said:
        fits(card)
        harmless(card)


@pytest.mark.parametrize("text", HOSTILE)
def test_every_form_holds_within_slacks_limits_whatever_people_write(text):
    workflow = a_workflow(name=text, caps=ALL_CAPS, key="k" * 63)
    others = [a_workflow(key=f"w-{number}", name=text) for number in range(150)]
    typed = dict.fromkeys((*LENGTHS, "amount", "days", "until", "cap"), text * 50)
    views = [
        request_form([workflow, *others], None, {}, PRIVATE),
        request_form([workflow, *others], workflow, typed, PRIVATE),
        preview_form(hostile_asking(text), PRIVATE),
        deny_form(a_request(), workflow, ANSWERING),
        less_form(a_request(amount=LARGEST), workflow, ANSWERING),
        ask_form(a_request(), workflow, ANSWERING),
    ]

    for view in views:
        assert problems(view, "modal") == []


@given(st.data())
def test_the_preview_keeps_the_whole_draft_whatever_was_written(data):
    texts = {
        name: data.draw(st.text(max_size=length).filter(str.isprintable))
        for name, length in LENGTHS.items()
    }
    draft = a_draft(until=Until.DAYS, days=90, **texts)

    view = preview_form(an_asking(draft), PRIVATE)

    assert len(view["private_metadata"]) <= 3_000
    assert unkept(kept(draft), OWEN) == draft


def test_what_is_kept_fits_even_when_each_character_is_written_as_two():
    texts = {name: '"' * length for name, length in LENGTHS.items()}
    draft = a_draft(
        workflow="k" * 63, amount=LARGEST + Decimal("0.000000001"), until=Until.PERMANENT, **texts
    )

    assert len(preview_form(an_asking(draft), PRIVATE)["private_metadata"]) <= 3_000


def says(asking):
    return "\n".join(str(block.get("text", block)) for block in cards.preview(asking))


def test_the_preview_says_exactly_what_is_asked():
    text = says(an_asking())

    assert "+$100.00 on the weekly cap of *Search ranking*, from approval until <!date^" in text
    assert "|Mon 30 Nov 00:00 CET>: $250.00 → $350.00." in text
    assert "$212.00 of the weekly $250.00 (84 %)" in text
    assert "Asked: <@U0ANA>." in text
    assert "|Thu 26 Nov 10:00 CET>" in text
    assert "Approved in a later week, it lasts until the end of that week." in text


def test_it_says_when_the_whole_amount_is_there_several_times():
    asking = an_asking(a_draft(until=Until.MONTH))

    assert "That is +$100.00 in each of 2 weeks." in says(asking)
    assert "in each of" not in says(an_asking())


def test_it_warns_when_another_cap_is_reached_before_it_helps():
    monthly = a_watch(kind=CapKind.MONTHLY, cap=Decimal(900), spent=Decimal(860))
    used_up = an_asking(caps=(a_watch(spent=Decimal(200)), monthly))
    nearly = an_asking(caps=(a_watch(spent=Decimal(240)), monthly))

    assert "The monthly cap has $40.00 left: it stops before this helps." in says(used_up)
    assert "has $40.00 left: it stops before all of this is spent." in says(nearly)
    assert "it stops before" not in says(an_asking())


def test_assumed_costs_and_freshness_are_shown_apart():
    watch = a_watch(spent=Decimal(212), assumed=Decimal(12), last_at=MONDAY)

    text = says(an_asking(caps=(watch,)))

    assert "(84 %, $12.00 of it assumed)" in text
    assert "Data through <!date^" in text


def test_a_raise_says_that_it_is_for_good():
    text = says(an_asking(a_draft(until=Until.PERMANENT)))

    assert "for good, from approval: base cap $250.00 → $350.00." in text


@pytest.mark.parametrize("state", ENDS)
def test_an_ended_request_has_no_buttons_and_says_how_it_ended_first(state):
    posted = cards.asked(an_asking(), a_request())

    card = answers.settled(posted, an_ending(state))

    assert [block["type"] for block in posted.blocks][-1] == "actions"
    assert "actions" not in [block["type"] for block in card.blocks]
    body, _, passing = posted.text.partition(PARTED)
    assert card.text.endswith(body)
    assert passing
    assert passing not in card.text
    assert state.value in card.text.splitlines()[0].lower()


FILLED = {
    "workflow": "search-ranking",
    "cap": "weekly",
    "amount": "$1,200.50",
    "until": "days",
    "days": "3",
    "reason": "Launch\x00 week.",
    "outcome": "p95 latency",
    "target": "under 2 s",
    "if_refused": None,
}


def test_the_form_is_read_into_a_draft():
    assert wrong_entries(FILLED) == {}
    assert read_form(FILLED, OWEN) == a_draft(
        amount=Decimal("1200.50"), until=Until.DAYS, days=3, target="under 2 s", if_refused=""
    )


@pytest.mark.parametrize(
    ("entered", "field", "says"),
    [
        pytest.param({"amount": "much"}, "amount", "no amount", id="not money"),
        pytest.param({"amount": "10000000000"}, "amount", "largest", id="too large"),
        pytest.param({"amount": None}, "amount", "how much", id="no amount"),
        pytest.param({"workflow": None}, "workflow", "Choose", id="no workflow"),
        pytest.param({"cap": None}, "cap", "Choose", id="no cap"),
        pytest.param({"cap": "yearly"}, "cap", "Choose", id="a forged cap"),
        pytest.param({"until": "whenever"}, "until", "Choose", id="a forged until"),
        pytest.param({"reason": "\u200b"}, "reason", "Say why", id="an invisible reason"),
        pytest.param({"outcome": None}, "outcome", "Name", id="no outcome"),
        pytest.param({"target": None}, "target", "how much", id="no target"),
        pytest.param({"days": None}, "days", "whole number", id="no days"),
        pytest.param({"days": "2.5"}, "days", "whole number", id="half days"),
        pytest.param({"days": "²"}, "days", "whole number", id="a digit that is no number"),
        pytest.param({"until": "week"}, "days", "leave this empty", id="days for nothing"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(entered, field, says):
    found = wrong_entries(FILLED | entered)

    assert set(found) - {"days"} <= {field}
    assert says in found[field]


def test_an_empty_form_names_all_that_is_missing_at_once():
    found = wrong_entries({})

    assert set(found) == {"workflow", "cap", "amount", "until", "reason", "outcome", "target"}


def test_a_workflow_with_one_cap_has_it_chosen():
    only = a_workflow(caps=Caps(total=Decimal(5000)))

    (cap,) = [
        one for one in request_form([only], only, {}, PRIVATE)["blocks"] if one["block_id"] == "cap"
    ]

    assert cap["element"]["initial_option"]["value"] == "total"


def test_what_ends_in_another_year_says_which():
    far = Effect(MONDAY + timedelta(days=366), Decimal(250), Decimal(350))
    ending = replace(an_ending(State.APPROVED), effect=far)

    for card in (answers.settled(None, ending), answers.for_requester(ending)):
        assert "until Wed 24 Nov 2027" in card.text

    draft = a_draft(until=Until.DAYS, days=366)
    asking = an_asking(draft, at=MONDAY)
    assert "until Wed 24 Nov 2027" in cards.asked(asking, a_request()).text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_card_that_waits_for_nobody_fits_and_offers_no_answer(text):
    asking = replace(hostile_asking(text), chain=Chain(()), stuck="Nobody may approve this.")
    posted = cards.asked(asking, a_request())

    fits(posted)
    fits(nobody(asking, a_request()))
    assert "request.approve" not in str(posted.blocks)
    assert "⚠️ Nobody may approve this." in posted.text
