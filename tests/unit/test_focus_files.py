import gzip
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charges import Category, Charge
from bot.focus.cells import MONEY, QUANTITY, amount
from handlers.files.focus.arrays import amounts
from handlers.files.focus.columns import NoFocus
from handlers.files.focus.header import NotReadable, looks_like_focus, parts_of
from handlers.files.focus.reading import FocusOptions, open_focus, read_focus, replacements
from handlers.files.focus.sums import FocusSums
from tests.focus import ROW, a_row, as_csv, without, write_csv, write_parquet

NOW = datetime(2026, 11, 20, tzinfo=UTC)
_SUMS = ("BilledCost", "EffectiveCost", "ListCost", "ConsumedQuantity")


class Told:
    """What was read: charges by source, and what became of the rows."""

    def __init__(self, *paths, most=8_000_000, **options):
        parts = open_focus(paths, FocusOptions(**options))
        with FocusSums(most) as sums:
            read_focus(parts, sums, lambda _: None)
            self.told = dict(sums.told)
            found = replacements(sums.terms(), options.get("name"))
            self.bills = [(one, list(one.bills(sums, NOW))) for one in found]
        self.seen = [part.seen for part in parts]
        self.refused = [
            (kind.about, kind.reason, [part.lines()[row] for row in kind.lines])
            for part in parts
            for kind in part.seen.tally.refused.values()
        ]

    @property
    def charges(self) -> list[Charge]:
        return [charge for _, bills in self.bills for bill in bills for charge in bill.charges]

    @property
    def charge(self) -> Charge:
        (only,) = self.charges
        return only


def told(tmp_path, *rows, **options):
    return Told(write_csv(tmp_path / "f.csv", rows), **options)


def test_a_row_is_a_charge_of_its_utc_day(tmp_path):
    charge = told(tmp_path, a_row()).charge

    assert (charge.start, charge.end) == (
        datetime(2026, 10, 5, tzinfo=UTC),
        datetime(2026, 10, 6, tzinfo=UTC),
    )
    assert (charge.account, charge.provider, charge.model) == (
        "aws.bedrock",
        "aws.bedrock",
        "claude-sonnet-4-5",
    )
    assert (charge.cost, charge.list_cost, charge.final) == (Decimal("1.5"), Decimal(2), False)
    assert (charge.input_tokens, charge.output_tokens) == (1000, None)
    assert charge.category is Category.USAGE
    assert charge.clues.project == "880022"
    assert charge.tags == (
        "workflow:search-ranking",
        "stage:live",
        "resource:arn:profile/ranking",
        "sub_account:search",
    )


def test_rows_that_differ_only_in_their_hour_are_one_charge_with_the_exact_sum(tmp_path):
    hours = [
        a_row(
            ChargePeriodStart=f"2026-10-05T{hour:02}:00:00Z",
            ChargePeriodEnd=f"2026-10-05T{hour:02}:59:59Z",
            EffectiveCost=f"0.{hour:02}000000000000000001",
        )
        for hour in range(24)
    ]

    charge = told(tmp_path, *hours).charge

    assert charge.cost == sum((Decimal(row["EffectiveCost"]) for row in hours), Decimal(0))
    assert (charge.input_tokens, charge.list_cost) == (24_000, 48)


@pytest.mark.parametrize(
    "column",
    [
        "BillingAccountId",
        "SubAccountId",
        "ServiceName",
        "ResourceId",
        "SkuMeter",
        "SkuPriceDetails",
        "ConsumedUnit",
    ],
)
def test_what_tells_lines_apart_is_kept_apart(tmp_path, column):
    both = told(tmp_path, a_row(), a_row(**{column: "other"})).charges

    assert len({charge.id for charge in both}) == 2


def test_the_order_of_tags_tells_nothing_apart(tmp_path):
    rows = a_row(Tags='{"a": "1", "b": "2"}'), a_row(Tags='{"b": "2", "a": "1"}')

    assert told(tmp_path, *rows).charge.cost == 3


