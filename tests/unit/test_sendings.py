from dataclasses import replace

import pytest

from bot.cards.kit import section
from bot.cards.sendings import Seen, late, listed
from bot.notices import Act, Card, Sending, topic_of
from bot.people import Person
from bot.sendings import Delivery, NotAgain, Quiet, Tally, check_again
from playground.blockkit import problems
from tests.builders import MONDAY, OWEN

ASIDE = Delivery(
    "alert:search-ranking:weekly:1:2:90",
    "search-ranking",
    "C0SEARCH",
    Act.POST,
    Sending.SET_ASIDE,
    MONDAY,
    "is_archived",
    held=True,
)
TALLY = Tally(waiting=1, held=2, sent=3, set_aside=4, quiet=5)


@pytest.mark.parametrize(
    ("key", "topic"),
    [
        ("alert:search-ranking:weekly:1:2:90", "search-ranking"),
        ("alert:search-ranking:weekly:1:2:90:dm", "search-ranking"),
        ("request:4f2a:answer", "4f2a"),
        ("request:4f2a#0123", "4f2a"),
        ("reset:search-ranking:weekly-1", "search-ranking"),
        ("digest:alert:search-ranking:weekly:1:2:90:dm", "search-ranking"),
        ("review:search:1763247600", None),
        ("review:search:1763247600:search-ranking", "search-ranking"),
        ("review:search:1763247600:search-ranking#12", "search-ranking"),
        ("delivery:set-aside:C0SEARCH:2026-11-23", None),
        ("react:C0SEARCH:1.1:tada", None),
        ("hello", None),
    ],
)
def test_what_a_notice_is_about_stands_in_its_key(key, topic):
    assert topic_of(key) == topic


def test_what_was_refused_may_be_sent_again():
    check_again(ASIDE, None)


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        pytest.param(replace(ASIDE, state=Sending.SENT), "sent meanwhile", id="sent"),
        pytest.param(replace(ASIDE, state=Sending.WAITING), "on its way", id="waiting"),
        pytest.param(replace(ASIDE, state=Sending.LEASED), "on its way", id="being sent"),
        pytest.param(
            replace(ASIDE, act=Act.UPDATE, target=Sending.SET_ASIDE), "never sent", id="a rewrite"
        ),
        pytest.param(replace(ASIDE, channel=OWEN), "deactivated", id="who left"),
    ],
)
def test_what_need_not_or_cannot_be_sent_again_is_refused(delivery, said):
    gone = Person(OWEN, "Owen", None, outsider=False, deleted=True, read_at=MONDAY)

    with pytest.raises(NotAgain, match=said):
        check_again(delivery, gone)


def test_every_entry_says_state_place_and_reason():
    sent = replace(ASIDE, state=Sending.SENT, held=False, reason="", key="test:search-ranking:1")
    card = listed(Seen("search-ranking", TALLY, [ASIDE, sent], "Europe/Berlin", 0, more=True))

    assert "3 sent today · 1 waiting · 2 held by trouble · 4 set aside" in card.text
    assert "*not sent*, set aside · alert `search-ranking` → <#C0SEARCH>" in card.text
    assert "The channel is archived" in card.text
    assert "sent · test alert" in card.text
    buttons = [block["accessory"]["value"] for block in card.blocks if "accessory" in block]
    assert buttons == [ASIDE.key]


def test_what_waits_for_somebodys_hours_is_listed_with_whom_and_until_when():
    waits = [Quiet(f"alert:{n}:dm", "search-ranking", OWEN, MONDAY) for n in range(3)]

    card = listed(Seen("", TALLY, [ASIDE], "Europe/Berlin", 0, more=False, quiet=waits))

    lines = card.text.splitlines()
    assert sum("Waits until" in one and f"<@{OWEN}>" in one for one in lines) == 3
    assert "`search-ranking`" in lines[1]
    assert "and 2 more that wait so" in card.text
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []


def test_what_comes_late_says_of_when_it_is_and_says_so_once():
    card = Card("It has used 80 %.", (section("It has used 80 %."),))

    found = late(late(card, ASIDE, "Europe/Berlin"), ASIDE, "Europe/Berlin")

    assert found.text.count("it could not be sent then") == 1
    assert len(found.blocks) == 2
    assert problems({"text": found.text, "blocks": list(found.blocks)}, "message") == []


@pytest.mark.parametrize("reason", ["x" * 3_000, "<!channel> & <b>", "", "a\x00b\n> quoted"])
def test_forty_refusals_fit_into_pages(reason):
    many = [replace(ASIDE, reason=reason, key=f"alert:{number}") for number in range(40)]

    card = listed(Seen("", TALLY, many, "Europe/Berlin", 0, more=False))

    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    assert "<!channel>" not in card.text
