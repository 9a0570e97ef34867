import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.test_contract import FILE

ROOT = Path(__file__).parents[2]
TRACE = "at,workflow,cost\n" + "".join(
    f"2023-11-16T18:17:{second:02}Z,search-ranking,{second}.000000001\n" for second in range(60)
)
START = "from handlers.cli import main; main()"


def counted(text: str) -> dict[str, int]:
    found = re.findall(r"^ *([\d,]+) (\w[\w ]*)(?::.*)?$", text, re.MULTILINE)
    return {word: int(number.replace(",", "")) for number, word in found}


@pytest.fixture(params=["sqlite", "postgres"])
def shell(shell, request, postgres_url):
    if request.param == "postgres":
        shell.env["DATABASE_URL"] = postgres_url()
    shell.runs("contract", "apply", shell.writes("registry.yaml", FILE))
    return shell


def test_a_file_imported_twice_counts_once(shell):
    file = shell.writes("trace.csv", TRACE)

    first = shell.runs("import", file)
    second = shell.runs("import", file)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert counted(first.stdout) == {"taken": 60}
    assert counted(second.stdout) == {"taken": 0, "repeated": 60}
    assert "(BUDGET_BOT_DATABASE_URL names another)" in first.stderr


CALLS = "at,call,input\n" + "".join(
    f"2023-11-16T18:17:{second:02}Z,c{second},1000\n" for second in range(10)
)
MAPPED = "--set", "model=gpt-4o", "--set", "workflow=search-ranking"
BY_NUMBER = "by the number of each row, of the source “csv”"


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        pytest.param((), ("--map", "call=id"), (BY_NUMBER, "by the column “call”"), id="ids"),
        pytest.param(("--map", "call=id"), (), ("by the column “call”", BY_NUMBER), id="none now"),
        pytest.param(
            (), ("--set", "source=b"), (BY_NUMBER, "of the source “b”"), id="another source"
        ),
        pytest.param(
            (), ("--map", "call=source"), (BY_NUMBER, "of the column “call”"), id="many sources"
        ),
    ],
)
def test_a_file_read_before_is_refused_under_other_names(shell, first, then, told):
    file = shell.writes("calls.csv", CALLS)

    shell.runs("import", file, *MAPPED, *first)
    again = shell.runs("import", file, *MAPPED, *then)
    as_before = shell.runs("import", file, *MAPPED, *first)

    assert again.exit_code == 1
    assert "This file was read before" in again.stderr
    assert re.search(f"named {told[0]}.* named .*{told[1]}", again.stderr), again.stderr
    assert counted(as_before.stdout) == {"taken": 0, "repeated": 10}


def test_what_is_mapped_later_corrects_the_rows_it_was_left_out_of(shell):
    file = shell.writes("calls.csv", CALLS)

    shell.runs("import", file, *MAPPED)
    again = shell.runs("import", file, *MAPPED, "--map", "input=input_tokens")

    assert counted(again.stdout) == {"taken": 0, "corrected": 10}


def test_a_file_of_which_nothing_was_stored_is_free_to_be_read_otherwise(shell):
    file = shell.writes("calls.csv", CALLS.replace("Z,", ","))

    nothing = shell.runs("import", file, *MAPPED)
    again = shell.runs("import", file, *MAPPED, "--map", "call=id", "--zone", "UTC")

    assert counted(nothing.stdout) == {"taken": 0, "refused": 10}
    assert counted(again.stdout) == {"taken": 10}


def test_wrong_rows_are_told_with_reason_and_line_and_the_rest_is_stored(shell):
    file = shell.writes("trace.csv", TRACE + "x,y,1\n2023-11-16T18:20:00Z,y\n")

    shown = shell.runs("import", file)

    assert shown.exit_code == 0
    assert counted(shown.stdout) == {"taken": 60, "refused": 2}
    assert "1 × at: “x” is no time: write it like 2026-11-23T09:00:00Z. (line 62)" in shown.stderr
    assert "1 × The row has too few cells: 2, the header has 3. (line 63)" in shown.stderr


def test_rows_that_are_wrong_in_like_ways_are_told_with_whose_words_those_are(shell):
    wide = "2023-11-16T18:20:00Z,search-ranking,1,2\n"
    wrong = f"2023-11-16T18:20:00Z\n{wide}a,search-ranking,1\nb,search-ranking,1\n"
    file = shell.writes("trace.csv", TRACE + wrong)

    shown = shell.runs("import", file)

    for told in (
        "1 × The row has too few cells: 1, the header has 3. (line 62)",
        "1 × The row has too many cells: 4, the header has 3. (line 63)",
        "2 × at: “a” is no time: write it like 2026-11-23T09:00:00Z. (line 64; likewise 65)",
    ):
        assert told in shown.stderr


