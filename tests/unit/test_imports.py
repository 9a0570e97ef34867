from decimal import Decimal

from bot.imports import Money, Tally
from bot.usage import CORRECTED, REPEATED, TAKEN, Answer, Outcome, SentUsage, Usage, read_usage
from tests.builders import MONDAY


def refused(field, reason) -> Answer:
    return Answer(Outcome.REFUSED, field, reason)


def a_row(**fields) -> Usage:
    return read_usage(SentUsage(id="1", at=MONDAY, **fields), "import", MONDAY)


def test_rows_are_counted_by_what_became_of_them():
    tally = Tally()

    for line, answer in enumerate((TAKEN, TAKEN, REPEATED, refused("at", "It has no zone."))):
        tally.count(line, answer)

    assert dict(tally.rows) == {Outcome.TAKEN: 2, Outcome.REPEATED: 1, Outcome.REFUSED: 1}
    assert tally.stored == 3


def test_reasons_that_differ_in_a_number_or_a_word_are_one_kind():
    tally = Tally()

    for line in range(2, 12):
        tally.count(line, refused("cost", f"“{line}x” is not an amount of USD, like 0.0125."))
    tally.count(12, refused("input_tokens", "“12x” is not an amount of USD, like 0.0125."))

    first, second = tally.refused.values()
    assert (first.rows, first.lines) == (10, [2, 3, 4, 5, 6])
    assert first.reason.startswith("“2x”")
    assert second.rows == 1
    assert (first.differ, second.differ) == (True, False)


def test_money_is_counted_where_a_row_moves_it_and_what_is_assumed_is_told_apart():
    tally = Tally()
    billed, assumed, unmetered = a_row(cost=Decimal(3)), a_row(input_tokens=1), a_row()

    for line, row in enumerate((billed, assumed, unmetered, unmetered)):
        tally.count(line, TAKEN, row)
    tally.count(5, REPEATED, assumed)
    tally.count(6, CORRECTED, billed)
    tally.count(7, refused("cost", "It would overflow its period."), billed)

    guess = assumed.nanos or 0
    assert guess > 0
    assert tally.money == {
        Outcome.TAKEN: Money(3_000_000_000 + guess, guess, 2),
        Outcome.CORRECTED: Money(3_000_000_000, 0, 0),
    }


def test_a_file_that_is_wrong_in_a_thousand_ways_does_not_fill_the_memory():
    tally = Tally()

    for line in range(1000):
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(line))
        tally.count(line, refused("at", letters))

    assert len(tally.refused) <= 101
    assert sum(kind.rows for kind in tally.refused.values()) == 1000
