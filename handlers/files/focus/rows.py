"""Rows of a FOCUS file, checked, made alike and added up to lines, a batch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from bot.focus.accounts import whose
from bot.focus.cells import (
    MONEY,
    QUANTITY,
    Measure,
    category,
    day_after,
    first_day,
    joined_tags,
    tags_text,
)
from bot.imports import Tally
from bot.money import ZERO
from bot.usage import Answer, Outcome
from handlers.files.focus import arrays
from handlers.files.focus.arrays import Coded, Remembered
from handlers.files.focus.checks import Made, wrong
from handlers.files.focus.columns import FocusColumns

_TEXTS = ("payer", "sub_account", "sub_account_name", "service", "resource", "meter", "details")
# What tells lines apart, and what is added up. `listed`, `measured`: rows whose list_cost, whose
# quantity is known.
KEYS = (
    *("account", "term", "term_end", "day", "until", "category", "correction"),
    *(*_TEXTS, "unit", "tags"),
)
_AMOUNTS = {"effective": MONEY, "billed": MONEY, "list_cost": MONEY, "quantity": QUANTITY}
SUMS = (*_AMOUNTS, "rows", "listed", "measured")


@dataclass
class Seen:
    """What became of the rows so far. Dollars are EffectiveCost.

    `moved`: rows whose charge period lies outside their billing period. `tally` holds the refused.
    """

    rows: int = 0
    left_out: int = 0
    left_out_cost: Decimal = ZERO
    moved: int = 0
    moved_cost: Decimal = ZERO
    tally: Tally = field(default_factory=Tally)

    def refuse(self, row: int, about: str, reason: str) -> None:
        self.tally.count(row, Answer(Outcome.REFUSED, about, reason))

    @property
    def refused(self) -> int:
        return self.tally.rows[Outcome.REFUSED]


class FocusRows:
    """`account`: of every row, whoever the file says provides it."""

    def __init__(self, columns: FocusColumns, *, account: str | None, all_services: bool) -> None:
        self.seen = Seen()
        self._columns = columns
        self._account = account
        self._all = all_services
        self._whose = Remembered(self._account_of)
        self._first = Remembered(first_day)
        self._after = Remembered(day_after)
        self._category = Remembered(category)
        self._tags = Remembered(tags_text)
        self._pairs = Remembered(lambda text: joined_tags(arrays.split_pairs(text)))

    def read(self, batch: pa.RecordBatch, rows: Sequence[int]) -> pa.Table | None:
        """KEYS and SUMS of the rows that count, added up; `rows` are their numbers."""
        numbers = pa.array(rows, pa.int64())
        self.seen.rows += batch.num_rows
        raw = _Raw(self._columns, batch)
        accounts = self._accounts(raw)
        kept = pc.is_valid(accounts.plain())
        if self._leave_out(raw, kept):
            raw, accounts, numbers = raw.filter(kept), accounts.filter(kept), numbers.filter(kept)
        if not len(numbers):
            return None
        return self._summed(self._good(self._made(raw, accounts), raw, numbers))

    def _account_of(self, said: tuple[str, str, str]) -> str | None:
        account, is_ai = whose(*said)
        if not is_ai and not self._all:
            return None
        return self._account or account

    def _accounts(self, raw: "_Raw") -> Coded:
        said = [raw.text(name) for name in ("provider", "service", "service_category")]
        return arrays.together(said, self._whose)

    def _leave_out(self, raw: "_Raw", kept: pa.Array) -> bool:
        out = len(kept) - (pc.sum(kept).as_py() or 0)
        if out:
            costs = arrays.amounts(raw.column("effective")).filter(pc.invert(kept))
            self.seen.left_out += out
            self.seen.left_out_cost += pc.sum(costs).as_py() or ZERO
        return bool(out)

    def _made(self, raw: "_Raw", accounts: Coded) -> Made:
        days, first, after = arrays.days, self._first, self._after
        texts = {name: raw.text(name) for name in (*_TEXTS, "unit", "correction")}
        texts["account"] = accounts
        texts["category"] = raw.text("category").each(self._category, pa.string())
        texts["tags"] = raw.text("tags").each(
            self._pairs if raw.is_nested("tags") else self._tags, pa.string()
        )
        numbers = {
            "term": days(raw.column("term"), first, up=False),
            "term_end": days(raw.column("term_end"), after, up=True),
            "day": days(raw.column("start"), first, up=False),
            "until": days(raw.column("end"), after, up=True),
            **{name: raw.amounts(name, measure) for name, measure in _AMOUNTS.items()},
        }
        return Made(texts, numbers)

    def _good(self, made: Made, raw: "_Raw", numbers: pa.Array) -> Made:
        bad = None
        for about, rows, reason in wrong(made, raw, self._columns.names):
            fresh = rows if bad is None else pc.and_not(rows, bad)
            for at in pc.indices_nonzero(fresh).to_pylist():
                self.seen.refuse(numbers[at].as_py(), about, reason(at))
            bad = fresh if bad is None else pc.or_(bad, fresh)
        return self._within(made if bad is None else made.filter(pc.invert(bad)))

    def _within(self, made: Made) -> Made:
        """Charges stand in their billing period, so that a newer file of it replaces them all: a
        correction of an older one stands on its first day.
        """
        day, until = made.numbers["day"], made.numbers["until"]
        first, end = made.numbers["term"], made.numbers["term_end"]
        outside = pc.or_(pc.less(day, first), pc.greater_equal(day, end))
        one = pa.scalar(1, pa.int32())
        if pc.any(outside).as_py():
            moved = made.numbers["effective"].filter(outside)
            self.seen.moved += len(moved)
            self.seen.moved_cost += pc.sum(moved).as_py()
            last = pc.subtract(end, one)
            day = pc.max_element_wise(pc.min_element_wise(day, last), first)
        # A row of one instant is a row of its day.
        until = pc.min_element_wise(pc.max_element_wise(until, pc.add(day, one)), end)
        return Made(made.texts, {**made.numbers, "day": day, "until": until})

    @staticmethod
    def _summed(made: Made) -> pa.Table:
        """Texts are compared as numbers, and written out once a line."""
        columns = {name: made.texts[name].codes for name in KEYS if name in made.texts}
        columns |= made.numbers
        columns["rows"] = pa.repeat(pa.scalar(1), len(columns["day"]))
        columns["listed"] = pc.cast(pc.is_valid(columns["list_cost"]), pa.int64())
        columns["measured"] = pc.cast(pc.is_valid(columns["quantity"]), pa.int64())
        lines = added_up(pa.table(columns))
        for at, name in enumerate(KEYS):
            if name in made.texts:
                values = made.texts[name].values
                lines = lines.set_column(at, name, values.take(lines[name].combine_chunks()))
        return lines


def added_up(lines: pa.Table) -> pa.Table:
    """SUMS for each that differs in KEYS."""
    sums = lines.group_by(list(KEYS), use_threads=False).aggregate([(one, "sum") for one in SUMS])
    columns = {name: sums[name] for name in KEYS}
    return pa.table(columns | {name: sums[f"{name}_sum"] for name in SUMS})


class _Raw:
    """The columns of a batch by our names."""

    def __init__(self, columns: FocusColumns, batch: pa.RecordBatch) -> None:
        self._names = columns
        self._batch = batch

    def filter(self, kept: pa.Array) -> "_Raw":
        return _Raw(self._names, self._batch.filter(kept))

    def columns(self, field: str) -> list[pa.Array]:
        return [self._batch.column(name) for name in self._names.names[field]]

    def column(self, field: str) -> pa.Array:
        return self.columns(field)[0]

    def text(self, field: str) -> Coded:
        found = [Coded.of(column) for column in self.columns(field)]
        if not found:
            return Coded.empty(self._batch.num_rows)
        first, *others = found
        for other in others:
            first = first.or_else(other)
        return first

    def is_nested(self, field: str) -> bool:
        return any(pa.types.is_nested(column.type) for column in self.columns(field))

    def amounts(self, field: str, measure: Measure) -> pa.Array:
        found = self.columns(field)
        if not found:
            return pa.nulls(self._batch.num_rows, arrays.kind_of(measure))
        return arrays.amounts(found[0], measure)
