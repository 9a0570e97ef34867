from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.caps import running_period
from bot.changes import Change
from bot.periods import CapKind
from bot.refusal import NotAllowed
from bot.review_answers import Asked, WhichWorkflow, answered, meant_by
from bot.review_decisions import Cap, Choice, Decided, Keep, Reroute
from bot.review_figures import Extra, caps_at, counted, figures, with_late
from bot.review_stretches import stretches
from bot.reviews import lowered, place_of
from bot.spend import Spent
from bot.workflows import Caps, Tier
from tests.builders import (
    ANA,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_review,
    a_review_item,
    a_team,
    a_workflow,
    an_organisation,
    an_override,
    some_figures,
)

WEEK = a_review().week
LAST_WEEK = datetime(2026, 11, 20, tzinfo=UTC)


def of_last_week(**named):
    plain = an_override(start=LAST_WEEK, end=WEEK.end)
    return replace(plain, **named)


def against(*overrides, workflow=None, kind=CapKind.WEEKLY):
    workflow = workflow or a_workflow()
    period = running_period(workflow, kind, LAST_WEEK)
    return counted(workflow, period, Spent(Decimal(100)), overrides, MONDAY).cap


def test_a_week_is_counted_against_the_cap_at_its_end():
    assert against() == 250
    assert against(of_last_week()) == 350
    assert against(of_last_week(end=LAST_WEEK + timedelta(days=1))) == 250


def test_an_override_whose_end_was_announced_afterwards_still_held_in_the_week():
    assert against(of_last_week(ended_at=MONDAY)) == 350


def test_an_override_that_was_cut_short_in_the_week_did_not():
    assert against(of_last_week(ended_at=LAST_WEEK + timedelta(days=1))) == 250


def test_without_such_a_cap_there_is_none():
    assert against(workflow=a_workflow(caps=Caps())) is None


def capped(at, **before):
    return Change(at, OWEN, "search-ranking", "edited", before)


def test_caps_at_a_moment_are_found_by_undoing_what_was_changed_later():
    now = Caps(weekly=Decimal(400), monthly=Decimal(900))
    trail = (
        capped(MONDAY, weekly_cap="300"),
        capped(MONDAY, purpose="coding"),
        capped(LAST_WEEK + timedelta(days=1), weekly_cap="250", monthly_cap=None),
        capped(LAST_WEEK, weekly_cap="100"),
    )

    assert caps_at(now, trail, MONDAY) == now
    assert caps_at(now, trail, LAST_WEEK + timedelta(days=2)).weekly == 300
    assert caps_at(now, trail, LAST_WEEK) == Caps(weekly=Decimal(250))


def taken(*overrides, workflow=None, spent=None):
    workflow = workflow or a_workflow()
    about = stretches(workflow, WEEK, MONDAY)
    held = {period: (spent or {}).get(period.kind, Spent()) for period in about.now}
    return figures(workflow, about, held, overrides, MONDAY, ())


def test_overrides_of_the_week_are_named_until_when_they_held():
    touching = of_last_week(end=MONDAY, ended_at=None)
    before = of_last_week(start=WEEK.start - timedelta(days=3), end=WEEK.start)

    assert taken(touching, before).overrides == (Extra(CapKind.WEEKLY, Decimal(100), MONDAY),)


def test_the_first_week_has_no_week_before():
    assert taken(workflow=a_workflow(activated_at=LAST_WEEK)).before is None
    assert taken().before == 0


def test_a_total_cap_is_shown_beside_week_and_month():
    kinds = [one.kind for one in taken(workflow=a_workflow(caps=Caps(total=Decimal(5)))).counted]

    assert kinds == [CapKind.WEEKLY, CapKind.MONTHLY, CapKind.TOTAL]


def week_ago(weeks):
    return running_period(a_workflow(), CapKind.WEEKLY, LAST_WEEK - timedelta(weeks=weeks))


def test_what_came_late_since_the_last_review_is_told_once():
    first = with_late(some_figures(), [(week_ago(1), Decimal(5))], week_ago(1), Decimal(0))
    late = [(week_ago(2), Decimal(7)), (week_ago(1), Decimal(10)), (week_ago(0), Decimal(3))]
    second = with_late(some_figures(), late, week_ago(0), first.late_through)

    assert (first.late, first.late_through) == (Decimal(0), Decimal(5))
    assert (second.late, second.late_through) == (Decimal(12), Decimal(20))


