from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.vendors.standin import KEY, OpenAI, Standin, status

NOW = datetime.now(UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def server() -> Iterator[Standin]:
    with Standin(OpenAI()).open() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def shell(shell, server, request, postgres_url):
    server.faults.clear()
    days = [TODAY - timedelta(days=ago) for ago in range(3)]
    server.answer = OpenAI({day: [("p", "k", "gpt-6, input", Decimal("1.25"))] for day in days})
    if request.param == "postgres":
        shell.env["DATABASE_URL"] = postgres_url()
    shell.env |= {"OPENAI_ADMIN_KEY": KEY, "OPENAI_URL": server.url}
    return shell


def since(ago: int) -> str:
    return f"{TODAY - timedelta(days=ago):%Y-%m-%d}"


def test_a_bill_is_pulled_by_hand_and_then_listed(shell):
    pulled = shell.runs("source", "pull", "openai", "--since", since(2))

    assert pulled.exit_code == 0, pulled.output
    assert f"bill/openai: 3 rows, $3.75; told through {since(1)} (UTC)." in pulled.stdout

    listed = shell.runs("source", "list")

    told = " ".join(listed.stdout.split())
    assert "(BUDGET_BOT_DATABASE_URL names another)" in listed.stderr
    assert f"bill/openai told through {since(1)} (UTC), last success" in told
    assert "vendor's bill; billed; openai; last heard" in told
    assert "bill/openai-usage not asked yet" in told
    assert "bill/anthropic not set up: BUDGET_BOT_ANTHROPIC_ADMIN_KEY" in told
    assert KEY not in listed.output + pulled.output


def test_a_pull_that_fails_says_why_and_what_is_kept(shell, server):
    server.faults += [None, status(401)]

    pulled = shell.runs("source", "pull", "bill/openai", "--since", since(2))

    assert pulled.exit_code == 1
    assert "bill/openai: 1 row, $1.25" in pulled.stdout
    assert "does not accept BUDGET_BOT_OPENAI_ADMIN_KEY (401)" in pulled.stderr
    assert "the next pull goes on from there" in pulled.stderr
    assert KEY not in pulled.output
    assert "(401)" in shell.runs("source", "list").stdout


def test_a_first_pull_that_fails_has_told_nothing_yet(shell, server):
    server.faults += [status(401)]

    pulled = shell.runs("source", "pull", "openai")
    listed = " ".join(shell.runs("source", "list").stdout.split())

    assert "bill/openai: 0 rows, $0.00; nothing told yet." in pulled.stdout
    assert "bill/openai nothing told yet, never succeeded" in listed
    assert "never UTC" not in pulled.stdout + listed


def test_a_source_is_tested_in_words(shell, server):
    well = shell.runs("source", "test", "openai")

    assert well.exit_code == 0, well.output
    assert "1 row, $1.25" in well.stdout

    server.faults += [status(403)]
    broken = shell.runs("source", "test", "openai")

    assert broken.exit_code == 1
    assert "BUDGET_BOT_OPENAI_ADMIN_KEY is accepted" in broken.stdout
    assert "may not read /v1/organization/costs" in broken.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pull", "anthropic"), "anthropic is not set up: set BUDGET_BOT_ANTHROPIC_ADMIN_KEY."),
        (("test", "acme"), "There is no source of that name to ask. There are: bill/anthropic,"),
        (("pull", "openai", "--since", "yesterday"), "is no date: write it like 2026-10-01."),
        (("pull", "openai", "--since", "2999-01-01"), "is not a day that a bill can be told of"),
    ],
)
def test_what_cannot_be_asked_is_told(shell, words, said):
    refused = shell.runs("source", *words)

    assert refused.exit_code == 1
    assert said in refused.stderr