@pytest.mark.parametrize(
    ("options", "word"),
    [pytest.param((), "taken", id="real"), pytest.param(("--dry-run",), "would be read", id="dry")],
)
def test_what_was_booked_is_told_in_money_and_what_of_it_is_assumed(shell, options, word):
    at = "2023-11-16T18:20:00Z"
    rows = f"{at},,1000.25\n{at},,\n{at},1000000,\n"
    file = shell.writes("trace.csv", f"at,input_tokens,cost\n{rows}")
    other = shell.writes("other.csv", f"at,input_tokens,cost\n{rows}\n")

    vague = shell.runs("import", file, *options)
    exact = shell.runs("import", other, *options, "--set", "model=gpt-4o")

    found = re.search(rf"3 {word}: \$([\d,.]+), of which \$([\d,.]+) assumed", vague.stdout)
    assert found is not None, vague.stdout
    total, assumed = (Decimal(text.replace(",", "")) for text in found.groups())
    assert (total - assumed, assumed > 0) == (Decimal("1000.25"), True)
    hints = "(unknown model: --set model=NAME), 1 unmetered (no cost, no tokens)"
    assert vague.stdout.endswith(f"{hints}\n")
    assert f"3 {word}: $1,002.75, 1 unmetered (no cost, no tokens)\n" in exact.stdout


def test_nothing_stored_and_something_refused_is_a_failure(shell):
    shown = shell.runs("import", shell.writes("trace.csv", "at,cost\nx,1\n"))

    assert shown.exit_code == 1
    assert counted(shown.stdout) == {"taken": 0, "refused": 1}


def test_another_content_under_the_same_id_is_corrected(shell):
    shell.runs("import", shell.writes("a.csv", "id,at,cost\n1,2023-11-16T18:17:00Z,1\n"))

    shown = shell.runs("import", shell.writes("b.csv", "id,at,cost\n1,2023-11-16T18:17:00Z,2\n"))

    assert counted(shown.stdout) == {"taken": 0, "corrected": 1}


def test_an_unregistered_workflow_is_named(shell):
    file = shell.writes("trace.csv", TRACE)

    shown = shell.runs("import", file, "--set", "workflow=serch-ranking")

    assert shown.exit_code == 0
    assert "Nobody registered serch-ranking" in shown.stderr


def test_a_column_is_renamed_and_a_constant_set(shell):
    file = shell.writes("trace.csv", "when;what\n2023-11-16 18:17;0.5\n")
    words = "--map", "when=at", "--map", "what=cost", "--set", "workflow=search-ranking"

    assert shell.runs("import", file, *words).exit_code == 1
    shown = shell.runs("import", file, *words, "--zone", "Europe/Berlin")

    assert shown.exit_code == 0
    assert counted(shown.stdout) == {"taken": 1}


def test_a_dry_run_stores_nothing(shell):
    file = shell.writes("trace.csv", TRACE)

    dry = shell.runs("import", file, "--dry-run")
    real = shell.runs("import", file)

    assert counted(dry.stdout) == {"would be read": 60}
    assert counted(real.stdout) == {"taken": 60}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--map", "when"), id="a map without a field"),
        pytest.param(("--set", "=x"), id="a constant without a name"),
        pytest.param(("--set", "user=a", "--set", "user=b"), id="the same twice"),
        pytest.param(("--zone", "CEST"), id="no zone"),
        pytest.param(("--unknown",), id="an unknown option"),
    ],
)
def test_wrong_options_are_a_usage_error(shell, words):
    file = shell.writes("trace.csv", TRACE)

    assert shell.runs("import", file, *words).exit_code == 2


@pytest.mark.parametrize("shell", ["sqlite"], indirect=True)
def test_interrupted_and_run_again_every_row_is_counted_once(shell):
    rows = 60_000
    line = "2023-11-16T18:17:00Z,search-ranking,1\n"
    file = shell.writes("long.csv", "at,workflow,cost\n" + line * rows)
    database = shell.folder / "budget-bot.db"

    running = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", START, "import", str(file)],
        cwd=shell.folder,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: _stored(database) > 0)
    running.send_signal(signal.SIGINT)
    output, said = running.communicate(timeout=60)
    stored = _stored(database)
    again = shell.runs("import", file)

    assert running.returncode == 130, said
    assert "run the same command again" in said
    assert 0 < counted(output)["taken"] <= stored < rows
    assert counted(again.stdout) == {"taken": rows - stored, "repeated": stored}


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def _stored(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        found: int = connection.execute('SELECT count(*) FROM "usage"').fetchone()[0]
    connection.close()
    return found


def test_a_plan_says_what_its_rules_would_move_and_moves_nothing(shell):
    today = f"{datetime.now(UTC):%FT%TZ}"
    shell.runs("import", shell.writes("a.csv", f"at,workflow,cost\n{today},ranker,4.5\n"))
    rules = "attribution:\n  - {declared: ranker, workflow: search-ranking}\n"
    file = shell.writes("rules.yaml", FILE + rules)

    first, again = shell.runs("contract", "plan", file), shell.runs("contract", "plan", file)
    applied = shell.runs("contract", "apply", file)
    after = shell.runs("contract", "plan", file)

    for shown in (first, again, applied):
        assert "these rules move $4.50, 1 record:" in shown.stdout
        assert "Unattributed → search-ranking: $4.50, 1 record" in shown.stdout
    assert after.stdout == "Nothing to do: the database is what the file says.\n"
