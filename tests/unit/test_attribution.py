from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.attribution import (
    Attribution,
    Candidate,
    Clue,
    Clues,
    Rule,
    Trace,
    exactly,
    values_of,
    whose,
)
from bot.charges import DAY, Charge, utc_day
from bot.refusal import Refusal, TooLate
from bot.rule_changes import (
    MadeChange,
    Reach,
    RuleChange,
    applied,
    in_order,
    moved,
    place_of,
    read_rule,
)
from bot.rule_trials import Alike, Choice, Choices, Edges, Gain, Sum
from bot.tagged import by_tag
from bot.trial_days import AccountDay, DayOnTrial, LinesAlike, Standing
from bot.trying import trial_of
from bot.unclaimed import Nobodys, Registered, findings, resembling
from bot.workflows import Status
from tests.builders import MONDAY, a_team, a_workflow

KNOWN = ("search-ranking", "support-chat")
SHORT = st.text("ab", max_size=2)
PATTERNS = st.text("ab*?", min_size=1, max_size=3)
RULES = st.lists(
    st.builds(Rule, st.sampled_from(Clue), PATTERNS, st.sampled_from([*KNOWN, "gone"])),
    unique_by=lambda rule: rule.id,
    max_size=8,
)
CLUES = st.builds(Clues, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT)
TRACES = st.builds(
    Trace,
    CLUES,
    st.sampled_from(["", "a", *KNOWN]),
    st.tuples(SHORT),
    SHORT,
    SHORT,
)


@given(RULES, TRACES)
def test_the_first_that_fits_wins_a_more_trusted_clue_before_any_other(rules, trace):
    found = whose(Attribution(rules), trace, KNOWN)

    assert found.workflow == _by_hand(rules, trace)


def _by_hand(rules, trace):
    for clue in Clue:
        own = {Clue.TEAM: trace.clues.key_workflow, Clue.DECLARED: trace.declared}.get(clue, "")
        if own in KNOWN:
            return own
        for rule in rules:
            values = [value for value in values_of(clue, trace) if value]
            fits = any(fnmatchcase(value, rule.pattern) for value in values)
            if rule.clue is clue and fits and rule.workflow in KNOWN:
                return rule.workflow
    return ""


@given(PATTERNS | st.text("ab*?[]!", min_size=1, max_size=5), SHORT)
def test_what_a_pattern_matches_holds_its_fragment(pattern, value):
    rule = Rule(Clue.PERSON, pattern, "support-chat")

    assert not rule.matches(Trace(person=value)) or rule.fragment in value


@given(st.text("ab*?[]!", min_size=1, max_size=4), st.text("ab*?[]!", max_size=4))
def test_an_exact_pattern_matches_its_value_and_no_other(value, other):
    rule = Rule(Clue.PERSON, exactly(value), "support-chat")

    assert rule.matches(Trace(person=value))
    assert rule.matches(Trace(person=other)) == (value == other)


@given(RULES, st.lists(TRACES, max_size=6), st.randoms())
def test_whose_a_record_is_does_not_depend_on_what_came_before_it(rules, traces, random):
    one, other = Attribution(rules), Attribution(rules)
    shuffled = random.sample(traces, len(traces))

    first = {trace: whose(one, trace, KNOWN) for trace in traces}

    assert first == {trace: whose(other, trace, KNOWN) for trace in shuffled}


@pytest.mark.parametrize("pattern", ["team:search", "team:*"])
def test_a_tag_that_no_rule_looks_for_is_as_good_as_none(pattern):
    rules = Attribution([Rule(Clue.DECLARED, pattern, "support-chat")])
    plain = rules.candidates(Trace(tags=("team:search",)))

    assert rules.candidates(Trace(tags=("run:1", "team:search", "run:2"))) is plain
    assert [one.workflow for one in plain] == ["support-chat"]


