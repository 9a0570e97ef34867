"""What is wrong with rows of a FOCUS file, in words for the person who sent it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from handlers.files.focus.arrays import Coded

_LONGEST_TERM = 366 * 3
_SHOWN = 40
_NO_AMOUNT = "“{}” is no amount like 0.0125, up to a billion."
_NO_CATEGORY = "“{}” is none of Usage, Purchase, Tax, Credit and Adjustment."
_TIMES = {"term": "term", "term_end": "term_end", "day": "start", "until": "end"}

Reason = Callable[[int], str]
Wrong = tuple[str, pa.Array, Reason]


@dataclass(frozen=True)
class Made:
    """Columns by name: texts, and numbers. A null is what could not be read."""

    texts: Mapping[str, Coded]
    numbers: Mapping[str, pa.Array]

    def filter(self, kept: pa.Array) -> "Made":
        return Made(
            {name: column.filter(kept) for name, column in self.texts.items()},
            {name: column.filter(kept) for name, column in self.numbers.items()},
        )


class Said(Protocol):
    """The texts as the file has them."""

    def text(self, field: str) -> Coded: ...


def wrong(made: Made, said: Said, names: Mapping[str, Sequence[str]]) -> Iterator[Wrong]:
    """Each kind of fault that is there: the column, the rows (true), and the words for one."""
    for about, rows, reason in _checks(made, said, names):
        # What is null here is told of elsewhere.
        bad = pc.fill_null(rows, False)  # noqa: FBT003
        if pc.any(bad).as_py():
            yield about, bad, reason()


def _checks(
    made: Made, said: Said, names: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, pa.Array, Callable[[], Reason]]]:
    numbers, texts = made.numbers, made.texts
    for name, column in _TIMES.items():
        empty = pc.is_null(numbers[name])
        yield names[column][0], empty, _quoting(said, column, "“{}” is no time like 2026-11-01.")
    length = pc.subtract(numbers["term_end"], numbers["term"])
    short = pc.or_(pc.less_equal(length, 0), pc.greater(length, _LONGEST_TERM))
    yield "BillingPeriodEnd", short, _saying("The billing period does not end after its start.")
    early = pc.less(numbers["until"], numbers["day"])
    yield "ChargePeriodEnd", early, _saying("The charge period ends before its start.")
    yield "ChargeCategory", _unread(texts["category"]), _quoting(said, "category", _NO_CATEGORY)
    foreign = _not_dollars(said.text("currency"))
    yield "BillingCurrency", foreign, _quoting(said, "currency", "“{}”: only USD can be booked.")
    for name in ("effective", "billed"):
        empty = pc.is_null(numbers[name])
        yield names[name][0], empty, _quoting(said, name, _NO_AMOUNT)
    yield "Tags", _unread(texts["tags"]), _saying("They are no JSON object; is the row cut off?")
    unnamed = pc.equal(texts["account"].plain(), "")
    yield " or ".join(names["provider"]), unnamed, _saying("Nobody is named. (--account NAME)")


def _unread(column: Coded) -> pa.Array:
    return pc.is_null(column.values).take(column.codes)


def _not_dollars(column: Coded) -> pa.Array:
    plain = pc.utf8_upper(pc.utf8_trim_whitespace(column.values))
    return pc.not_equal(plain, "USD").take(column.codes)


def _saying(words: str) -> Callable[[], Reason]:
    return lambda: lambda _: words


def _quoting(said: Said, field: str, words: str) -> Callable[[], Reason]:
    def prepared() -> Reason:
        texts = said.text(field)

        def reason(row: int) -> str:
            text = texts.text(row)[:_SHOWN]
            return words.format(text) if text else "It is empty."

        return reason

    return prepared
