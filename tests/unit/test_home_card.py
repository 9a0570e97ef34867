from dataclasses import replace
from decimal import Decimal

import pytest

from bot.cards.glance import waiting_lines
from bot.cards.home import home
from bot.freshness import Ailment, Feed
from bot.glances import Glance, Uncharged
from bot.periods import CapKind
from bot.positions import Position, position
from bot.sources import Lane
from bot.spend import Spent
from bot.workflows import Caps, Status
from playground.blockkit import problems
from tests.builders import MONDAY, OWEN, a_request, a_team, a_workflow

NOTHING = Uncharged(Spent(Decimal(0), records=1), (), Spent(), (), "UTC")


def stands(**named) -> Position:
    spent = {CapKind.WEEKLY: Spent(Decimal(155))}
    return position(a_workflow(**named), a_team(), (), spent, MONDAY)


@pytest.mark.parametrize("name", ["Search", "N" * 300, "<!channel>", "\u202eשלום", "a\x00b", ""])
def test_whatever_a_workflow_is_called_slack_takes_the_page(name):
    seen = Glance((stands(name=name, caps=Caps(*[Decimal(250)] * 4)),), (a_request(),), ())

    assert problems(home(seen, OWEN, "Europe/Berlin", MONDAY), "home") == []


def test_five_hundred_workflows_fit_and_the_rest_is_named():
    many = tuple(stands(key=f"w-{n}") for n in range(500))

    view = home(Glance(many), OWEN, "Europe/Berlin", MONDAY)

    assert problems(view, "home") == []
    assert "and 440 more" in str(view)


def test_a_workflow_out_of_force_offers_its_contract_and_no_request():
    paused = stands(status=Status.PAUSED)

    view = home(replace(Glance(()), positions=(paused,)), OWEN, "Europe/Berlin", MONDAY)

    assert "home.show" in str(view)
    assert "request.open" not in str(view)


def test_unattributed_records_that_stand_for_nothing_are_no_line():
    assert not list(waiting_lines(Glance((), uncharged=NOTHING)))
    named = replace(NOTHING, names=(("", Decimal(2)),))
    assert "“no name” $2.00" in "".join(waiting_lines(Glance((), uncharged=named)))


@pytest.mark.parametrize(
    "uncharged",
    [
        pytest.param(replace(NOTHING, names=(("cron", Decimal(2)),)), id="unattributed"),
        pytest.param(replace(NOTHING, unmetered=Spent(Decimal(3))), id="unmetered"),
        pytest.param(
            replace(NOTHING, names=(("cron", Decimal(2)),), unmetered=Spent(Decimal(-3))), id="both"
        ),
    ],
)
def test_what_is_charged_to_nobody_says_once_how_far_the_sources_have_told(uncharged):
    feeds = (
        Feed("ci", Lane.REALTIME, MONDAY, Ailment.SILENT),
        Feed("bill/openai", Lane.BILLED, MONDAY.replace(hour=0), account="openai"),
    )

    (paragraph,) = waiting_lines(Glance((), uncharged=replace(uncharged, feeds=feeds)))

    assert paragraph.count("Data through") == 1
    assert paragraph.endswith("(ci, ⚠ silent). OpenAI billed through 22 Nov.")