def test_ids_are_the_same_whatever_the_order_of_rows_the_amounts_and_the_format(tmp_path):
    rows = a_row(), a_row(SubAccountId="9"), a_row(ChargePeriodStart="2026-10-06T00:00:00Z")
    first = {charge.id for charge in told(tmp_path, *rows).charges}
    dearer = [row | {"EffectiveCost": "7"} for row in reversed(rows)]

    second = Told(write_parquet(tmp_path / "f.parquet", dearer)).charges

    assert {charge.id for charge in second} == first
    assert {charge.cost for charge in second} == {Decimal(7)}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        pytest.param("1E-7", "0.0000001", id="scientific"),
        pytest.param("1.2345678901234567e-07", "0.00000012345678901234567", id="a double's digits"),
        pytest.param("-12.5", "-12.5", id="a credit"),
        pytest.param("+3", "3", id="with a sign"),
        pytest.param("5e2", "500", id="a large exponent"),
        pytest.param("0.30000000000000000000000000000004", "0.3", id="more digits than kept"),
        pytest.param("123456789.123456789", "123456789.123456789", id="large"),
    ],
)
def test_an_amount_is_exact_as_it_is_written(tmp_path, text, amount):
    assert told(tmp_path, a_row(EffectiveCost=text)).charge.cost == Decimal(amount)


@pytest.mark.parametrize("text", ["1e30", "NaN", "Infinity", "1,5", "x", "1_000", "1e9999999"])
def test_what_is_no_amount_is_refused_with_its_line(tmp_path, text):
    found = told(tmp_path, a_row(), a_row(EffectiveCost=text))

    reason = f"“{text}” is no amount like 0.0125, up to a billion."
    assert found.refused == [("EffectiveCost", reason, [3])]
    assert found.charge.cost == Decimal("1.5")


def test_a_missing_cost_is_refused_and_never_zero(tmp_path):
    found = told(tmp_path, a_row(EffectiveCost=""), a_row(BilledCost=""))

    assert found.charges == []
    assert sorted(found.refused) == [
        ("BilledCost", "It is empty.", [3]),
        ("EffectiveCost", "It is empty.", [2]),
    ]


def test_a_missing_list_cost_is_unknown(tmp_path):
    assert told(tmp_path, a_row(), a_row(ListCost="")).charge.list_cost is None


def test_another_currency_is_refused_with_the_reason(tmp_path):
    found = told(tmp_path, a_row(BillingCurrency="EUR"))

    assert found.refused == [("BillingCurrency", "“EUR”: only USD can be booked.", [2])]


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        pytest.param({"ChargeCategory": "Rent"}, "ChargeCategory", id="category"),
        pytest.param({"ChargePeriodStart": "05/10/2026"}, "ChargePeriodStart", id="no time"),
        pytest.param({"BillingPeriodStart": ""}, "BillingPeriodStart", id="no period"),
        pytest.param(
            {"BillingPeriodEnd": "2026-10-01"}, "BillingPeriodEnd", id="a period of no length"
        ),
        pytest.param({"ChargePeriodEnd": "2026-10-01"}, "ChargePeriodEnd", id="ends too early"),
        pytest.param({"Tags": '{"workflow": "sear'}, "Tags", id="tags cut off"),
        pytest.param({"Tags": "[" * 100_000}, "Tags", id="tags nested deep"),
        pytest.param({"ProviderName": ""}, "ProviderName", id="nobody"),
    ],
)
def test_a_row_that_cannot_be_understood_is_refused_by_column(tmp_path, changed, about):
    found = told(tmp_path, a_row(**changed))

    assert [column for column, _, _ in found.refused] == [about]
    assert found.charges == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-05T00:00:00Z",
        "2026-10-05T00:00Z",
        "2026-10-05",
        "2026-10-05 00:00:00",
        "2026-10-05 00:00:00 UTC",
        "2026-10-05T00:00:00.0000000Z",
        "2026-10-05T02:00:00+02:00",
    ],
)
def test_times_are_utc_with_and_without_saying_so(tmp_path, text):
    charge = told(tmp_path, a_row(ChargePeriodStart=text, ChargePeriodEnd=text)).charge

    assert charge.start == datetime(2026, 10, 5, tzinfo=UTC)
    assert charge.end == datetime(2026, 10, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("category", "cost"),
    [("Usage", "1"), ("Purchase", "2"), ("Tax", "3"), ("credit", "-4"), ("ADJUSTMENT", "-5")],
)
def test_every_category_is_a_charge_of_its_own(tmp_path, category, cost):
    charge = told(tmp_path, a_row(ChargeCategory=category, EffectiveCost=cost)).charge

    assert (charge.category, charge.cost) == (Category(category.lower()), Decimal(cost))


