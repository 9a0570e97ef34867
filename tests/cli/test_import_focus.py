import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from tests.cli.test_import import ROOT, START, wait_until
from tests.focus import a_row, as_csv, without, write_csv, write_parquet
from tests.vendors.standin import KEY, OpenAI, Standin

DAYS = [
    a_row(ChargePeriodStart=f"2026-10-{day:02}", ChargePeriodEnd=f"2026-10-{day + 1:02}")
    for day in range(1, 11)
]


@pytest.fixture(params=["sqlite", "postgres"])
def shell(shell, request, postgres_url):
    if request.param == "postgres":
        shell.env["DATABASE_URL"] = postgres_url()
    return shell


def stored(shell, what="count(*), sum(cost) / 1000000000.0"):
    """Of charges: how many, and their dollars."""
    with closing(_opened(shell)) as connection:
        return tuple(connection.execute(f"SELECT {what} FROM charges").fetchone())


def _opened(shell):
    url = shell.env.get("DATABASE_URL")
    return psycopg.connect(url) if url else sqlite3.connect(shell.folder / "budget-bot.db")


def test_the_same_file_twice_changes_nothing(shell):
    file = write_csv(shell.folder / "october.csv", DAYS)

    first = shell.runs("import", file)
    second = shell.runs("import", file)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert "10 counted: aws.bedrock, 2026-10-01 to 2026-10-31: $15.00" in first.stdout
    assert "bill/focus-aws.bedrock, 2026-10-01 to 2026-10-31: 10 charges added" in first.stdout
    assert "10 charges as before" in second.stdout
    assert stored(shell) == (10, 15)
    with closing(_opened(shell)) as connection:
        assert connection.execute("SELECT count(*) FROM corrected_charges").fetchone()[0] == 0


def test_an_export_that_a_vendors_own_bill_stands_for_is_told_as_information(shell):
    file = write_csv(shell.folder / "october.csv", DAYS)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    bill = OpenAI({today: [("p", "k", "gpt-6, input", Decimal(1))]})
    with Standin(bill).open() as server:
        shell.env |= {"OPENAI_ADMIN_KEY": KEY, "OPENAI_URL": server.url}
        shell.runs("source", "pull", "openai", "--since", f"{today:%Y-%m-%d}")

    shown = shell.runs("import", file, "--account", "openai")

    assert "10 kept, in no figure: openai, 2026-10-01 to 2026-10-31: $15.00" in shown.stdout
    assert "counted:" not in shown.stdout
    assert (
        "bill/focus-openai is information only: bill/openai counts for openai; with “lane: "
        "information” for that one in the contract file, this counts" in shown.stdout
    )


def test_an_export_that_the_contract_takes_for_information_is_told_as_such(shell):
    said = "version: 1\nsources: [{name: bill/focus-aws.bedrock, lane: information}]\n"
    shell.runs("contract", "apply", shell.writes("registry.yaml", said))

    shown = shell.runs("import", write_csv(shell.folder / "october.csv", DAYS))

    assert "10 kept, in no figure: aws.bedrock, 2026-10-01 to 2026-10-31: $15.00" in shown.stdout
    assert "information only, as the contract file says" in shown.stdout


def test_a_newer_file_of_a_period_replaces_it_as_a_whole(shell):
    shell.runs("import", write_csv(shell.folder / "a.csv", DAYS))
    newer = [DAYS[0] | {"EffectiveCost": "3"}, *DAYS[2:], a_row(ResourceId="other")]

    shown = shell.runs("import", write_parquet(shell.folder / "b.parquet", newer))

    assert "1 charge added, 1 changed, 1 gone, 8 as before" in shown.stdout
    assert stored(shell) == (10, 3 + 8 * 1.5 + 1.5)