@given(RULES, st.data())
def test_a_change_that_is_taken_back_leaves_the_rules_as_they_were(rules, data):
    rules = in_order(rules)
    new = Rule(data.draw(st.sampled_from(Clue)), "zz", "support-chat")
    befores = [None, *rules]
    before = data.draw(st.sampled_from(befores))
    after = data.draw(st.sampled_from([new, before] if before else [new]))
    after = data.draw(st.sampled_from([after, None])) if before else after
    place = data.draw(st.sampled_from([None, 0, 1, 9]))
    stood = None if before is None else place_of(before, rules)
    made = MadeChange(
        1, before, after, stood, 1, Reach.OPEN, Sum().cost, 0, "U0SAM", MONDAY, "rule:1"
    )

    changed = applied(RuleChange(before, after, place), rules)

    assert applied(made.taken_back, changed) == rules


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (RuleChange(Rule(Clue.KEY, "gone", "a"), None), "changed or removed by somebody else"),
        (RuleChange(Rule(Clue.KEY, "k-*", "b"), None), "changed or removed by somebody else"),
        (RuleChange(None, Rule(Clue.KEY, "k-*", "b")), "already: it leads to a"),
    ],
    ids=["it is gone", "it leads elsewhere", "it was made meanwhile"],
)
def test_the_first_of_two_who_change_a_rule_wins(change, said):
    with pytest.raises(TooLate, match=said):
        applied(change, (Rule(Clue.KEY, "k-*", "a"),))


def test_a_rule_takes_another_place_only_among_those_of_its_clue():
    rules = tuple(Rule(Clue.SERVICE, name, "a") for name in "xyz")
    key = Rule(Clue.KEY, "k", "a")

    moved = applied(RuleChange(rules[2], rules[2], 0), (key, *rules))

    assert moved == (key, rules[2], rules[0], rules[1])


def test_a_rule_moves_one_place_and_no_further_than_its_clue_reaches():
    first, last = (Rule(Clue.SERVICE, name, "a") for name in "xy")
    rules = (Rule(Clue.KEY, "k", "a"), first, last)

    assert moved(first, rules, 1) == RuleChange(first, first, 1)
    assert moved(last, rules, -1) == RuleChange(last, last, 0)
    with pytest.raises(Refusal, match="the first of its kind already"):
        moved(first, rules, -1)
    with pytest.raises(Refusal, match="the last of its kind already"):
        moved(last, rules, 1)


