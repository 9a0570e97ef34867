import pytest

from tests.cli.test_contract import FILE

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-playground",
    "SLACK_APP_TOKEN": "xapp-playground",
    "ADMINS": '["U0SAM"]',
}


@pytest.fixture
def connected(shell, slack):
    shell.env = GOOD | {"SLACK_API_URL": slack}
    shell.runs("contract", "apply", shell.writes("registry.yaml", FILE))
    return shell


def test_a_connected_bot_is_well(connected):
    shown = connected.runs("doctor")

    assert shown.exit_code == 0, shown.output
    for well in ("all that `serve` needs", "scopes", "the bot is in #search", "U0FIN", "0 waiting"):
        assert well in shown.stdout
    assert "✗" not in shown.stdout
    assert "demo" not in shown.stdout


def test_nothing_configured_is_said_line_by_line_and_makes_no_file(shell):
    shown = shell.runs("doctor")

    assert shown.exit_code == 1
    assert "✗ BUDGET_BOT_SLACK_BOT_TOKEN" in shown.stdout
    assert "is not there yet" in shown.stdout
    assert not (shell.folder / "budget-bot.db").exists()
    assert "`budget-bot demo`" in shown.stdout
    assert "“Connect your workspace” in the README" in shown.stdout


def test_a_token_slack_does_not_accept_is_broken(connected):
    connected.env["SLACK_BOT_TOKEN"] = "xoxb-wrong"

    shown = connected.runs("doctor")

    assert shown.exit_code == 1
    assert "Slack does not accept the token" in shown.stdout


def test_where_slack_does_not_answer_the_token_is_not_blamed(connected):
    connected.env["SLACK_API_URL"] = "http://127.0.0.1:9/api/"

    shown = connected.runs("doctor")

    assert shown.stdout.count("Slack does not answer") == 2
    assert "_TOKEN" not in shown.stdout


def test_a_channel_that_is_not_there_is_broken(connected):
    moved = FILE.replace("C0SEARCH", "C0GONE")
    connected.runs("contract", "apply", connected.writes("registry.yaml", moved))

    shown = connected.runs("doctor")

    assert shown.exit_code == 1
    assert "/invite @budget-bot" in shown.stdout


def test_a_database_that_does_not_answer_is_broken(connected):
    connected.env["DATABASE_URL"] = "postgresql://bot:hunter2@127.0.0.1:9/bot"

    shown = connected.runs("doctor")

    assert shown.exit_code == 1
    assert "Look at BUDGET_BOT_DATABASE_URL." in shown.stdout
    assert "hunter2" not in shown.output


def test_a_gateway_that_is_asked_under_another_name_than_it_pushes_with_is_doubtful(shell):
    shell.env |= {"LITELLM_URL": "http://127.0.0.1:9", "LITELLM_KEY": "sk-admin"}
    shell.env["API_KEYS"] = '{"gateway": "a-key-of-24-characters-1"}'

    for words in (("doctor",), ("source", "test", "litellm")):
        told = " ".join(shell.runs(*words).stdout.split())
        assert "! LiteLLM is asked as “litellm”, which no API key is named" in told
        assert "Set BUDGET_BOT_LITELLM_SOURCE to the name of the key" in told

    shell.env["LITELLM_SOURCE"] = "gateway"
    assert "pushes and is asked as “gateway”" in shell.runs("doctor").stdout