def test_a_correction_of_an_older_period_stands_on_the_first_day_of_its_own(tmp_path):
    older = {"ChargePeriodStart": "2026-09-12", "ChargePeriodEnd": "2026-09-13"}
    found = told(tmp_path, a_row(ChargeClass="Correction", EffectiveCost="-2", **older))

    assert found.charge.start == datetime(2026, 10, 1, tzinfo=UTC)
    assert found.charge.item == "Correction: Amazon Bedrock: Input Tokens"
    assert (found.seen[0].moved, found.seen[0].moved_cost) == (1, -2)


def test_a_month_in_one_row_is_a_charge_of_the_month(tmp_path):
    whole = {"ChargePeriodStart": "2026-10-01", "ChargePeriodEnd": "2026-11-01"}
    charge = told(tmp_path, a_row(ChargeCategory="Purchase", **whole)).charge

    assert (charge.start, charge.end) == (
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    )


def test_budgets_count_effective_cost_and_billed_cost_is_told_beside_it(tmp_path):
    found = told(tmp_path, a_row(EffectiveCost="1", BilledCost="0"))

    assert found.charge.cost == 1
    (of_period,) = found.told.values()
    assert (of_period.effective, of_period.billed) == (1, 0)


def test_other_services_are_left_out_and_their_dollars_told(tmp_path):
    storage = a_row(ServiceCategory="Storage", ServiceName="Amazon S3", EffectiveCost="40")
    found = told(tmp_path, a_row(), storage, storage)

    assert (found.seen[0].left_out, found.seen[0].left_out_cost) == (2, 80)
    assert found.charge.cost == Decimal("1.5")


def test_with_all_services_each_is_of_its_account(tmp_path):
    storage = a_row(ServiceCategory="Storage", ServiceName="Amazon S3")
    found = told(tmp_path, a_row(), storage, all_services=True)

    assert {one.source for one, _ in found.bills} == {
        "bill/focus-aws",
        "bill/focus-aws.bedrock",
    }


def test_one_name_is_one_source_of_all_its_accounts(tmp_path):
    other = a_row(ProviderName="Microsoft", ServiceName="Azure OpenAI")
    found = told(tmp_path, a_row(), other, name="cloud")

    ((one, bills),) = found.bills
    assert one.source == "bill/focus-cloud"
    assert [len(bill.charges) for bill in bills if bill.charges] == [2]


def test_an_account_that_is_given_is_everybodys(tmp_path):
    row = without(a_row(), "ProviderName")

    assert told(tmp_path, row, account="payer-7").charge.account == "payer-7"


