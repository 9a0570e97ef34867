from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.refusal import Refusal
from bot.sources import Kind
from bot.usage import CostBasis, Grain, NotUsage, Usage
from handlers.files.usage_columns import columns_of
from handlers.files.usage_csv import Reading, open_usage

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEADER = "id,at,workflow,model,input_tokens,output_tokens\n"
ROW = "call-1,2026-11-20T10:00:00Z,search-ranking,gpt-4o,100,10\n"


@pytest.fixture
def read(tmp_path):
    """What a file of this content holds: (line, record or refusal) in order."""

    def rows(content, **named):
        path = tmp_path / "usage.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(open_usage(path, Reading(**named)).rows(NOW, lambda _: None))

    return rows


def only(rows) -> Usage:
    ((_, row),) = rows
    assert isinstance(row, Usage), row
    return row


def reasons(rows) -> list[tuple[int, str | None, str]]:
    return [(line, row.field, str(row)) for line, row in rows if isinstance(row, NotUsage)]


def test_columns_of_the_fields_names_are_found_by_themselves(read):
    usage = only(read(HEADER + ROW))

    assert (usage.id, usage.source, usage.sender) == ("call-1", "csv", "import")
    assert usage.at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert (usage.workflow, usage.model) == ("search-ranking", "gpt-4o")
    assert (usage.input_tokens, usage.output_tokens) == (100, 10)
    assert usage.basis is CostBasis.COMPUTED


def test_a_trace_of_requests_needs_only_what_it_does_not_say(read):
    usage = only(
        read(
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n",
            constants={"model": "gpt-4o", "workflow": "code"},
            zone="UTC",
        )
    )

    assert usage.at == datetime(2023, 11, 16, 18, 17, 3, 979960, tzinfo=UTC)
    assert (usage.input_tokens, usage.output_tokens, usage.workflow) == (4808, 10, "code")


def test_without_an_id_a_row_is_named_by_the_files_content_and_its_number(read):
    content = "at,cost\n2026-11-20T10:00:00Z,1\n2026-11-20T10:00:00Z,1\n"

    first, second = ([usage.id for _, usage in read(content)] for _ in range(2))
    other = [usage.id for _, usage in read(content + "\n")]

    assert first == second
    assert [each.partition("-")[2] for each in first] == ["1", "2"]
    assert len(first[0].partition("-")[0]) == 16
    assert not set(first) & set(other)


@pytest.mark.parametrize(
    ("said", "zone", "instant"),
    [
        pytest.param("2026-11-20T10:00:00+02:00", None, "2026-11-20T08:00", id="its own offset"),
        pytest.param("2026-11-20 10:00", "Europe/Berlin", "2026-11-20T09:00", id="the zone's"),
        pytest.param("2026-07-01", "Europe/Berlin", "2026-06-30T22:00", id="a day"),
        pytest.param("2026-11-20T10:00:00Z", "Asia/Tokyo", "2026-11-20T10:00", id="its own wins"),
    ],
)
def test_a_time_without_a_zone_is_in_the_one_that_is_named(read, said, zone, instant):
    usage = only(read(f"at,cost\n{said},1\n", zone=zone))

    assert usage.at == datetime.fromisoformat(f"{instant}:00+00:00")
    assert usage.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        pytest.param("at", "", "missing", id="no time"),
        pytest.param("at", "2026-11-20 10:00", "add --zone", id="no zone"),
        pytest.param("at", "11/20/2026 10:00", "no time", id="an American date"),
        pytest.param("at", "20.11.2026", "no time", id="a German date"),
        pytest.param("at", "1763632800", "no time", id="seconds since 1970"),
        pytest.param("at", "2027-01-01T00:00:00Z", "ahead of now", id="the future"),
        pytest.param("input_tokens", "4.81E+03", "a spreadsheet left", id="rounded by Excel"),
        pytest.param("input_tokens", "4,81E+03", "a spreadsheet left", id="rounded, German"),
        pytest.param("input_tokens", "#######", "a spreadsheet left", id="too wide for its cell"),
        pytest.param("input_tokens", "4.5", "not a whole number", id="half a token"),
        pytest.param("input_tokens", "-1", "not a whole number", id="fewer than none"),
        pytest.param("input_tokens", "4,808", "not a whole number", id="a thousands separator"),
        pytest.param("input_tokens", "1.000", "not a whole number", id="or a point: 1 or 1000?"),
        pytest.param("input_tokens", "9" * 400, "10¹²", id="absurd"),
        pytest.param("cost", "1.2E-05", "a spreadsheet left", id="a rounded cost"),
        pytest.param("cost", "0,12", "not an amount", id="a decimal comma"),
        pytest.param("cost", "$0.12", "not an amount", id="a currency sign"),
        pytest.param("cost", "nan", "not an amount", id="no number"),
        pytest.param("cost", "-1", "zero or more", id="a credit"),
        pytest.param("id", " ", "id is missing", id="no id"),
        pytest.param("cache_read_tokens", "101", "include both", id="more cached than there are"),
        pytest.param("cost_basis", "guess", "no cost basis", id="a basis"),
        pytest.param("workflow", "x" * 201, "at most 200", id="too long"),
    ],
)
def test_a_wrong_cell_is_refused_by_the_name_of_its_field(read, field, text, reason):
    cells = {"id": "1", "at": "2026-11-20T10:00:00Z", "input_tokens": "100"} | {field: text}
    content = ",".join(cells) + "\n" + ",".join(f'"{cell}"' for cell in cells.values()) + "\n"

    ((line, about, said),) = reasons(read(content))

    assert (line, about) == (2, field)
    assert reason in said


