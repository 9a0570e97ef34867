"""Bills by other rules: what goes from whom to whom is what figures gain and lose."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.attribution import UNATTRIBUTED, Attribution, Clue, Clues, Rule, Trace
from bot.charges import Charge
from bot.money import from_nanos, to_nanos
from bot.rule_changes import RuleChange, applied
from bot.rule_trials import Choice, Choices, Edges
from bot.trial_days import AccountDay, DayOnTrial, LinesAlike, Standing, cut, resettled
from bot.trying import trial_of

TODAY = datetime(2026, 11, 16, tzinfo=UTC)
NOW = TODAY + timedelta(days=2)
KNOWN = ("search", "triage")
# The month, the week and the day of the workflow all begin within the day.
EDGES = Edges(
    TODAY - timedelta(days=30),
    NOW,
    dict.fromkeys(("", *KNOWN), TODAY + timedelta(hours=5)),
    TODAY + timedelta(hours=9),
    TODAY + timedelta(hours=15),
    leads_to="search",
)
CUTS = cut(TODAY, EDGES.all(), NOW)
BEFORE = (Rule(Clue.KEY, "k-1", "triage"),)
NEW = RuleChange(None, Rule(Clue.PROJECT, "p", "search"))
OLD = RuleChange(Rule(Clue.KEY, "k-1", "search"), None)
TRACES = st.sampled_from(
    [Trace(Clues(key=key, project=project)) for key in ("", "k-1") for project in ("", "p")]
)


@st.composite
def lines(draw):
    hours = sorted(draw(st.sets(st.integers(0, 24), min_size=2, max_size=2)))
    start, end = (TODAY + timedelta(hours=one) for one in hours)
    cost = from_nanos(draw(st.integers(-(10**3), 10**10)))
    charge = Charge("", "openai", start, end, cost, final=True)
    return LinesAlike(charge, draw(TRACES), 1)


def standing():
    held = st.tuples(st.sampled_from(("", *KNOWN)), st.sampled_from(CUTS), st.integers(0, 10**10))
    return st.lists(held, max_size=4).map(
        lambda all_of_it: [Standing(key, one.start, nanos, 1) for key, one, nanos in all_of_it]
    )


DAYS = st.builds(DayOnTrial, st.just(TODAY), st.lists(lines(), min_size=1), standing(), st.just(()))


def by(change, before):
    after = Attribution(applied(change, before))
    return Choices(Choice(Attribution(before), KNOWN), Choice(after, KNOWN), change.after)


def flows(trial, name):
    """By workflow: what comes less what goes."""
    found = Counter[str]()
    for move in trial.moves:
        nanos = to_nanos(move.whole.cost if name == "whole" else getattr(move, name))
        found[move.of] -= nanos
        found[move.to] += nanos
    return found


def gained(day, choices):
    pairs = [choices.of(one.trace) for one in day.lines]
    whose = [was.workflow for was, _ in pairs], [becomes.workflow for _, becomes in pairs]
    came_to = resettled(day, whose, (), CUTS)
    assert came_to is not None
    return came_to.gained if any(was != becomes for was, becomes in pairs) else {}


CHANGES = st.sampled_from([(NEW, BEFORE), (OLD, (OLD.before,))])


@given(DAYS, CHANGES)
def test_moves_add_up_to_what_each_workflow_gains(day, tried):
    choices = by(*tried)

    trial = trial_of(choices, (), {AccountDay("openai", TODAY): day}, EDGES)

    sums = Counter[str]()
    for (workflow, _), nanos in gained(day, choices).items():
        sums[workflow] += nanos
    moved = flows(trial, "whole")
    assert {key: moved[key] for key in sums} == sums
    assert all(moved[key] == sums[key] for key in (*KNOWN, UNATTRIBUTED))


@given(DAYS, CHANGES)
def test_parts_of_moves_are_what_it_gains_in_its_running_periods(day, tried):
    """Floored in each stretch, for each of those it gives to or has from: some nano-dollars."""
    trial = trial_of(by(*tried), (), {AccountDay("openai", TODAY): day}, EDGES)

    if flows(trial, "whole")["search"]:
        for name in ("week", "day"):
            said = flows(trial, name)["search"]
            assert abs(said - to_nanos(getattr(trial.gain, name))) <= len(CUTS) * 4