def test_bills_tile_the_billing_period(tmp_path):
    ((one, bills),) = told(tmp_path, a_row()).bills

    assert (one.stretch.start, one.stretch.end) == (
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert [bill.stretch.start for bill in bills][1:] == [b.stretch.end for b in bills][:-1]
    assert (bills[0].stretch.start, bills[-1].stretch.end) == (one.stretch.start, one.stretch.end)


def test_two_billing_periods_are_two_replacements(tmp_path):
    november = a_row(
        BillingPeriodStart="2026-11-01",
        BillingPeriodEnd="2026-12-01",
        ChargePeriodStart="2026-11-02",
        ChargePeriodEnd="2026-11-03",
    )

    assert len(told(tmp_path, a_row(), november).bills) == 2


def test_a_day_is_final_once_the_file_goes_two_days_beyond(tmp_path):
    days = [
        a_row(ChargePeriodStart=f"2026-10-{day:02}", ChargePeriodEnd=f"2026-10-{day + 1:02}")
        for day in (5, 6, 7, 8)
    ]

    assert [charge.final for charge in told(tmp_path, *days).charges] == [True, True, False, False]


def test_a_period_that_is_told_to_its_end_is_final(tmp_path):
    last = a_row(ChargePeriodStart="2026-10-31", ChargePeriodEnd="2026-11-01")

    assert told(tmp_path, last).charge.final


def test_columns_go_by_name_in_any_order_and_case(tmp_path):
    shuffled = {name.lower(): value for name, value in reversed(a_row().items())}

    assert told(tmp_path, shuffled).charge.cost == Decimal("1.5")


def test_what_1_3_renamed_is_found(tmp_path):
    renamed = without(a_row(), "ProviderName") | {
        "ServiceProviderName": "Google Cloud",
        "HostProviderName": "Google Cloud",
        "ServiceName": "Vertex AI",
    }

    assert told(tmp_path, renamed).charge.account == "gcp.vertex_ai"


def test_1_0_has_a_description_for_a_meter(tmp_path):
    old = without(a_row(), "SkuMeter", "SkuPriceDetails") | {"ChargeDescription": "Tokens in"}

    assert told(tmp_path, old).charge.item == "Amazon Bedrock: Tokens in"


def test_missing_columns_are_named_together(tmp_path):
    path = write_csv(tmp_path / "f.csv", [without(a_row(), "BilledCost", "ServiceCategory")])

    with pytest.raises(NoFocus, match=r"columns BilledCost, ServiceCategory\. .*--all-services"):
        Told(path)


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    (tmp_path / "f.csv").write_text("BilledCost," + as_csv([a_row()]))

    with pytest.raises(NoFocus, match="BilledCost is there twice"):
        Told(tmp_path / "f.csv")


@pytest.mark.parametrize("kind", [pa.float64(), pa.decimal128(30, 12), pa.string()], ids=str)
def test_parquet_of_any_kind_of_number_is_the_same_bill(tmp_path, kind):
    amounts = [Decimal("0.0000001"), Decimal("1.1"), Decimal("-0.3"), Decimal("999.123456789")]
    made = str if pa.types.is_string(kind) else float if pa.types.is_floating(kind) else Decimal
    rows = [a_row(**dict.fromkeys(_SUMS, made(amount))) for amount in amounts]

    found = Told(write_parquet(tmp_path / "f.parquet", rows, **dict.fromkeys(_SUMS, kind)))

    assert found.charge.cost == sum(amounts)


@pytest.mark.parametrize("amount", [0.1, 1e-7, 1 / 3, 2.5e-19, 87654321.12345678])
def test_a_double_is_the_shortest_text_that_names_it(tmp_path, amount):
    rows = [a_row(**dict.fromkeys(_SUMS, amount))]

    found = Told(write_parquet(tmp_path / "f.parquet", rows, **dict.fromkeys(_SUMS, pa.float64())))

    assert found.charge.cost == Decimal(repr(amount))


@given(
    st.lists(
        st.one_of(
            st.floats(),
            st.integers(-(10**13), 10**13).map(float),
            st.integers(-(10**16), 10**16).map(lambda number: number / 1_000),
        ),
        min_size=1,
    ),
    st.sampled_from([MONEY, QUANTITY]),
)
def test_doubles_are_read_as_their_texts_are(doubles, measure):
    found = amounts(pa.array(doubles), measure).to_pylist()

    assert found == [amount(repr(one), measure) for one in doubles]


@given(
    st.lists(st.decimals(-(10**13), 10**13, allow_nan=False, places=6), min_size=1),
    st.sampled_from([MONEY, QUANTITY]),
)
def test_decimals_are_read_as_their_texts_are(decimals, measure):
    found = amounts(pa.array(decimals, pa.decimal128(38, 6)), measure).to_pylist()

    assert found == [amount(str(one), measure) for one in decimals]


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 5e22])
def test_a_double_beyond_what_is_counted_is_refused(tmp_path, amount):
    rows = [a_row(**dict.fromkeys(_SUMS, amount))]

    found = Told(write_parquet(tmp_path / "f.parquet", rows, **dict.fromkeys(_SUMS, pa.float64())))

    assert (found.charges, found.seen[0].refused) == ([], 1)


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        pytest.param(pa.timestamp("ms"), lambda at: at.replace(tzinfo=None), id="without a zone"),
        pytest.param(pa.timestamp("us", "UTC"), lambda at: at, id="UTC"),
        pytest.param(pa.timestamp("ns", "America/New_York"), lambda at: at, id="another zone"),
        pytest.param(pa.date32(), lambda at: date(at.year, at.month, at.day), id="days"),
    ],
)
def test_parquet_of_any_kind_of_time_is_the_same_day(tmp_path, kind, made):
    times = {
        "BillingPeriodStart": made(datetime(2026, 10, 1, tzinfo=UTC)),
        "BillingPeriodEnd": made(datetime(2026, 11, 1, tzinfo=UTC)),
        "ChargePeriodStart": made(datetime(2026, 10, 5, tzinfo=UTC)),
        "ChargePeriodEnd": made(datetime(2026, 10, 6, tzinfo=UTC)),
    }

    found = Told(
        write_parquet(tmp_path / "f.parquet", [a_row(**times)], **dict.fromkeys(times, kind))
    )

    assert (found.charge.start, found.charge.end) == (
        datetime(2026, 10, 5, tzinfo=UTC),
        datetime(2026, 10, 6, tzinfo=UTC),
    )