@pytest.mark.parametrize(
    ("clue", "pattern", "workflow", "field"),
    [
        ("colour", "a", "b", "clue"),
        ("key", "", "b", "pattern"),
        ("key", "\u200b", "b", "pattern"),
        ("key", "a\0b", "b", "pattern"),
        ("key", "a\ud800", "b", "pattern"),
        ("key", "a\nb  c", "b", "pattern"),
        ("key", "x" * 201, "b", "pattern"),
        ("key", "a", "", "workflow"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_by_field(clue, pattern, workflow, field):
    with pytest.raises(Refusal) as refused:
        read_rule(clue, pattern, workflow)

    assert refused.value.field == field


EARLIER = datetime(2026, 10, 1, tzinfo=UTC)
MONTH = datetime(2026, 11, 1, tzinfo=UTC)
TODAY = utc_day(MONDAY)
LATER = MONDAY + timedelta(hours=9)
EDGES = Edges(
    MONTH, LATER, dict.fromkeys(("", *KNOWN), MONTH), TODAY, TODAY, leads_to="support-chat"
)


def a_trial(change, *records, rules=(), edges=EDGES, day=None):
    before, after = Attribution(rules), Attribution(applied(change, tuple(rules)))
    choices = Choices(Choice(before, KNOWN), Choice(after, KNOWN), change.after)
    days = {AccountDay("openai", day.day): day} if day else {}
    return trial_of(choices, records, days, edges)


def alike(trace, workflow="", rule="", since=MONTH, usd=1, records=1):
    return Alike(trace, workflow, rule, since, usd * 10**9, records)


KEYED = Trace(Clues(key="k-1"))
NEW = RuleChange(None, Rule(Clue.KEY, "k-*", "support-chat"))


def test_a_trial_adds_up_what_moves_and_how_much_of_it_is_of_this_week_and_day():
    trial = a_trial(NEW, alike(KEYED, usd=3), alike(KEYED, since=MONDAY, usd=2, records=4))

    (move,) = trial.moves
    assert (move.of, move.to, move.whole) == ("", "support-chat", Sum(Decimal(5), 5))
    assert (move.week, move.day, move.closed) == (2, 2, 0)


def test_what_is_closed_stays_unless_somebody_says_so():
    record = alike(KEYED, since=EARLIER)

    assert a_trial(NEW, record).moves == ()
    assert a_trial(NEW, record).left == Sum(Decimal(1), 1)
    closed = replace(EDGES, since=EARLIER)
    (move,) = a_trial(NEW, record, edges=closed).moves
    assert move.closed == 1


def test_what_a_person_booked_is_no_rules_to_move():
    trial = a_trial(NEW, alike(KEYED._replace(source="adjustments"), "", "assigned"))

    assert trial.moves == ()


def a_line(usd, trace=KEYED, *, final=True, lines=1):
    charge = Charge("", "openai", TODAY, TODAY + DAY, Decimal(usd), final)
    return LinesAlike(charge, trace._replace(source="bill/openai"), lines)


def a_day(*lines, seen=(), booked=()):
    stands = [[Standing(key, TODAY, usd * 10**9, 1) for key, usd in one] for one in (seen, booked)]
    return DayOnTrial(TODAY, lines, *stands)


def moved_by(trial):
    return [(move.of, move.to, move.whole) for move in trial.moves]


def test_lines_within_what_nobody_saw_move_with_all_that_hangs_on_them():
    """Named by the bill, a workflow costs what is billed, and its estimates are taken back."""
    seen = [("support-chat", 30), ("search-ranking", 10)]
    day = a_day(a_line(33, lines=2), a_line(12, Trace()), seen=seen, booked=[("~unmetered", 5)])

    trial = a_trial(NEW, day=day)

    assert moved_by(trial) == [("~unmetered", "support-chat", Sum(Decimal(3), lines=2))]
    assert trial.gain == Gain(Decimal(3), Decimal(3), Decimal(3))


def test_a_line_cheaper_than_what_was_seen_gives_the_rest_back():
    day = a_day(a_line(20), seen=[("support-chat", 30)], booked=[("~unmetered", -10)])

    trial = a_trial(NEW, day=day)

    assert moved_by(trial) == [("support-chat", "~unmetered", Sum(Decimal(10), lines=1))]


def test_a_record_of_a_workflow_that_the_bill_names_moves_and_the_bill_stands():
    named = Rule(Clue.PROJECT, "p", "support-chat")
    line = a_line(12, Trace(Clues(project="p")))
    record = alike(KEYED, since=TODAY, usd=4)._replace(day=AccountDay("openai", TODAY))
    day = a_day(line, seen=[("", 4)], booked=[("support-chat", 12), ("~unmetered", -4)])

    trial = a_trial(NEW, record, rules=(named,), day=day)

    assert moved_by(trial) == [
        ("", "~unmetered", Sum(Decimal(4))),
        ("", "support-chat", Sum(records=1)),
    ]
    assert trial.gain == Gain()


def test_a_line_that_stands_where_it_would_go_is_not_said_to_move():
    day = a_day(a_line(12), booked=[("support-chat", 12)])

    assert a_trial(NEW, day=day).moves == ()


@pytest.mark.parametrize(("final", "said"), [(True, 1), (False, 0)])
def test_lines_that_a_more_trusted_rule_keeps_are_said_where_the_bill_counts(final, said):
    keyed = Rule(Clue.KEY, "k-1", "search-ranking")
    change = RuleChange(None, Rule(Clue.SOURCE, "bill/openai", "support-chat"))
    day = a_day(a_line(12, final=final), seen=[("search-ranking", 3)])

    trial = a_trial(change, rules=(keyed,), day=day)

    kept = (Candidate("search-ranking", "key:k-1"), Sum(Decimal(12), lines=1))
    assert trial.elsewhere == (kept,) * said
    assert trial.moves == ()


def test_of_a_day_that_is_not_settled_only_records_move():
    record = alike(KEYED, since=TODAY, usd=4)._replace(day=AccountDay("openai", TODAY))
    day = a_day(a_line(20, final=False), seen=[("", 4)])

    assert moved_by(a_trial(NEW, record, day=day)) == [
        ("", "support-chat", Sum(Decimal(4), records=1))
    ]


def test_a_bill_that_has_changed_meanwhile_is_not_this_changes_doing():
    day = a_day(a_line(20), booked=[("", 7)])

    assert moved_by(a_trial(NEW, day=day)) == [("", "support-chat", Sum(Decimal(20), lines=1))]


@given(RULES, st.lists(TRACES, max_size=8), st.data())
def test_what_a_trial_says_is_what_attributing_everything_anew_comes_to(rules, traces, data):
    rules = in_order(rules)
    new = Rule(data.draw(st.sampled_from(Clue)), "a*z", "support-chat")
    before, after = Attribution(rules), Attribution(applied(RuleChange(None, new), rules))
    records = [alike(trace, whose(before, trace, KNOWN).workflow) for trace in traces]

    trial = a_trial(RuleChange(None, new), *records, rules=rules)

    gains = dict.fromkeys(("", *KNOWN), 0)
    for record in records:
        gains[record.workflow] -= 1
        gains[whose(after, record.trace, KNOWN).workflow] += 1
    moved = dict.fromkeys(gains, 0)
    for move in trial.moves:
        moved[move.of] -= move.whole.records
        moved[move.to] += move.whole.records
    assert moved == gains
    assert trial.besides == Sum()


RANKING, CHAT = a_workflow(), a_workflow(key="support-chat", name="Support chat", owner="U0LEE")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("search-ranking", "search-ranking"),
        ("Search Ranking", "search-ranking"),
        ("prod-search-ranking-eu", "search-ranking"),
        ("serach-ranking", "search-ranking"),
        ("acme/support-chat", "support-chat"),
        ("chat", "support-chat"),
        ("a", None),
        ("", None),
        ("billing", None),
    ],
)
def test_a_name_resembles_one_workflow_or_none(name, key):
    found = resembling(name, [RANKING, CHAT])

    assert (found and found.key) == key


def test_two_that_fit_alike_are_no_suggestion():
    assert resembling("search", [RANKING, a_workflow(key="search-ads", name="Ads")]) is None


def suggestions(trace, *workflows):
    registered = Registered(workflows or (RANKING, CHAT), (a_team(),))
    found = findings([Nobodys(trace, 10**9, 1)], registered)
    return {
        one.clue: one.suggestion and (one.suggestion.rule.workflow, one.suggestion.why)
        for one in found
    }


def test_a_key_is_given_to_whom_its_name_or_its_calls_resemble():
    named = Trace(Clues(key="sk-1", key_name="support-chat-prod"))
    calling = Trace(Clues(key="sk-1", service="search-ranking"))

    assert suggestions(named)[Clue.KEY] == ("support-chat", "since the key's name resembles it")
    assert suggestions(calling)[Clue.KEY][0] == "search-ranking"


def test_a_person_is_given_the_only_workflow_they_answer_for():
    assert suggestions(Trace(person="U0LEE"))[Clue.PERSON] == (
        "support-chat",
        "the only workflow they answer for",
    )
    assert suggestions(Trace(person="kim"))[Clue.PERSON] is None


def test_the_only_workflow_of_a_gateways_team_is_suggested():
    trace = Trace(Clues(key="sk-1", team="Search"))
    retired = a_workflow(key="old", status=Status.RETIRED)

    assert suggestions(trace, RANKING, retired)[Clue.KEY] == (
        "search-ranking",
        "the only workflow of its team",
    )
    assert suggestions(trace)[Clue.KEY] is None


def test_the_dearest_stand_first_under_the_most_trusted_clue():
    records = [
        Nobodys(Trace(Clues(key="k-1", project="p")), 10**9, 1),
        Nobodys(Trace(Clues(key="k-2", project="p")), 2 * 10**9, 3),
    ]

    found = findings(records, Registered((), ()))

    assert [(one.clue, one.value, one.whole) for one in found] == [
        (Clue.KEY, "k-2", Sum(Decimal(2), 3)),
        (Clue.KEY, "k-1", Sum(Decimal(1), 1)),
        (Clue.PROJECT, "p", Sum(Decimal(3), 4)),
    ]


def test_what_carries_a_tag_is_added_up_once_and_the_dearest_stands_first():
    records = [
        Nobodys(Trace(tags=("squad:blue", "squad:blue", "env:prod", "")), 10**9, 1),
        Nobodys(Trace(declared="other", tags=("squad:blue",)), 2 * 10**9, 3),
    ]

    found = by_tag(records, 9)

    assert [(one.trace.tags, one.nanos, one.records) for one in found.records] == [
        (("squad:blue",), 3 * 10**9, 4),
        (("env:prod",), 10**9, 1),
    ]
    assert not found.partial
    assert by_tag(records, 1) == (found.records[:1], True)


@pytest.mark.parametrize("tag", ["ranking", "workflow:ranking", "X-Workflow-Id: ranking"])
def test_a_tag_that_only_says_the_declared_name_again_is_not_told_apart(tag):
    trace = Trace(declared="ranking", tags=(tag, "squad:ranking"))

    found = by_tag([Nobodys(trace, 10**9, 1)], 9)

    assert [one.trace.tags for one in found.records] == [("squad:ranking",)]


@pytest.mark.parametrize("tag", ["workflow:chat", "support-chat", "env/support-chat"])
def test_a_tag_is_given_to_what_it_resembles(tag):
    assert suggestions(Trace(tags=(tag,)))[Clue.DECLARED] == (
        "support-chat",
        "since its name resembles it",
    )
    assert suggestions(Trace(tags=("squad:blue",)))[Clue.DECLARED] is None
