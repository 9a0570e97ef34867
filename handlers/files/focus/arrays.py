"""Columns of a batch of rows, made into what is counted: each text once, not once a row."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bot.focus.cells import BETWEEN, MONEY, Measure, amount

_BETWEEN_NAME_AND_VALUE = "\x1f"
_MOST_REMEMBERED = 50_000
# What is cast to a decimal as it stands, by its scale and by what an exponent of nine leaves of it;
# beyond it, casting may overflow without a word.
_PLAIN = r"^-?[0-9]{{1,8}}(\.[0-9]{{1,{}}}|(\.[0-9]{{1,{}}})?[eE]-0?[0-9])?$"
_DAY = 86_400_000_000
_YEAR_2000, _YEAR_2100 = 10_957, 47_482
# Of prices, and of quantities, which are larger.
_PLACES = (12, 3)
_EXACT_DIGITS = 10**15
# As narrow as a whole number: two wide ones are not multiplied, even where there is room.
_DIGITS = pa.decimal128(19, 0)


class Remembered(dict[Any, Any]):
    """What a function made of something, for as many as fit."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, said: Any) -> Any:  # noqa: ANN401 - whatever `read` takes and gives
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        found = self[said] = self._read(said)
        return found


class Coded:
    """A column of texts as numbers into a list of them; where there is none, it is empty."""

    def __init__(self, codes: pa.Array, values: pa.Array) -> None:
        self.codes = codes
        self.values = values

    @classmethod
    def of(cls, column: pa.Array) -> "Coded":
        if not pa.types.is_dictionary(column.type):
            column = _texts(column).dictionary_encode(null_encoding="encode")
        codes, values = pc.cast(column.indices, pa.int32()), column.dictionary
        if codes.null_count:
            codes = pc.fill_null(codes, len(values))
            values = pa.concat_arrays([values, pa.nulls(1, values.type)])
        return cls(codes, pc.fill_null(pc.cast(values, pa.string()), ""))

    @classmethod
    def empty(cls, rows: int) -> "Coded":
        return cls(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([""]))

    def filter(self, kept: pa.Array) -> "Coded":
        return Coded(self.codes.filter(kept), self.values)

    def each(self, read: Remembered, kind: pa.DataType) -> "Coded":
        """`read` of every text."""
        return Coded(self.codes, pa.array([read[text] for text in self.values.to_pylist()], kind))

    def plain(self) -> pa.Array:
        return self.values.take(self.codes)

    def text(self, row: int) -> str:
        return str(self.values[self.codes[row].as_py()].as_py())

    def or_else(self, other: "Coded") -> "Coded":
        """Where it is empty, the other."""
        filled = pc.not_equal(self.values, "")
        if pc.all(filled).as_py():
            return self
        plain = self.plain()
        return Coded.of(pc.if_else(filled.take(self.codes), plain, other.plain()))


def together(columns: Sequence[Coded], read: Remembered) -> Coded:
    """`read` of the texts that stand in one row."""
    codes = pc.cast(columns[0].codes, pa.int64())
    for column in columns[1:]:
        codes = pc.add(pc.multiply(codes, len(column.values)), column.codes)
    seen = codes.dictionary_encode()
    made = []
    for code in seen.dictionary.to_pylist():
        said = []
        for column in reversed(columns):
            code, at = divmod(code, len(column.values))  # noqa: PLW2901 - read digit by digit
            said.append(column.values[at].as_py())
        made.append(read[tuple(reversed(said))])
    return Coded(seen.indices, pa.array(made, pa.string()))


