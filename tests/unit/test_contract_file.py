from datetime import date
from decimal import Decimal

import pytest

from bot.addresses import Directory
from bot.contract import BadContract, Contract
from bot.periods import WeekStart
from bot.policy import WeeklyMoment
from bot.workflows import Enforcement, Kind, Purpose, Status, SuccessMetric, Tier
from handlers.files.contract import read_document
from handlers.files.nodes import compose

SAMPLE = """\
version: 1
finance: [U0FIN]
admin_channel: C0OPS
policy: {timezone: Europe/Berlin, week_start: sunday, review_at: "Tue 08:30", finance_over: 500.50,
  request_expires_hours: 72, thresholds: [90, 75]}
teams:
  - {key: search, name: Search, channel: C0SEARCH, approver: U0ANA, business_unit: Product}
workflows:
  - key: search-ranking
    name: Search ranking
    team: search
    owner: U0OWEN
    backup: U0MIA
    class: production
    tool: Claude Code
    purpose: coding
    weekly_cap: 250
    monthly_cap: "900.25"
    soft_limit: 80
    hard_limit: 110
    tier: standard
    escalation_tier: premium
    success_metric: {name: accepted pull requests, target: 40, value_per_unit: 35}
    review_date: 2026-12-07
    exception_rule: Only for a customer-facing incident.
    enforcement: alert
    thresholds: [75, 90, 100]
    status: active
"""


def read(text: str | bytes, directory: Directory | None = None) -> Contract:
    content = text.encode() if isinstance(text, str) else text
    return read_document(compose(content), directory or Directory())


def refused(text: str | bytes) -> list[str]:
    try:
        contract = read(text)
    except BadContract as bad:
        return [str(problem) for problem in bad.problems]
    return [str(problem) for problem in sorted(contract.problems)]


def with_workflow(*lines: str) -> str:
    """The given lines are 5, 6, …"""
    head = "version: 1\nworkflows:\n  - key: ranking\n    name: Ranking\n"
    return head + "".join(f"    {line}\n" for line in ("team: search", *lines))


def test_the_sample_organisation_is_read_to_the_last_field():
    contract = read(SAMPLE)

    assert contract.problems == ()
    policy = contract.organisation["policy"]
    assert (policy.timezone, policy.week_start) == ("Europe/Berlin", WeekStart.SUNDAY)
    assert f"{policy.review_at}" == "Tue 08:30"
    assert policy.finance_over == Decimal("500.50")
    assert policy.thresholds == (75, 90)
    assert contract.organisation["finance"] == ("U0FIN",)
    assert contract.organisation["admin_channel"] == "C0OPS"


def test_the_sample_team_and_workflow_are_read_to_the_last_field():
    contract = read(SAMPLE)

    (team,) = contract.teams
    assert (team.key, team.approver, team.timezone) == ("search", "U0ANA", None)
    (entry,) = contract.entries
    workflow = entry.workflow
    assert (workflow.owner, workflow.backup) == ("U0OWEN", "U0MIA")
    assert (workflow.kind, workflow.purpose) == (Kind.PRODUCTION, Purpose.CODING)
    assert (workflow.caps.weekly, workflow.caps.monthly) == (Decimal(250), Decimal("900.25"))
    assert (workflow.soft_limit, workflow.hard_limit) == (80, 110)
    assert (workflow.tier, workflow.escalation_tier) == (Tier.STANDARD, Tier.PREMIUM)
    assert workflow.success_metric == SuccessMetric(
        "accepted pull requests", Decimal(40), Decimal(35)
    )
    assert workflow.review_date == date(2026, 12, 7)
    assert workflow.enforcement is Enforcement.ALERT
    assert workflow.thresholds == (75, 90, 100)
    assert entry.status is Status.ACTIVE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\tb: 1\n", "line 2, column 1: There is a tab: indent with spaces."),
        ("a: @b\n", "line 1, column 4: A value cannot begin with this sign: put it in quotes."),
        ("a: b: c\n", "line 1, column 5: There is a colon too many, or the line is indented"),
        ("a:\n  b: 1\n c: 2\n", "line 3, column 2: This does not fit the lines above: look at"),
        ("a: [1, 2\nb: 3\n", "line 2, column 2: A comma is missing, or a bracket is not closed."),
        ('a: "b\n', "line 2, column 1: A quote is never closed."),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: A second document begins here: write only one."),
    ],
)
def test_what_is_no_yaml_is_said_in_plain_words(text, said):
    (problem,) = refused(text)

    assert problem.startswith(said)


