"""Every card and form of the registry, also with names that mean harm or say nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from bot.cards import caps, changed, endings, glance, history, registry, workflows
from bot.cards import help as help_cards
from bot.cards.edits import changes_said
from bot.changes import Change
from bot.freshness import Ailment, Feed
from bot.glances import Glance, Uncharged
from bot.periods import CapKind
from bot.positions import position
from bot.proposals import proposal
from bot.requests import Request, Step, Until
from bot.sources import Lane
from bot.spend import Spent
from bot.tiers import Tier
from bot.workflows import Caps, Kind, Status, SuccessMetric, Workflow, missing
from handlers.slack import editing, registering
from handlers.slack.workflow_forms import values_of
from handlers.steps.save_workflow import differing
from playground.blockkit import problems
from tests.builders import ANA, FIN, MONDAY, OWEN, a_team, a_workflow, an_organisation, an_override

HOSTILE = {
    "plain": "Search ranking",
    "long": "N" * 300,
    "escaped": "<&>" * 100,
    "channel": "<!channel> <@U0EVIL>",
    "bold": "*bold* _it_ ~no~ `code`",
    "emoji": ":tada: 🎉" * 20,
    "turned": "\u202e" + "שלום עולם " * 30,
    "hidden": "\u200b\u200d",
    "empty": "",
    "lines": "one\n> two\n\n*three*",
    "nul": "a\x00b",
}
ORGANISATION = an_organisation()
EVERYTHING = Caps(Decimal(60), Decimal(250), Decimal(900), Decimal("123456789.12"))


def named(text) -> Workflow:
    return a_workflow(
        key="k" * 63,
        name=text,
        tool=text,
        exception_rule=text * 6,
        success_metric=SuccessMetric(text, Decimal(40), Decimal(35)),
        caps=EVERYTHING,
        channel="C0OTHER",
        ends_on=date(2026, 12, 31),
        last_review_date=date(2026, 11, 16),
        retire_on=date(2026, 12, 31),
        agreed_by=OWEN,
        agreed_at=MONDAY,
    )


def a_position(workflow, count=40):
    overrides = [an_override(id=f"o-{n}", workflow=workflow.key) for n in range(count)]
    holds = Spent(Decimal(155), Decimal(12), 30, 3, Decimal(2), MONDAY)
    return position(
        workflow, a_team(name=workflow.name), overrides, dict.fromkeys(CapKind, holds), MONDAY
    )


def a_request(workflow, number=1):
    return Request(
        workflow=workflow.key,
        cap=CapKind.WEEKLY,
        amount=Decimal(100),
        until=Until.PERIOD,
        asked_by=OWEN,
        reason=workflow.name,
        id=f"r-{number}",
        asked_at=MONDAY,
        expires_at=MONDAY + timedelta(hours=72),
        owner=OWEN,
        channel="C0SEARCH",
        step=Step.APPROVER,
    )


def changes(workflow):
    before = replace(workflow, caps=Caps(), name="x", backup=None, channel=None, thresholds=(50,))
    was, becomes = differing(before, workflow)
    _, registered = differing(None, workflow)
    return [
        Change(MONDAY, OWEN, workflow.key, "edited", was, becomes, workflow.name * 3),
        Change(MONDAY, "contract apply", workflow.key, workflow.name, {}, {"request:1": "x"}),
        Change(MONDAY, OWEN, workflow.key, "registered", {}, registered),
    ] * 20


def cards(text):
    workflow, team = named(text), a_team(name=text)
    yield from contracts(workflow, team)
    yield from lists(workflow, team)
    yield from explanations(workflow)
    yield from changes_told(workflow, team)
    yield from ends(workflow)
    yield help_cards.unknown(text, "show")


def contracts(workflow, team):
    bare = Workflow("k", workflow.name, "search")
    every = ("why", "history", "edit", "pause", "activate", "resume", "retire", "keep")
    yield workflows.contract(workflow, team, ORGANISATION, MONDAY, may=every)
    yield workflows.contract(bare, team, ORGANISATION, MONDAY, may=())
    yield workflows.preview(workflow, team, ORGANISATION, MONDAY)


def lists(workflow, team):
    teams = {"search": team}
    many = [replace(workflow, key=f"{n:03}{'k' * 60}") for n in range(60)]
    requests = tuple(a_request(workflow, n) for n in range(30))
    feed = Feed(workflow.name, Lane.REALTIME, MONDAY)
    names = ((workflow.name, Decimal(9)),) * 5
    spent = Spent(Decimal(12), records=30)
    rest = Uncharged(spent, names, spent, (feed,) * 9, "Europe/Berlin")
    positions = tuple(a_position(one, 2) for one in many)
    seen = Glance(positions, asked=requests, to_answer=requests, uncharged=rest)
    for wanted in ("", "mine", "search"):
        yield registry.listed(many, teams, wanted=wanted, start=0)
        yield registry.listed(many, teams, wanted=wanted, start=40)
        yield registry.listed([], teams, wanted=wanted, start=0)
    yield from (glance.glance(seen, OWEN, start=start) for start in (0, 3, 59))
    yield glance.glance(replace(seen, positions=()), OWEN, start=0)


def explanations(workflow):
    feeds = tuple(
        Feed(f"{workflow.name}{n}", lane, MONDAY, trouble, workflow.name)
        for n, (lane, trouble) in enumerate(product(Lane, (None, *Ailment)))
    )
    for status in Status:
        yield caps.explained(replace(a_position(replace(workflow, status=status)), feeds=feeds))
    tiers = {Tier.PREMIUM: Decimal(88), Tier.CHEAP: Decimal(-3), None: Decimal("0.001")}
    for known in (tiers, {None: Decimal(-1)}):
        yield caps.explained(replace(a_position(replace(workflow, caps=Caps())), tiers=known))
    yield history.history(workflow, changes(workflow), "Europe/Berlin", start=0, more=True)


def changes_told(workflow, team):
    text = workflow.name
    lacking = missing(a_workflow(kind=Kind.PRODUCTION, caps=Caps(), owner=None), a_team())
    made = proposal(replace(workflow, status=Status.PROPOSED), team, OWEN, ORGANISATION, MONDAY)
    told = ("The weekly cap is now $200.00; $180.00 (90 %) is spent.",) * 4
    yield changed.registered(workflow, OWEN, lacking)
    yield changed.registered_privately(made.workflow, lacking, "an admin")
    yield changed.registered_privately(made.workflow, (), "an admin")
    yield changed.said(changed.before_saving(made))
    yield changed.owner_asked(made.workflow, FIN, ())
    yield changed.owner_asked(workflow, FIN, lacking)
    yield changed.activated(workflow, ANA, told)
    yield changed.paused(workflow, OWEN, text)
    yield changed.resumed(workflow, OWEN, text, told)
    yield changed.edited(workflow, OWEN, text * 2, told)
    yield changed.made_owner(workflow, OWEN)
    yield changed.saved_edit(workflow, tuple(changes_said(*differing(None, workflow))))
    yield changed.status_confirmed(workflow, "C0SEARCH")


def ends(workflow):
    yield endings.retired(workflow, OWEN, workflow.name)
    yield endings.retiring(workflow, OWEN, workflow.name)
    yield endings.kept(workflow, OWEN)
    yield endings.retire_confirmed(workflow)
    yield endings.overrides_closed(workflow, [an_override()] * 40)
    yield endings.ended(workflow, for_owner=True)
    yield endings.ended(workflow, for_owner=False)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_card_is_one_slack_takes_and_carries_its_meaning(text):
    for card in cards(text):
        assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
        assert card.text.strip()
        assert len(card.text) <= 4_000


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_name_mentions_anybody_or_turns_the_text_round(text):
    for card in cards(text):
        everything = f"{card.text}{card.blocks}"
        assert "<!channel>" not in everything
        assert "<@U0EVIL>" not in everything
        assert "*bold*" not in everything
        assert ":tada:" not in everything
        assert "\u202e" not in everything
        assert "\x00" not in everything


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", Kind)
def test_every_form_is_one_slack_takes(kind, text):
    workflow = replace(named(text), kind=kind)
    teams = [a_team(name=text, key=f"t{n}") for n in range(100)]
    private = {"key": workflow.key, "version": 1, "channel": "C0SEARCH"}
    values = values_of(workflow)

    for view in (
        registering.contract_form(kind, values, teams, {"channel": "C0SEARCH"}),
        registering.contract_form(kind, {}, teams, {}),
        editing.contract_form(kind, values, teams, private),
    ):
        assert problems(view, "modal") == []


def test_a_workflow_named_like_a_person_is_no_mention():
    (said,) = changes_said({"name": "x"}, {"name": "U0FIN"})

    assert said == "name x → U0FIN"


@pytest.mark.parametrize(
    ("percent", "bar"),
    [
        (0, "░░░░░░░░░░ 0 %"),
        (62, "▓▓▓▓▓▓░░░░ 62 %"),
        (99, "▓▓▓▓▓▓▓▓▓░ 99 %"),
        (100, "▓▓▓▓▓▓▓▓▓▓ 100 %"),
        (240, "▓▓▓▓▓▓▓▓▓▓ 240 %"),
        (-5, "░░░░░░░░░░ −5 %"),
        (-2706, "░░░░░░░░░░ −2706 %"),
    ],
)
def test_a_bar_is_full_from_a_hundred_per_cent_on(percent, bar):
    assert caps.bar(percent) == bar


def test_what_the_contract_misses_is_in_people_s_words():
    lacking = missing(a_workflow(caps=Caps(), success_metric=None), a_team())

    card = changed.registered(a_workflow(status=Status.PROPOSED), OWEN, lacking)

    assert "still misses: weekly cap, monthly cap, success metric" in card.text


@pytest.mark.parametrize(
    ("unmetered", "said"),
    [(1, "1 record without a cost is not in it"), (2, "2 records without a cost are not in it")],
)
def test_why_counts_what_has_no_cost(unmetered, said):
    holds = Spent(Decimal(5), records=3, unmetered=unmetered)
    held = position(a_workflow(), a_team(), [], dict.fromkeys(CapKind, holds), MONDAY)

    assert said in caps.explained(held).text