def test_two_periods_in_a_file_are_two_bills_and_an_older_one_stays(shell):
    november = {
        "BillingPeriodStart": "2026-11-01",
        "BillingPeriodEnd": "2026-12-01",
        "ChargePeriodStart": "2026-11-02",
        "ChargePeriodEnd": "2026-11-03",
    }
    shell.runs("import", write_csv(shell.folder / "a.csv", [*DAYS, a_row(**november)]))

    shell.runs("import", write_csv(shell.folder / "b.csv", [a_row(**november, EffectiveCost="9")]))

    assert stored(shell) == (11, 15 + 9)


def test_what_a_file_lacks_most_of_is_another_bill_and_changes_nothing(shell):
    shell.runs("import", write_csv(shell.folder / "a.csv", DAYS))
    other = write_csv(shell.folder / "b.csv", [a_row(BillingAccountId="9")])

    refused = shell.runs("import", other)
    after = stored(shell)
    meant = shell.runs("import", other, "--replace")

    assert (refused.exit_code, after) == (1, (10, 15))
    assert "this file lacks 10 of them" in refused.stderr
    assert (meant.exit_code, stored(shell)) == (0, (1, 1.5))


def test_a_name_keeps_two_payers_apart(shell):
    shell.runs("import", write_csv(shell.folder / "a.csv", DAYS))

    shell.runs("import", write_csv(shell.folder / "b.csv", DAYS), "--name", "payer-2")

    assert stored(shell, "count(distinct source), count(*)") == (2, 20)


def test_one_bad_row_changes_nothing_unless_it_is_to_be_left_out(shell):
    file = write_csv(shell.folder / "f.csv", [*DAYS, a_row(BillingCurrency="EUR")])

    refused = shell.runs("import", file)
    (shell.folder / "other.csv").write_text(file.read_text())
    skipped = shell.runs("import", file, "--skip-bad-rows")

    told = "1 × BillingCurrency: “EUR”: only USD can be booked. (line 12)"
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert "1 row is not right, so nothing was stored" in refused.stderr
    assert skipped.exit_code == 0
    assert told in skipped.stderr
    assert stored(shell) == (10, 15)


def test_a_file_cut_off_changes_nothing(shell):
    shell.runs("import", write_csv(shell.folder / "a.csv", DAYS))
    text = as_csv([row | {"EffectiveCost": "2"} for row in DAYS])

    refused = shell.runs("import", shell.writes("b.csv", text[:-150]))

    assert refused.exit_code == 1
    assert "too few cells" in refused.stderr
    assert stored(shell) == (10, 15)


def test_a_dry_run_tells_and_stores_nothing(shell):
    shown = shell.runs("import", write_csv(shell.folder / "f.csv", DAYS), "--dry-run")

    assert shown.exit_code == 0
    assert "10 would be kept: aws.bedrock, 2026-10-01 to 2026-10-31: $15.00" in shown.stdout
    assert not (shell.folder / "budget-bot.db").exists()


def test_what_is_left_out_and_moved_and_billed_otherwise_is_told(shell):
    rows = [
        *DAYS,
        a_row(ServiceCategory="Storage", ServiceName="Amazon S3", EffectiveCost="7"),
        a_row(ChargePeriodStart="2026-09-01", ChargePeriodEnd="2026-09-02", BilledCost="0"),
    ]

    shown = shell.runs("import", write_csv(shell.folder / "f.csv", rows))

    assert "1 left out, of services that are no AI: $7.00 (--all-services)" in shown.stdout
    assert "1 of days outside their billing period, on its nearest day: $1.50" in shown.stdout
    assert "$16.50 (billed $15.00: part was or is paid at another time)" in shown.stdout


def test_a_file_without_ai_services_is_refused_with_what_it_holds(shell):
    file = write_csv(shell.folder / "f.csv", [a_row(ServiceCategory="Storage", ServiceName="S3")])

    shown = shell.runs("import", file)

    assert shown.exit_code == 1
    assert "No row is left that could be counted" in shown.stderr
    assert "1 left out" in shown.stdout


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        pytest.param("usage", ("--name", "x"), id="a name for usage"),
        pytest.param("focus", ("--map", "a=b"), id="a map for FOCUS"),
        pytest.param("focus", ("--name", "a/b"), id="a name that is none"),
    ],
)
def test_options_of_the_other_kind_of_file_are_a_usage_error(shell, columns, words):
    text = as_csv(DAYS) if columns == "focus" else "at,cost\n2026-10-01T00:00:00Z,1\n"

    assert shell.runs("import", shell.writes("f.csv", text), *words).exit_code == 2


