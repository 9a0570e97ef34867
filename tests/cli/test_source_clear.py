import sqlite3
from contextlib import closing

import psycopg
import pytest
from typer.testing import CliRunner

from handlers.cli.app import app
from tests.cli.conftest import QUIET
from tests.focus import a_row, write_csv

OCTOBER = [
    a_row(ChargePeriodStart=f"2026-10-{day:02}", ChargePeriodEnd=f"2026-10-{day + 1:02}")
    for day in range(1, 5)
]
NOVEMBER = a_row(
    BillingPeriodStart="2026-11-01",
    BillingPeriodEnd="2026-12-01",
    ChargePeriodStart="2026-11-02",
    ChargePeriodEnd="2026-11-03",
)


@pytest.fixture(params=["sqlite", "postgres"])
def shell(shell, request, postgres_url):
    if request.param == "postgres":
        shell.env["DATABASE_URL"] = postgres_url()
    shell.runs("import", write_csv(shell.folder / "bill.csv", [*OCTOBER, NOVEMBER]))
    return shell


def read(shell, query: str):
    url = shell.env.get("DATABASE_URL")
    opened = psycopg.connect(url) if url else sqlite3.connect(shell.folder / "budget-bot.db")
    with closing(opened) as connection:
        (value,) = connection.execute(query).fetchall()
    return value[0]


def stored(shell):
    return read(shell, "SELECT count(*) FROM charges")


def answered(shell, answer: str, *words: str):
    variables = {f"BUDGET_BOT_{name}": value for name, value in shell.env.items()}
    return CliRunner().invoke(app, list(words), env=QUIET | variables, input=answer)


def test_a_wrong_import_is_shown_and_taken_back_after_a_yes(shell):
    no = answered(shell, "n\n", "source", "clear", "focus-aws.bedrock")
    after_no = stored(shell)
    yes = answered(shell, "y\n", "source", "clear", "focus-aws.bedrock")

    assert (no.exit_code, after_no) == (1, 5)
    assert "Nothing was changed." in no.stderr
    about = "bill/focus-aws.bedrock, aws.bedrock, 2026-10-01 to 2026-11-02: 5 lines on 5 days"
    assert f"{about}, $7.50" in yes.stdout
    assert "Taken away. 5 days are settled again by the running bot" in yes.stdout
    assert (yes.exit_code, stored(shell)) == (0, 0)
    assert "focus" not in shell.runs("source", "list").stdout


def test_one_month_is_taken_back_without_a_question(shell):
    done = shell.runs("source", "clear", "bill/focus-aws.bedrock", "--month", "2026-11", "--yes")

    assert (done.exit_code, stored(shell)) == (0, 4)
    assert "2026-11-02 to 2026-11-02: 1 line on 1 day, $1.50" in done.stdout
    assert "4 lines of other months: kept" in done.stdout
    listed = " ".join(shell.runs("source", "list").stdout.split())
    assert "told through 2026-10-04 (UTC)" in listed


def test_where_nobody_answers_nothing_is_changed(shell):
    done = shell.runs("source", "clear", "bill/focus-aws.bedrock")

    assert (done.exit_code, stored(shell)) == (1, 5)
    assert "Nothing was changed. (--yes does not ask)" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x:key:y",), "There is no imported bill “x:key:y”."),
        (("focus-aws.bedrok",), "There are: bill/focus-aws.bedrock"),
        (("focus-aws.bedrock", "--month", "2026-09"), "It has some of 2026-10, 2026-11."),
        (("focus-aws.bedrock", "--month", "soon"), "“soon” is no month."),
    ],
)
def test_wrong_words_change_nothing_and_are_told(shell, words, said):
    refused = shell.runs("source", "clear", *words, "--yes")

    assert (refused.exit_code, stored(shell)) == (1, 5)
    assert said in refused.stderr


def test_a_wrong_file_of_usage_is_taken_back_by_reading_it_at_no_cost(shell):
    file = shell.writes("u.csv", "at,cost,workflow\n2026-11-02T10:00:00Z,12,search\n")
    shell.runs("import", file)

    refused = shell.runs("source", "clear", "csv")
    again = shell.runs("import", file, "--set", "cost=0")

    assert "again with --set cost=0" in refused.stderr
    assert "1 corrected" in again.stdout
    assert read(shell, 'SELECT sum(cost) FROM "usage"') == 0