def asked(*workflows, decided=()):
    items = tuple(
        a_review_item(
            workflow=one.key,
            decided=Decided(Keep(), OWEN, MONDAY) if one.key in decided else None,
        )
        for one in workflows
    )
    known = {one.key: one for one in workflows}
    return Asked(a_review(items=items), known, {"search": a_team()}, an_organisation(), MONDAY)


A, B = a_workflow(key="a"), a_workflow(key="b")
OF_MIA = a_workflow(key="c", owner=MIA, backup=None)


@pytest.mark.parametrize(
    ("by", "thread", "meant"),
    [
        pytest.param(OWEN, asked(A, OF_MIA), "a", id="the only one owned"),
        pytest.param(OWEN, asked(A, OF_MIA, decided="a"), "a", id="the only one, though decided"),
        pytest.param(OWEN, asked(A, B, decided="a"), "b", id="the only one undecided"),
        pytest.param(MIA, asked(A, OF_MIA), "c", id="owned before backed up"),
        pytest.param(MIA, asked(A), "a", id="backed up"),
        pytest.param(ANA, asked(A), "a", id="approved"),
        pytest.param(SAM, asked(A, B, decided="b"), "a", id="an admin"),
    ],
)
def test_a_reply_without_a_name_means_the_one_it_can_only_be(by, thread, meant):
    assert meant_by(by, thread) == meant


def test_what_could_be_several_is_asked_back():
    with pytest.raises(WhichWorkflow) as which:
        meant_by(OWEN, asked(A, B, OF_MIA))

    assert which.value.workflows == ("a", "b")


def test_nobody_elses_reply_means_anything():
    with pytest.raises(NotAllowed, match=f"<@{OWEN}>, <@{MIA}>"):
        meant_by("U0EVE", asked(A, OF_MIA))


def test_taking_back_leaves_what_somebody_changed_since():
    item = a_review_item(decided=Decided(Reroute(Tier.CHEAP, Tier.STANDARD), OWEN, MONDAY))
    premium = a_workflow(tier=Tier.PREMIUM)

    assert answered(premium, item, Keep(), MONDAY) == (premium, Keep())


def test_keeping_after_a_lower_cap_keeps_the_lower_cap():
    lower = Cap(CapKind.WEEKLY, Decimal(80), Decimal(250))
    workflow = a_workflow(caps=Caps(weekly=Decimal(80)))
    item = a_review_item(decided=Decided(lower, OWEN, MONDAY))

    assert answered(workflow, item, Keep(), MONDAY) == (workflow, Keep())


def test_keeping_says_what_it_was_instead_of():
    item = a_review_item(decided=Decided(Reroute(Tier.CHEAP, Tier.STANDARD), OWEN, MONDAY))

    after, keep = answered(a_workflow(tier=Tier.CHEAP), item, Keep(), MONDAY)
    assert (after.tier, keep) == (Tier.STANDARD, Keep(Choice.REROUTE))


def test_only_caps_that_went_down_are_savings():
    def left(was, now):
        figures = some_figures(caps=Caps(weekly=was and Decimal(was)))
        decided = Decided(Keep(), OWEN, MONDAY, Caps(weekly=now and Decimal(now)))
        return a_review_item(figures=figures, decided=decided)

    items = [left(250, 80), left(15, 10), left(250, 400), left(None, 40), left(40, None)]
    assert lowered([*items, a_review_item()]) == {CapKind.WEEKLY: 175}


def test_a_second_press_of_the_same_button_is_the_same_answer():
    item = a_review_item(
        decided=Decided(Cap(CapKind.WEEKLY, Decimal(80), Decimal(250)), OWEN, MONDAY)
    )

    assert item.says(Cap(CapKind.WEEKLY, Decimal(80)))
    assert not item.says(Cap(CapKind.MONTHLY, Decimal(80)))
    assert not item.says(Keep())


def test_an_items_place_is_found_from_its_notice():
    assert place_of("review:search:1763247600:search-ranking") == (
        "review:search:1763247600",
        "search-ranking",
    )