def test_sections_that_are_not_there_are_left_alone():
    contract = read("version: 1\nfinance: []\n")

    assert contract.organisation == {"finance": ()}


def test_a_policy_that_says_little_takes_the_defaults_for_the_rest():
    policy = read("version: 1\npolicy: {timezone: Asia/Tokyo}\n").organisation["policy"]

    assert policy.review_at == WeeklyMoment()
    assert policy.thresholds == (75, 90, 100)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("weekly_cap: 1_000", "no amount", id="an underscore"),
        pytest.param("weekly_cap: 1e3", "no amount", id="an exponent"),
        pytest.param("weekly_cap: 0x10", "no amount", id="hexadecimal"),
        pytest.param("weekly_cap: 0250", "no amount", id="an octal to some"),
        pytest.param("weekly_cap: -5", "no amount", id="negative"),
        pytest.param("weekly_cap: .inf", "no amount", id="infinite"),
        pytest.param("weekly_cap: ٢٥٠", "no amount", id="other digits"),
        pytest.param('weekly_cap: "1,250"', "no amount", id="a comma"),
        pytest.param("weekly_cap: 250.0000000001", "no amount", id="below a nano-dollar"),
        pytest.param("weekly_cap: 1000000001", "the largest amount", id="absurd"),
        pytest.param("weekly_cap: [250]", "takes one value", id="a list"),
        pytest.param("weekly_cap: {a: 1}", "takes one value", id="a mapping"),
        pytest.param("soft_limit: 90.0", "no whole number", id="a fraction"),
        pytest.param("soft_limit: 90%", "no whole number", id="a sign"),
        pytest.param("class: prod", "none of experiment, team_tool, production", id="a class"),
        pytest.param("purpose: fun", "none of research", id="a purpose"),
        pytest.param("tier: gold", "none of cheap, standard, premium", id="a tier"),
        pytest.param("status: on", "none of proposed, active", id="a status"),
        pytest.param("enforcement: deny", "none of alert, downgrade, block", id="enforcement"),
        pytest.param("review_date: 7.12.2026", "no date", id="a German date"),
        pytest.param("review_date: 2026-02-30", "no date", id="no such day"),
        pytest.param("review_date: 20261207", "no date", id="a date without dashes"),
        pytest.param("owner: owen", "no person", id="a bare name"),
        pytest.param("owner: C0SEARCH", "no person", id="a channel"),
        pytest.param("owner: owen@acme.test", "looked up in Slack", id="an e-mail, no token"),
        pytest.param("channel: search", "no channel", id="a name without #"),
        pytest.param("channel: '#search'", "looked up in Slack", id="a #name, no token"),
        pytest.param("channel: #search", "write a #name in quotes", id="a #name, unquoted"),
        pytest.param("thresholds: []", "at least one", id="no thresholds"),
        pytest.param("thresholds: [0]", "from 1 to 1000", id="a threshold of nothing"),
        pytest.param("thresholds: 75", "takes a list", id="thresholds without a list"),
        pytest.param("success_metric: PRs", "takes keys and values", id="a bare metric"),
        pytest.param("success_metric: {target: 1}", "name is missing", id="a nameless metric"),
        pytest.param("wekly_cap: 5", "did you mean weekly_cap?", id="a misspelt key"),
        pytest.param('tool: "a\\0b"', "no text", id="a NUL"),
        pytest.param('tool: "\\ud800"', "no text", id="half a character"),
        pytest.param("team: growth", "is there twice; first on line 5", id="a key twice"),
    ],
)
def test_a_wrong_value_is_refused_on_its_line_with_its_reason(line, reason):
    (problem,) = refused(with_workflow(line))

    assert problem.startswith("line 6, column ")
    assert reason in problem


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        pytest.param("timezone: CEST", "no time zone", id="a zone"),
        pytest.param("week_start: friday", "none of monday, sunday", id="a week start"),
        pytest.param("review_at: 9am", "no weekday and time", id="a moment"),
        pytest.param("request_expires_hours: 0", "1 to 2160", id="no hours"),
        pytest.param("finance_over: lots", "no amount", id="an amount"),
    ],
)
def test_a_wrong_policy_is_refused(policy, reason):
    (problem,) = refused(f"version: 1\npolicy: {{{policy}}}\n")

    assert reason in problem


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param("# only words\n", "empty", id="a comment"),
        pytest.param("[1]", "takes keys and values", id="a list"),
        pytest.param("a: [", "line 1, column 5", id="broken YAML"),
        pytest.param("version: 1\n---\nversion: 1", "second document", id="two documents"),
        pytest.param("version: 2", "reads version 1", id="a newer version"),
        pytest.param("finance: []", "version is missing", id="no version"),
        pytest.param("version: 1\nfoo: !!python/name:os.system 1", "Tags", id="a tag"),
        pytest.param(b"version: 1\nteams: \xff", "line 2, column 1: The file is not UTF-8", id="x"),
        pytest.param("version: 1\n# \x07", "line 2, column 3: There is a control", id="a bell"),
        pytest.param("[" * 800, "nested too deeply", id="nested"),
        pytest.param(b" " * 5_000_001, "5 MB", id="huge"),
    ],
)
def test_what_is_no_contract_file_is_refused(content, reason):
    assert any(reason in problem for problem in refused(content))