def _texts(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_map(column.type) or pa.types.is_list(column.type):
        return _pairs(column)
    return column if pa.types.is_string(column.type) else pc.cast(column, pa.string())


def kind_of(measure: Measure) -> pa.DataType:
    return pa.decimal128(38, measure.scale)


def amounts(column: pa.Array, measure: Measure = MONEY) -> pa.Array:
    """Decimals; null where there is none, or it is no amount or more than counts."""
    exact = _decimals(column, measure) if pa.types.is_decimal(column.type) else None
    if pa.types.is_floating(column.type):
        tried = (_doubles(column, places, measure) for places in _PLACES)
        exact = next((one for one in tried if one is not None), None)
    if exact is not None:
        return exact
    # A double is the shortest text that names it: what the sender most likely wrote.
    column = _texts(column)
    plain = _PLAIN.format(measure.scale, measure.scale - 9)
    if pc.all(pc.match_substring_regex(column, plain)).as_py() is not False:
        return pc.cast(column, kind_of(measure))
    return pa.array([amount(text or "", measure) for text in column.to_pylist()], kind_of(measure))


def _decimals(column: pa.Array, measure: Measure) -> pa.Array | None:
    try:
        found = pc.cast(column, kind_of(measure))
    except pa.ArrowInvalid:
        return None
    most = pa.scalar(measure.largest, found.type)
    return pc.if_else(pc.less_equal(pc.abs(found), most), found, pa.scalar(None, found.type))


def _doubles(column: pa.Array, places: int, measure: Measure) -> pa.Array | None:
    """The same texts without writing them: a whole number of 10⁻ᵖˡᵃᶜᵉˢ with at most fifteen digits,
    of which each double names one.
    """
    column = pc.cast(column, pa.float64())
    whole = pc.round(pc.multiply(column, float(10**places)))
    same = pc.equal(pc.divide(whole, float(10**places)), column)
    small = pc.less(pc.abs(whole), float(_EXACT_DIGITS))
    counts = pc.less_equal(pc.abs(column), float(measure.largest))
    if pc.all(pc.and_(pc.and_(same, small), counts)).as_py() is False:
        return None
    digits = pc.cast(pc.cast(whole, pa.int64()), _DIGITS)
    half = (measure.scale - places) // 2
    for zeros in (half, measure.scale - places - half):
        digits = pc.multiply(digits, pa.scalar(Decimal(10**zeros))).view(_DIGITS)
    # The same digits seen so: to cast them takes as long as all the rest.
    return digits.view(kind_of(measure))


def days(column: pa.Array, read: Remembered, *, up: bool) -> pa.Array:
    """Days since 1970; `up`: to the day after, unless it is midnight. `read`: of a text."""
    kind = column.type
    if not pa.types.is_temporal(kind):
        return Coded.of(column).each(read, pa.int32()).plain()
    if pa.types.is_date(kind):
        return pc.cast(pc.cast(column, pa.date32()), pa.int32())
    # Without a zone it is UTC, as FOCUS says; with one it is kept as UTC.
    micros = pc.cast(pc.cast(column, pa.timestamp("us", kind.tz), safe=False), pa.int64())
    day = pc.divide(pc.add(micros, _DAY - 1) if up else micros, _DAY)
    known = pc.and_(pc.greater_equal(day, _YEAR_2000), pc.less(day, _YEAR_2100))
    return pc.cast(pc.if_else(known, day, pa.scalar(None, pa.int64())), pa.int32())


def _pairs(column: pa.Array) -> pa.Array:
    """A map, or a list of (key, value), as one text a row: `key␟value␞…`."""
    if pa.types.is_map(column.type):
        names, values, offsets = column.keys, column.items, column.offsets
    else:
        flat = column.flatten()
        names, values = flat.field(0), flat.field(1)
        offsets = pc.subtract(column.offsets, column.offsets[0])
    between = pa.scalar(_BETWEEN_NAME_AND_VALUE)
    joined = pc.binary_join_element_wise(_bare(names), _bare(values), between)
    return pc.binary_join(pa.ListArray.from_arrays(offsets, joined), BETWEEN)


def _bare(column: pa.Array) -> pa.Array:
    text = pc.fill_null(_texts(column), "")
    for mark in (BETWEEN, _BETWEEN_NAME_AND_VALUE):
        text = pc.replace_substring(text, mark, " ")
    return text


def split_pairs(text: str) -> list[tuple[str, str]]:
    """What a map was made into."""
    parts = (pair.partition(_BETWEEN_NAME_AND_VALUE) for pair in text.split(BETWEEN) if pair)
    return [(name, value) for name, _, value in parts]
