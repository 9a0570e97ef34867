import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from storage.schema import head

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "serve",
    "demo",
    "migrate",
    "import",
    "contract export",
    "contract plan",
    "contract apply",
    "manifest",
    "doctor",
    "version",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_to_copy(shell, command):
    shown = shell.runs(*command.split(), "--help")

    assert shown.exit_code == 0
    assert f"Example:  budget-bot {command}" in shown.stdout.replace(
        "Example: ", "Example:  "
    ).replace("   ", "  ")


def test_a_misspelt_command_is_answered_with_the_one_that_is_meant(shell):
    answer = shell.runs("contrct")

    assert answer.exit_code == 2
    assert "Did you mean 'contract'?" in answer.output


def test_ctrl_c_while_the_command_loads_ends_it_without_a_word(tmp_path):
    # The first module that loading asks for never comes: a person who has lost patience.
    (tmp_path / "typer.py").write_text(
        "print('loading', flush=True)\nimport time\ntime.sleep(60)\n"
    )
    # Whoever starts a program in the background has it ignore Ctrl-C; a terminal does not.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = f"{heard}; from handlers.cli import main; main()"
    loading = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", start, "version"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert loading.stdout is not None
    loading.stdout.readline()
    loading.send_signal(signal.SIGINT)
    said = loading.communicate(timeout=30)

    assert (loading.returncode, said) == (130, ("", ""))


def test_migrating_says_from_where_to_where(shell):
    first = shell.runs("migrate")
    second = shell.runs("migrate")

    assert first.stdout == f"Migrated from an empty database to revision {head()}.\n"
    assert second.stdout == f"Nothing to do: the database is at revision {head()}.\n"


def test_the_version_names_what_it_stands_on(shell):
    shown = shell.runs("version")

    for part in ("budget-bot", f"schema     {head()}", "Python     3.", "SQLite     3."):
        assert part in shown.stdout


def test_serving_without_a_way_to_slack_says_everything_that_is_missing(shell):
    refused = shell.runs("serve")

    assert refused.exit_code == 1
    assert "BUDGET_BOT_SLACK_BOT_TOKEN" in refused.stderr
    assert "BUDGET_BOT_SLACK_SIGNING_SECRET" in refused.stderr
    assert not (shell.folder / "budget-bot.db").exists()


@pytest.mark.parametrize("command", ["serve", "doctor", "migrate"])
def test_a_misspelt_variable_is_warned_about_also_where_another_is_wrong(shell, command):
    shell.env = {"PRT": "8300", "PORT": "abc"}

    refused = shell.runs(command)

    assert refused.exit_code == 1
    assert "BUDGET_BOT_PRT is not read by budget-bot; did you mean BUDGET_BOT_PORT?" in (
        refused.stderr
    )
    assert "BUDGET_BOT_PORT: write a number from 0 to 65535" in refused.stderr


@pytest.mark.parametrize("command", ["serve", "migrate", "contract export"])
def test_a_database_that_does_not_answer_is_said_without_a_traceback(shell, command):
    shell.env = {
        "SLACK_BOT_TOKEN": "xoxb-playground",
        "SLACK_APP_TOKEN": "xapp-playground",
        "DATABASE_URL": "postgresql://bot:hunter2@127.0.0.1:9/bot",
    }

    refused = shell.runs(*command.split())

    assert refused.exit_code == 1
    assert refused.stderr.startswith("The database does not answer.")
    assert "hunter2" not in refused.output


def test_a_misspelt_variable_is_warned_about(shell):
    shell.env = {"PROT": "8300"}

    shown = shell.runs("migrate")

    assert shown.exit_code == 0
    assert "did you mean BUDGET_BOT_PORT?" in shown.stderr


def test_the_manifest_for_socket_mode_has_no_address(shell):
    shown = YAML(typ="safe").load(shell.runs("manifest").stdout)

    assert shown["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in shown["settings"]["interactivity"]


def test_the_manifest_for_http_has_the_address_everywhere(shell):
    shown = shell.runs("manifest", "--url", "https://budget.example.com/")
    read = YAML(typ="safe").load(shown.stdout)

    events = "https://budget.example.com/slack/events"
    assert read["settings"]["socket_mode_enabled"] is False
    assert read["settings"]["event_subscriptions"]["request_url"] == events
    assert read["settings"]["interactivity"]["request_url"] == events
    assert read["features"]["slash_commands"][0]["url"] == events
    assert (
        read["oauth_config"] == YAML(typ="safe").load(shell.runs("manifest").stdout)["oauth_config"]
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://budget.example.com",
        "budget.example.com",
        "https://",
        "https://budget.example.com/slack",
        "https://budget.example.com?x=1",
        "https://me@budget.example.com",
        "https://budget.example.com:99999",
        "https://[",
    ],
)
def test_an_address_slack_could_not_post_to_is_refused(shell, url):
    refused = shell.runs("manifest", "--url", url)

    assert refused.exit_code == 1
    assert "no address Slack can post to" in refused.stderr
