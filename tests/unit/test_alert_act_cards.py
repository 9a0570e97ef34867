import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.acknowledgements import Acknowledgement, Ask, Role, Standing, ahead
from bot.cards import alert_acts
from bot.cards.alert_acts import Follow, restated
from bot.cards.alerts import Report, for_backup, for_channel, for_later, for_owner
from bot.explanations import Explanation
from bot.snoozes import Snooze
from bot.tier_drops import TierDrop
from bot.workflows import Tier
from playground.blockkit import problems
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    a_team,
    a_watch,
    a_workflow,
    an_organisation,
)
from tests.unit.test_alert_cards import HOSTILE

BERLIN, HOUR = "Europe/Berlin", timedelta(hours=1)
NOTICE = "alert:search-ranking:weekly:1795388400:250000000000:90"
WAITING = Acknowledgement(
    "a-1",
    "search-ranking",
    90,
    critical=False,
    asked_at=MONDAY,
    ends_at=MONDAY + timedelta(days=6),
    hours=(4, 8, 24),
    thread=NOTICE,
    notices=(NOTICE,),
    told=(OWEN,),
)
SEEN = replace(WAITING, standing=Standing.SEEN, by=MIA, seen_at=MONDAY, how="has seen it")
ASKS = (Ask(Role.BACKUP, (MIA,), MONDAY + 4 * HOUR), Ask(Role.FINANCE, (FIN,), MONDAY + 24 * HOUR))
SNOOZE = Snooze("s-1", "search-ranking", 90, NOTICE, OWEN, MONDAY, MONDAY + timedelta(days=3))
DROP = TierDrop("d-1", "search-ranking", Tier.PREMIUM, Tier.CHEAP, OWEN, MONDAY, "tier-drop:d-1")


def a_report(follow=None, **named):
    watch = a_watch(spent=Decimal(230), said=(90,))
    workflow = a_workflow(**named)
    return Report(
        workflow, (watch,), BERLIN, MONDAY, follow=follow or Follow(WAITING, ASKS), notice=NOTICE
    )


def words(text):
    return re.sub(r"<!date\^[^|]*\|([^>]*)>", r"\1", text)


def pressable(card):
    return [one["text"]["text"] for one in card.blocks[-1]["elements"]]


@pytest.mark.parametrize(
    ("follow", "sentence"),
    [
        pytest.param(
            Follow(WAITING, ASKS),
            "Unless somebody acts, the backup is asked Mon 23 Nov 14:00 CET, then finance "
            "Tue 24 Nov 10:00 CET. It stops when anyone acts.",
            id="waiting",
        ),
        pytest.param(
            Follow(WAITING, ASKS[1:], asked=(Role.BACKUP,)),
            "The backup was asked already about this workflow, since Mon 23 Nov 10:00 CET. Unless "
            "somebody acts, finance is asked Tue 24 Nov 10:00 CET.",
            id="the backup was asked",
        ),
        pytest.param(
            Follow(WAITING, asked=tuple(Role)),
            "The backup, the approver and finance were asked already about this workflow, since "
            "Mon 23 Nov 10:00 CET; nobody else is left to ask.",
            id="everybody was asked",
        ),
        pytest.param(
            Follow(WAITING), "Waits for somebody to act; nobody else is asked.", id="nobody left"
        ),
        pytest.param(
            Follow(SEEN), "<@U0MIA> has seen it, Mon 23 Nov 10:00 CET. Nobody else", id="seen"
        ),
        pytest.param(
            Follow(replace(SEEN, instead_of=OWEN)), "<@U0MIA> (for <@U0OWEN>) has", id="stands in"
        ),
        pytest.param(
            Follow(replace(WAITING, standing=Standing.OVER)), "Nobody has to act", id="over"
        ),
        pytest.param(
            Follow(replace(WAITING, paused_until=SNOOZE.until), (), SNOOZE),
            "nobody else is asked.\nSnoozed by <@U0OWEN> until Thu 26 Nov 10:00 CET",
            id="snoozed",
        ),
    ],
)
def test_an_alert_says_how_it_stands(follow, sentence):
    card = for_channel(a_report(follow))

    assert sentence in words(card.text)
    assert sentence in words(str(card.blocks[-2]["elements"][0]["text"]))


def test_at_most_six_buttons_stand_in_one_row():
    assert pressable(for_channel(a_report())) == [
        "Ask for more…",
        "Drop a tier",
        "Pause…",
        "Explain…",
        "Snooze…",
        "I've seen it",
    ]


@pytest.mark.parametrize(
    ("report", "gone"),
    [
        pytest.param(a_report(tier=Tier.CHEAP), "Drop a tier", id="cheap already"),
        pytest.param(a_report(Follow(SEEN)), "I've seen it", id="seen"),
        pytest.param(a_report(Follow()), "I've seen it", id="below the soft limit"),
        pytest.param(a_report(Follow(snooze=SNOOZE)), "Snooze…", id="snoozed"),
    ],
)
def test_what_cannot_be_done_is_not_offered(report, gone):
    assert gone not in pressable(for_channel(report))


def test_a_message_is_restated_with_its_figures_as_they_were():
    report = a_report()
    was = for_channel(report)

    seen = restated(was, report.workflow, Follow(SEEN, (), SNOOZE), BERLIN)
    again = restated(seen, report.workflow, report.follow, BERLIN)

    assert seen.text.startswith(was.text.partition("\n")[0])
    assert "has seen it" in seen.text
    assert "Unless somebody acts" not in seen.text
    assert again == was


def test_a_message_without_these_buttons_is_left_as_it_is():
    card = alert_acts.woken(a_workflow(), SNOOZE)

    assert restated(card, a_workflow(), Follow(SEEN), BERLIN) is card


def test_nobody_is_asked_twice_and_an_empty_role_is_skipped():
    workflow = a_workflow(backup=OWEN, approver=ANA)
    asks = ahead(WAITING, workflow, a_team(), an_organisation(finance=(ANA, FIN)), MONDAY)

    assert [(one.role, one.people) for one in asks] == [
        (Role.APPROVER, (ANA,)),
        (Role.FINANCE, (FIN,)),
    ]


def test_nobody_is_to_be_asked_when_the_period_is_over():
    ending = replace(WAITING, ends_at=MONDAY + 8 * HOUR)

    asks = ahead(ending, a_workflow(), a_team(), an_organisation(), MONDAY)

    assert [one.role for one in asks] == [Role.BACKUP]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_write_slack_takes_it(text):
    name = text or "x"
    report = a_report(name=name)
    workflow = report.workflow
    explanation = Explanation("e-1", "search-ranking", OWEN, MONDAY, (text * 4)[:1000], NOTICE)
    seen = replace(SEEN, how=text)
    cards = [
        *(make(report) for make in (for_channel, for_owner, for_backup)),
        for_later(report, alert_acts.unanswered(workflow, WAITING, MONDAY + 4 * HOUR, "backup")),
        for_channel(a_report(Follow(seen, (), SNOOZE), name=name)),
        alert_acts.nobody_acted(WAITING, ASKS[:1], ASKS[1:], MONDAY + 4 * HOUR, BERLIN),
        alert_acts.dropped(workflow, DROP, BERLIN),
        alert_acts.undone(workflow, replace(DROP, undone_by=MIA, undone_at=MONDAY)),
        alert_acts.explained(explanation),
        alert_acts.snoozed(workflow, SNOOZE, NOTICE, BERLIN),
        alert_acts.woken(workflow, SNOOZE),
    ]

    for card in cards:
        assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
        assert "<!channel>" not in card.text
        assert "\x00" not in card.text
