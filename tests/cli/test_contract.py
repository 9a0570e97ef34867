import pytest

FILE = """\
version: 1
finance: [U0FIN]
policy: {timezone: Europe/Berlin}
teams:
  - {key: search, name: Search, channel: C0SEARCH, approver: U0ANA}
workflows:
  - key: search-ranking
    name: Search ranking
    team: search
    owner: U0OWEN
    weekly_cap: 250
    monthly_cap: 900
    review_date: 2026-12-07
    status: active
"""
BOT = {"SLACK_BOT_TOKEN": "xoxb-playground"}


@pytest.fixture
def file(shell):
    return shell.writes("registry.yaml", FILE)


def test_a_plan_says_what_would_change_and_changes_nothing(shell, file):
    first = shell.runs("contract", "plan", file)
    again = shell.runs("contract", "plan", file)

    assert first.exit_code == 0
    assert "+ search-ranking  Search ranking, team_tool, team search, active" in first.stdout
    assert "2 new, 1 changed" in first.stdout
    assert again.stdout == first.stdout


def test_applying_twice_is_nothing_to_do(shell, file):
    first = shell.runs("contract", "apply", file)
    second = shell.runs("contract", "apply", file)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.endswith("Applied.\n")
    assert second.stdout == "Nothing to do: the database is what the file says.\n"


def test_a_changed_cap_is_one_line(shell, file):
    shell.runs("contract", "apply", file)
    shell.writes("registry.yaml", FILE.replace("250", '"300.50"'))

    plan = shell.runs("contract", "plan", file)

    assert "~ search-ranking  weekly_cap  250 → 300.50" in plan.stdout


def test_the_exit_code_tells_a_pipeline_that_something_would_change(shell, file):
    assert shell.runs("contract", "plan", file, "--exit-code").exit_code == 2
    shell.runs("contract", "apply", file)
    assert shell.runs("contract", "plan", file, "--exit-code").exit_code == 0


def test_an_export_is_a_file_against_which_nothing_is_to_do(shell, file):
    shell.runs("contract", "apply", file)

    written = shell.runs("contract", "export", "copy.yaml")
    shown = shell.runs("contract", "export")
    plan = shell.runs("contract", "plan", "copy.yaml", "--exit-code")

    assert (written.exit_code, plan.exit_code) == (0, 0)
    assert (shell.folder / "copy.yaml").read_text() == shown.stdout


def test_an_export_does_not_write_over_a_file_unless_told(shell, file):
    refused = shell.runs("contract", "export", file)

    assert refused.exit_code == 1
    assert "registry.yaml is there already" in refused.stderr
    assert file.read_text() == FILE
    assert shell.runs("contract", "export", file, "--force").exit_code == 0


def test_a_bad_file_is_refused_whole_with_every_line_and_reason(shell):
    bad = shell.writes("bad.yaml", FILE.replace("250", "1_000").replace("owner", "ownr"))

    refused = shell.runs("contract", "apply", bad)

    assert refused.exit_code == 1
    assert refused.stderr == (
        "The file is refused whole: 2 problems.\n"
        "  line 10, column 5: workflows.search-ranking: “ownr” is no key here; "
        "did you mean owner?\n"
        "  line 11, column 17: workflows.search-ranking.weekly_cap: “1_000” is no amount: "
        "write it like 250 or 250.50\n"
    )
    assert "Nothing" not in shell.runs("contract", "plan", shell.writes("ok.yaml", FILE)).stdout


READERS = ("contract plan --exit-code", "contract apply", "demo --usage")
IMPORTS = ("import", "import --dry-run")
MISSING = ("nowhere", "nowhere cannot be read: No such file or directory.\n")