@pytest.mark.parametrize(
    ("text", "cost"),
    [("0.0125", "0.0125"), (".5", "0.5"), ("12", "12"), ("5.1e-05", "0.000051")],
)
def test_a_cost_is_exactly_what_is_written(read, text, cost):
    assert only(read(f"at,cost\n2026-11-20T10:00:00Z,{text}\n")).cost == Decimal(cost)


@pytest.mark.parametrize("text", ["1000", "1000.0", "1000.00", "1000.000000"])
def test_whole_tokens_may_have_the_point_that_programs_write(read, text):
    assert only(read(f"at,input_tokens\n2026-11-20T10:00:00Z,{text}\n")).input_tokens == 1000


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_seen_from_the_header(read, delimiter):
    assert only(read((HEADER + ROW).replace(",", delimiter))).output_tokens == 10


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"\xef\xbb\xbf", id="a byte order mark"),
        pytest.param(b"sep=,\r\n", id="Excel's hint"),
        pytest.param(b"\n\r\n", id="blank lines"),
        pytest.param(b"\xef\xbb\xbfsep=,\r\n", id="both"),
    ],
)
def test_what_programs_put_before_the_header_does_no_harm(read, start):
    assert only(read(start + (HEADER + ROW).encode())).id == "call-1"


def test_a_cell_may_hold_lines_and_delimiters_in_quotes(read):
    rows = read('id,at,user,cost\n1,2026-11-20T10:00:00Z,"Owen\nPark, ""OP""",1\n2,x,y,1\n')

    assert rows[0][1].user == 'Owen\nPark, "OP"'
    assert [line for line, _ in rows] == [2, 4]


def test_ragged_and_broken_rows_are_refused_by_their_line_and_their_neighbours_are_not(read):
    good = "2026-11-20T10:00:00Z,1\n"
    rows = read(f'at,cost\n{good}2026-11-20T10:00:00Z\n\n{good}a,b,c\n"a"b,1\n{good}')

    assert [(line, said) for line, _, said in reasons(rows)] == [
        (3, "The row has too few cells: 1, the header has 2."),
        (6, "The row has too many cells: 3, the header has 2."),
        (7, "The row cannot be read: ',' expected after '\"'."),
    ]
    assert sum(isinstance(row, Usage) for _, row in rows) == 3


def test_a_quote_that_is_never_closed_is_refused(read):
    ((line, _, said),) = reasons(read('at,cost\n"2026-11-20T10:00:00Z,1\n'))

    assert line == 2
    assert "cannot be read" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\xef\xbb\xbf\n\n", "empty", id="blank lines"),
        pytest.param("at,cost\n".encode("utf-16"), "UTF-16", id="Unicode text of Excel"),
        pytest.param(b"PK\x03\x04rest", "a spreadsheet", id="xlsx"),
        pytest.param(b"\x1f\x8brest", "compressed", id="gzip"),
        pytest.param(b"at,cost\n1,2\n3,\xe4\n", "Line 3 is not UTF-8", id="Latin-1"),
        pytest.param(b"at,cost\n\xe2\x82", "not UTF-8", id="half a character at the end"),
        pytest.param(b"at,cost\n" + b"x" * 1_100_000, "Line 2 has more than a million", id="long"),
        pytest.param(b"when,cost\n", "--map COLUMN=at", id="no time"),
        pytest.param(b"at,timestamp\n", "at is meant twice: by at, timestamp", id="two times"),
    ],
)
def test_what_is_no_file_of_usage_is_refused_whole(read, content, reason):
    with pytest.raises(Refusal, match=reason):
        read(content)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        pytest.param({"renamed": {"whn": "at"}}, "no column “whn”. Did you mean when", id="column"),
        pytest.param({"renamed": {"when": "moment"}}, "no field “moment”", id="field"),
        pytest.param({"constants": {"modell": "x"}}, "Did you mean model", id="constant"),
        pytest.param({"constants": {"id": "1"}}, "every row would be the same", id="one id"),
        pytest.param({"constants": {"cost": "x"}}, "not an amount", id="a constant that is none"),
        pytest.param(
            {"renamed": {"when": "at", "cost": "at"}}, "meant twice: by when, cost", id="two"
        ),
        pytest.param(
            {"renamed": {"when": "at"}, "constants": {"at": "2026-11-20"}}, "--set", id="both"
        ),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(read, named, reason):
    with pytest.raises(Refusal, match=reason):
        read("when,cost\n2026-11-20T10:00:00Z,1\n", **named, zone="UTC")


def test_what_the_person_says_wins_over_a_columns_own_name(read):
    usage = only(
        read(
            "time,created,workflow,cost\nnever,2026-11-20T10:00:00Z,theirs,1\n",
            renamed={"created": "at"},
            constants={"workflow": "ours"},
        )
    )

    assert (usage.at.day, usage.workflow) == (20, "ours")


def test_columns_nobody_reads_are_named(tmp_path):
    path = tmp_path / "usage.csv"
    path.write_text("at,cost,colour\n2026-11-20T10:00:00Z,1,red\n")

    assert open_usage(path, Reading()).columns.ignored == ("colour",)


def test_what_a_file_says_is_a_files(read):
    assert only(read(HEADER + ROW)).kind is Kind.FILE


def test_a_bucket_of_calls_is_priced_as_one():
    columns = columns_of(["at", "model", "input_tokens", "grain"], {}, {}, "UTC")

    sent = columns.read(["2026-10-01T00:00", "claude-sonnet-4-5", "1000000", "Bucket"], "1")

    assert sent.grain is Grain.BUCKET
    with pytest.raises(NotUsage, match="“month” is no grain"):
        columns.read(["2026-10-01T00:00", "", "1", "month"], "2")