_PAIRS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        pytest.param([("stage", "live"), ("workflow", "w")], pa.map_("string", "string"), id="map"),
        pytest.param(
            [{"key": "stage", "value": "live"}, {"key": "workflow", "value": "w"}],
            _PAIRS,
            id="pairs",
        ),
        pytest.param(
            '[{"key":"stage","value":"live"},{"key":"workflow","value":"w"}]', None, id="json"
        ),
        pytest.param('"stage": "live", "workflow": "w"', None, id="without braces"),
        pytest.param('{"stage": "live", "user:workflow": "w"}', None, id="a cloud's prefix"),
    ],
)
def test_tags_in_any_shape_name_the_workflow(tmp_path, tags, kind):
    kinds = {"Tags": kind} if kind is not None else {}
    rows = [a_row(Tags=tags), a_row(Tags=None, SubAccountId="1")]

    first, second = Told(write_parquet(tmp_path / "f.parquet", rows, **kinds)).charges
    tagged = first if first.clues.project == "880022" else second

    assert {"workflow:w", "stage:live"} <= set(tagged.tags)


def test_hostile_texts_are_kept_as_what_a_database_can_keep(tmp_path):
    tags = '{"a": "\\u0000b", "c": "\\ud800d", "e": "' + "x" * 5000 + '", "<!channel>": "\u202e"}'

    charge = told(tmp_path, a_row(Tags=tags, ResourceId="r\x00s", SubAccountId="p" * 999)).charge

    assert {"a:b", "c:d", "resource:rs"} <= set(charge.tags)
    assert max(map(len, (*charge.tags, charge.clues.project))) == 200


def test_only_so_many_tags_are_kept_and_the_workflow_is_one(tmp_path):
    many = ", ".join(f'"t{number:03}": "v"' for number in range(500))

    charge = told(tmp_path, a_row(Tags=f'{{{many}, "workflow": "w"}}')).charge

    assert (len(charge.tags), charge.tags[0]) == (50, "workflow:w")


def test_gzip_is_read_like_the_file_in_it(tmp_path):
    path = tmp_path / "f.csv.gz"
    text = as_csv([a_row()]).encode()
    # Concatenated members are one file, too.
    path.write_bytes(gzip.compress(text[:200]) + gzip.compress(text[200:]))

    assert looks_like_focus(path)
    assert Told(path).charge.cost == Decimal("1.5")


@pytest.mark.parametrize("name", ["f.csv.gz", "f.parquet"])
def test_a_file_that_was_cut_off_cannot_be_read(tmp_path, name):
    rows = [a_row(ResourceId=str(number)) for number in range(2_000)]
    path = tmp_path / name
    if name.endswith("gz"):
        path.write_bytes(gzip.compress(as_csv(rows).encode()))
    else:
        write_parquet(path, rows)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(NotReadable, match="damaged or cut off"):
        Told(path)


def test_a_csv_file_that_was_cut_off_has_a_bad_last_row(tmp_path):
    path = write_csv(tmp_path / "f.csv", [a_row(), a_row()])
    path.write_text(path.read_text()[:-120])

    found = Told(path)

    assert [lines for _, _, lines in found.refused] == [[3]]


