from pathlib import Path

import pytest

from handlers.settings import BadSettings, ServeSettings, Settings, read_settings, unknown_variables

SECRET = "xoxb-very-secret-token"


def written(folder: Path, **variables: str) -> Path:
    file = folder / ".env"
    file.write_text("".join(f"BUDGET_BOT_{name}='{value}'\n" for name, value in variables.items()))
    return file


def problems(kind: type[Settings], file: Path) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as refused:
        read_settings(kind, file)
    return refused.value.problems


def test_nothing_configured_is_enough_for_what_needs_no_slack(tmp_path):
    settings = read_settings(Settings, tmp_path / ".env")

    assert settings.database_url == "sqlite:///budget-bot.db"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert (settings.host, settings.port) == ("127.0.0.1", 8300)


def test_everything_that_is_wrong_is_said_at_once_by_its_name(tmp_path):
    file = written(
        tmp_path,
        DATABASE_URL="mysql://there",
        SLACK_BOT_TOKEN="xapp-the-other-one",
        SLACK_API_URL="slack.com/api",
        API_KEYS='{"ci": ""}',
        PORT="http",
        LOG_FORMAT="xml",
        ADMINS="U0SAM",
    )

    said = problems(ServeSettings, file)

    assert [line.split(":")[0].removeprefix("BUDGET_BOT_") for line in said] == [
        "DATABASE_URL",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_API_URL",
        "API_KEYS",
        "PORT",
        "LOG_FORMAT",
        "ADMINS",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT", "abc", "write a number from 0 to 65535"),
        ("PORT", "99999", "write a number from 0 to 65535"),
        ("PORT", "8300.5", "write a number from 0 to 65535"),
        ("LOG_FORMAT", "xml", "write json or pretty"),
        ("SLACK_APP_TOKEN", "xoxb-1", "begins with xoxb-, which is another token"),
        ("SLACK_SIGNING_SECRET", "xapp-1", "begins with xapp-, which is another token"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(tmp_path, variable, value, said):
    (line,) = problems(Settings, written(tmp_path, **{variable: value}))

    assert line.startswith(f"BUDGET_BOT_{variable}: {said}")


def test_serving_needs_a_bot_token_and_a_way_in(tmp_path):
    said = problems(ServeSettings, tmp_path / ".env")

    assert len(said) == 2
    assert said[0].startswith("BUDGET_BOT_SLACK_BOT_TOKEN: not set")
    assert "BUDGET_BOT_SLACK_APP_TOKEN" in said[1]


@pytest.mark.parametrize(
    ("way", "socket_mode"),
    [
        pytest.param({"SLACK_APP_TOKEN": "xapp-1"}, True, id="an app token is Socket Mode"),
        pytest.param({"SLACK_SIGNING_SECRET": "abc"}, False, id="a signing secret is HTTP"),
    ],
)
def test_either_way_in_is_enough(tmp_path, way, socket_mode):
    settings = read_settings(ServeSettings, written(tmp_path, SLACK_BOT_TOKEN=SECRET, **way))

    assert settings.socket_mode is socket_mode


@pytest.mark.parametrize(
    "api_keys",
    [
        pytest.param("[1]", id="a list"),
        pytest.param("{", id="not JSON"),
        pytest.param('{"ci": 1234567890123456}', id="a number"),
        pytest.param('{"": "0123456789abcdef"}', id="no name"),
        pytest.param('{"ci": "0123456789 abcdef"}', id="a space"),
        pytest.param('{"ci": ""}', id="empty"),
        pytest.param('{"a": "0123456789abcdef", "b": "0123456789abcdef"}', id="shared"),
        pytest.param('{"a": "0123456789abcdef", "a": "fedcba9876543210"}', id="named twice"),
    ],
)
def test_machines_have_a_name_and_a_key_of_their_own(tmp_path, api_keys):
    (said,) = problems(Settings, written(tmp_path, API_KEYS=api_keys))

    assert said.startswith("BUDGET_BOT_API_KEYS: ")
    assert "0123456789" not in said


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", "://"],
)
def test_a_database_that_cannot_keep_anything_is_refused(tmp_path, url):
    (said,) = problems(Settings, written(tmp_path, DATABASE_URL=url))

    assert said.startswith("BUDGET_BOT_DATABASE_URL: ")


def test_secrets_are_in_no_repr_and_in_no_error(tmp_path):
    keys = '{"ci": "0123456789abcdef"}'
    url = "postgresql://bot:hunter2@db/bot"
    good = written(tmp_path, SLACK_BOT_TOKEN=SECRET, API_KEYS=keys, DATABASE_URL=url)
    shown = repr(read_settings(Settings, good))
    bad = written(tmp_path, SLACK_BOT_TOKEN=f"{SECRET} x", DATABASE_URL="mysql://bot:hunter2@db/x")
    refused = " ".join(problems(ServeSettings, bad))

    for secret in (SECRET, "0123456789abcdef", "hunter2"):
        assert secret not in shown + refused


def test_the_api_url_ends_with_a_slash_whoever_wrote_it(tmp_path):
    file = written(tmp_path, SLACK_API_URL="http://127.0.0.1:8400/api")

    assert read_settings(Settings, file).slack_api_url == "http://127.0.0.1:8400/api/"


def test_a_misspelt_variable_is_named_with_the_one_that_is_meant(tmp_path):
    said = unknown_variables(written(tmp_path, SLACK_BOT_TOKN="x", PORT="8300"))

    line = next(line for line in said if line.startswith("BUDGET_BOT_SLACK_BOT_TOKN "))
    assert line.endswith("did you mean BUDGET_BOT_SLACK_BOT_TOKEN?")


def test_a_file_of_another_encoding_is_refused_by_its_name(tmp_path):
    file = tmp_path / ".env"
    file.write_bytes(b"BUDGET_BOT_HOST='\xff\xfe'\n")

    assert unknown_variables(file) == ()
    assert problems(Settings, file) == (f"{file}: is not UTF-8 text.",)