def test_our_own_columns_keep_working_and_have_what_rules_look_at(shell):
    file = shell.writes(
        "f.csv",
        "at,cost,provider,account,key,key_name,project,team,service,repository,grain\n"
        "2026-10-01T00:00:00Z,1,openai,acme-openai,k1,ci key,p1,t1,s1,acme/app,bucket\n",
    )

    shown = shell.runs("import", file)

    assert shown.exit_code == 0, shown.output
    with closing(_opened(shell)) as connection:
        account, clues, grain = connection.execute(
            'SELECT account, clues, grain FROM "usage"'
        ).fetchone()
    assert (account, grain) == ("acme-openai", "bucket")
    assert all(clue in clues for clue in ("k1", "ci key", "p1", "t1", "s1", "acme/app"))


@pytest.mark.parametrize("shell", ["sqlite"], indirect=True)
def test_interrupted_while_it_stores_nothing_is_half_written(shell):
    rows = [
        a_row(ChargePeriodStart=f"2026-10-{1 + at % 30:02}", ResourceId=str(at // 30))
        | {"ChargePeriodEnd": "2026-10-31"}
        for at in range(9_000)
    ]
    file = write_csv(shell.folder / "long.csv", rows)
    database = shell.folder / "budget-bot.db"

    running = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", START, "import", str(file)],
        cwd=shell.folder,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_until(database.exists)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)

    assert (running.returncode, _charges(database)) in {(130, 0), (0, 9_000)}


def _charges(database):
    with closing(sqlite3.connect(database)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'charges'").fetchone()
        return connection.execute("SELECT count(*) FROM charges").fetchone()[0] if known else 0


def test_days_are_marked_in_the_order_of_whoever_books(shell):
    """Of all days together: else two who mark wait for each other."""
    azure = {"ProviderName": "Microsoft", "ServiceName": "Azure OpenAI"}
    rows = [DAYS[0] | azure, DAYS[1], DAYS[2] | azure]

    shown = shell.runs("import", write_csv(shell.folder / "a.csv", rows), "--name", "payer")

    assert shown.exit_code == 0, shown.output
    place = "ctid" if "DATABASE_URL" in shell.env else "rowid"
    marks = f"SELECT account, day FROM unreconciled_days ORDER BY {place}"
    with closing(_opened(shell)) as connection:
        found = connection.execute(marks).fetchall()
    assert len(found) == 3
    assert found == sorted(found)


def test_of_several_files_the_one_that_is_wrong_is_named(shell):
    good = write_csv(shell.folder / "a.csv", DAYS)
    lacking = write_csv(shell.folder / "b.csv", [without(DAYS[0], "EffectiveCost")])

    refused = shell.runs("import", good, lacking)

    assert refused.exit_code == 1
    assert "b.csv: This is no whole FOCUS file" in " ".join(refused.stderr.split())


def test_usage_among_bills_is_named(shell):
    bill = write_csv(shell.folder / "bill.csv", DAYS)
    usage = shell.folder / "usage.csv"
    usage.write_text("at,cost\n2026-11-02T10:00:00Z,1\n")

    refused = shell.runs("import", usage, bill)

    assert refused.exit_code == 1
    assert "bill.csv is a FOCUS file, usage.csv is not" in " ".join(refused.stderr.split())


@pytest.mark.parametrize("options", [(), ("--focus",)])
def test_what_is_only_called_parquet_is_said_to_be_none(shell, options):
    file = shell.folder / "costs.parquet"
    file.write_bytes(bytes(300) + b"\xff,\x01")

    refused = shell.runs("import", file, *options)

    assert refused.exit_code == 1
    assert " ".join(refused.stderr.split()) == "costs.parquet is no Parquet file."