@pytest.mark.parametrize(
    ("command", "name", "said"),
    [
        *((command, *MISSING) for command in (*READERS, *IMPORTS)),
        *((command, ".", ". cannot be read: Is a directory.\n") for command in READERS),
        *((command, ".", "There is no CSV or Parquet file in ..\n") for command in IMPORTS),
    ],
)
def test_a_file_that_cannot_be_read_is_a_failure_not_a_change(
    shell, command, name, said, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    refused = shell.runs(*command.split(), name)

    assert refused.exit_code == 1
    assert refused.stderr == said


def test_people_and_channels_are_found_in_slack_by_address_and_name(shell, slack):
    shell.env = BOT | {"SLACK_API_URL": slack}
    named = FILE.replace("U0OWEN", "Owen@acme.test").replace("C0SEARCH", "'#search'")
    shell.runs("contract", "apply", shell.writes("ids.yaml", FILE))

    plan = shell.runs("contract", "plan", shell.writes("names.yaml", named), "--exit-code")

    assert plan.exit_code == 0, plan.output


def test_whom_slack_does_not_know_is_named_with_the_line(shell, slack):
    shell.env = BOT | {"SLACK_API_URL": slack}
    named = (
        FILE.replace("U0OWEN", "nobody@acme.test")
        .replace("U0ANA", "gil@acme.test")
        .replace("C0SEARCH", "'#nowhere'")
    )

    refused = shell.runs("contract", "plan", shell.writes("names.yaml", named))

    assert refused.exit_code == 1
    for line in (
        "line 5, column 42: teams.search.channel: #nowhere is no channel the bot can see",
        "teams.search.approver: gil@acme.test belongs to a guest",
        "line 10, column 12: workflows.search-ranking.owner: nobody@acme.test belongs to nobody",
    ):
        assert line in refused.stderr


def test_an_id_of_a_guest_or_of_nobody_is_refused_like_an_address(shell, slack):
    shell.env = BOT | {"SLACK_API_URL": slack}
    named = FILE.replace("U0OWEN", "U0GUEST").replace("U0ANA", "U0NOBODY").replace("U0FIN", "U0BOT")

    refused = shell.runs("contract", "apply", shell.writes("ids.yaml", named))

    assert refused.exit_code == 1
    for line in (
        "line 2, column 11: finance.1: U0BOT belongs to a guest, a bot",
        "teams.search.approver: U0NOBODY belongs to nobody",
        "line 10, column 12: workflows.search-ranking.owner: U0GUEST belongs to a guest",
    ):
        assert line in refused.stderr


def test_without_a_token_addresses_are_refused_and_say_what_to_do(shell):
    named = shell.writes("names.yaml", FILE.replace("U0OWEN", "owen@acme.test"))

    refused = shell.runs("contract", "plan", named)

    assert "line 10, column 12" in refused.stderr
    assert "set BUDGET_BOT_SLACK_BOT_TOKEN" in refused.stderr


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        pytest.param({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "does not accept the token", id="token"),
        pytest.param(
            BOT | {"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "does not answer", id="nobody there"
        ),
    ],
)
def test_a_slack_that_cannot_be_asked_is_said_in_one_block(shell, slack, env, reason):
    shell.env = {"SLACK_API_URL": slack} | env
    named = shell.writes("names.yaml", FILE.replace("U0OWEN", "owen@acme.test"))

    refused = shell.runs("contract", "plan", named)

    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert "Traceback" not in refused.output


def test_bad_settings_are_said_before_anything_else(shell, file):
    shell.env = {"PORT": "x", "ADMINS": "U0SAM"}

    refused = shell.runs("contract", "apply", file)

    assert refused.exit_code == 1
    assert "BUDGET_BOT_PORT" in refused.stderr
    assert "BUDGET_BOT_ADMINS" in refused.stderr
    assert not (shell.folder / "budget-bot.db").exists()


def test_a_database_that_does_not_answer_is_said_without_its_password(shell, file):
    shell.env = {"DATABASE_URL": "postgresql://bot:hunter2@127.0.0.1:9/bot"}

    refused = shell.runs("contract", "plan", file)

    assert refused.exit_code == 1
    assert "The database does not answer" in refused.stderr
    assert "hunter2" not in refused.output
    assert "Traceback" not in refused.output


def test_ids_of_people_do_not_wait_for_slack(shell, file):
    shell.env = BOT | {"SLACK_API_URL": "http://127.0.0.1:9/api/"}

    applied = shell.runs("contract", "apply", file)

    assert applied.exit_code == 0
    assert "taken as they are" in applied.stderr