def test_lines_are_told_as_a_person_finds_them(tmp_path):
    rows = [a_row(SubAccountName="two\nlines"), a_row(EffectiveCost="x")]
    text = as_csv(rows).replace("BilledCost", "BilledCost", 1)
    (tmp_path / "f.csv").write_text(text + "\nonly,three,cells\n")

    assert [lines for _, _, lines in Told(tmp_path / "f.csv").refused] == [[4], [6]]


def test_lines_are_told_right_behind_many_rows_of_a_bad_shape(tmp_path):
    rows = [a_row(ResourceId=f"{at}\nx") for at in range(3_000)]
    rows[2_900]["EffectiveCost"] = "abc"
    lines = as_csv(rows).splitlines(keepends=True)
    shapes = range(41, 2_001, 40)
    for at in reversed(shapes):
        lines.insert(at, "two,cells\n")
    (tmp_path / "f.csv").write_text("".join(lines))

    *_, (about, _, [line]) = sorted(Told(tmp_path / "f.csv").refused)

    assert (about, "abc" in lines[line - 1]) == ("EffectiveCost", True)


def test_a_row_that_does_not_end_is_said(tmp_path):
    whole = as_csv([a_row(), a_row(Tags="x" * 2_000_000), a_row()])
    (tmp_path / "f.csv").write_text(whole)

    with pytest.raises(NotReadable, match="a row of more than 500 kB, or a quote that is never"):
        Told(tmp_path / "f.csv")


def test_what_does_not_fit_in_memory_is_the_same_bill(tmp_path):
    rows = [
        a_row(ChargePeriodStart=f"2026-10-{1 + at % 30:02}", ResourceId=str(at % 300))
        for at in range(3_000)
    ]
    path = write_parquet(
        tmp_path / "f.parquet", [row | {"ChargePeriodEnd": "2026-10-31"} for row in rows]
    )

    assert Told(path, most=10_000).charges == Told(path).charges


def test_what_unfolds_to_much_is_read_a_few_rows_at_a_time(tmp_path):
    """One map, which the file holds once."""
    tags = [(f"name-{at}", "x" * 200) for at in range(20)]
    rows = [a_row(Tags=tags)] * 10_000
    path = write_parquet(tmp_path / "f.parquet", rows, Tags=pa.map_(pa.string(), pa.string()))
    (part,) = open_focus([path], FocusOptions())

    batches = [batch.num_rows for batch in part.file.batches(part.columns, lambda _: None)]

    assert (max(batches), sum(batches)) == (4_096, 10_000)


def test_bills_of_many_charges_are_of_whole_days(tmp_path):
    days = [f"2026-10-{1 + at % 3:02}" for at in range(9_000)]
    rows = [
        a_row(ChargePeriodStart=day, ChargePeriodEnd=day, ResourceId=str(at))
        for at, day in enumerate(days)
    ]

    ((one, bills),) = told(tmp_path, *rows).bills

    assert [len(bill.charges) for bill in bills] == [6_000, 3_000]
    assert [bill.stretch.end.day for bill in bills] == [3, 1]
    assert one.stretch.end == bills[-1].stretch.end


def test_parts_of_an_export_are_read_together(tmp_path):
    (tmp_path / "export").mkdir()
    write_csv(tmp_path / "export" / "part-0.csv", [a_row()])
    write_parquet(tmp_path / "export" / "part-1.parquet", [a_row()])
    (tmp_path / "export" / "manifest.json").write_text("{}")

    assert Told(*parts_of([tmp_path / "export"])).charge.cost == 3


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(",".join(ROW), True, id="FOCUS"),
        pytest.param("billedcost;chargeperiodstart", True, id="small letters"),
        pytest.param("at,workflow,cost", False, id="usage"),
        pytest.param("", False, id="empty"),
    ],
)
def test_a_focus_file_is_known_by_its_columns(tmp_path, header, expected):
    (tmp_path / "f.csv").write_text(header + "\n")

    assert looks_like_focus(tmp_path / "f.csv") is expected