def test_every_problem_is_named_not_only_the_first():
    problems = refused(
        "version: 1\nfinance: [me, you]\nteams:\n  - {key: Search!}\n"
        "  - {key: growth, name: Growth, channel: C0G}\n"
        "  - {key: growth, name: Growth, channel: C0G}\n"
        "workflows:\n  - {name: x, weekly_cap: a, owner: b}\n"
    )

    assert [problem.split(",")[0] for problem in problems] == [
        "line 2",
        "line 2",
        "line 4",
        "line 4",
        "line 4",
        "line 6",
        "line 8",
        "line 8",
        "line 8",
        "line 8",
    ]


def test_people_and_channels_are_what_slack_says_they_are():
    directory = Directory({"owen@acme.test": "U0OWEN", "#search": "C0SEARCH"})
    text = with_workflow("owner: Owen@acme.test", "channel: '#search'")

    contract = read(text, directory)

    (entry,) = contract.entries
    assert (entry.workflow.owner, entry.workflow.channel) == ("U0OWEN", "C0SEARCH")
    assert contract.wanted == {"owen@acme.test", "#search"}


def test_all_addresses_are_wanted_at_once():
    contract = read(
        "version: 1\nfinance: [a@x.test, b@x.test]\nadmin_channel: '#ops'\n"
        "teams:\n  - {key: s, name: S, channel: '#s', approver: c@x.test}\n"
    )

    assert contract.wanted == {"a@x.test", "b@x.test", "c@x.test", "#ops", "#s"}


def test_an_anchor_says_once_what_several_workflows_share():
    contract = read(
        "version: 1\nworkflows:\n"
        "  - &first {key: a, name: A, team: s, weekly_cap: 5, tier: cheap}\n"
        "  - {<<: *first, key: b, weekly_cap: 6}\n"
    )

    second = contract.entries[1].workflow
    assert contract.problems == ()
    assert (second.key, second.name, second.tier) == ("b", "A", Tier.CHEAP)
    assert second.caps.weekly == 6


def test_a_file_that_explodes_when_its_aliases_are_followed_is_refused():
    levels = ["a0: &a0 {x: 1}"]
    levels += [f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 90)}]}}" for n in range(1, 9)]
    bomb = "version: 1\n" + "\n".join(levels) + "\npolicy: *a8\n"

    assert any("expand to too much" in problem for problem in refused(bomb))


def test_an_alias_of_itself_is_refused():
    assert any("merges too deeply" in p for p in refused("version: 1\npolicy: &a {<<: *a}\n"))
