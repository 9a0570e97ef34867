"""What became of the rows of a file, and what named them."""

import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime

from bot.changes import Change
from bot.names import quoted
from bot.refusal import Refusal
from bot.usage import Answer, CostBasis, Outcome, Usage

_LINES_NAMED = 5
_MOST_KINDS = 100
_BOOKED = (Outcome.TAKEN, Outcome.CORRECTED)
_IMPORT = "budget-bot import"
_PARTICULAR = re.compile(r"“.*?”|\d[\d,.]*", re.DOTALL)


class ReadBefore(Refusal):
    """Its rows have other names in the ledger: they would count once more."""


@dataclass(frozen=True)
class Naming:
    """What a file's rows are known by. Without an `id` column that is their number; `source` is
    of those that no column gives one.
    """

    id_column: str | None
    source_column: str | None
    source: str | None

    def __str__(self) -> str:
        by = f"the column {quoted(self.id_column)}" if self.id_column else "the number of each row"
        of = (
            f"the column {quoted(self.source_column)}"
            if self.source_column
            else f"the source {quoted(self.source or '')}"
        )
        return f"by {by}, of {of}"


def about_file(digest: str) -> str:
    return f"file:{digest}"


def read_first(digest: str, naming: Naming, now: datetime) -> Change:
    return Change(now, _IMPORT, about_file(digest), "read", after=asdict(naming))


def check_naming(naming: Naming, before: Change) -> None:
    """Raises ReadBefore where a file's rows were named otherwise when it was read first."""
    was = Naming(**before.after)
    if was != naming:
        raise ReadBefore(
            f"This file was read before, on {before.at:%F %H:%M} UTC, its rows named {was}. "
            f"Now they would be named {naming}, and all count once more. Nothing was stored. "
            "Read it with the names it had: what else is mapped by now corrects its rows."
        )


@dataclass
class Refused:
    """Rows refused for one kind of reason. `reason` is the first one's; `lines` are the first.

    `differ`: another row's reason has another number or word in it.
    """

    about: str
    reason: str
    rows: int = 0
    lines: list[int] = field(default_factory=list)
    differ: bool = False


@dataclass
class Money:
    """What rows cost, in whole nano-dollars; `assumed` is of it, `unmetered` rows have no cost."""

    nanos: int = 0
    assumed: int = 0
    unmetered: int = 0

    def add(self, usage: Usage) -> None:
        if usage.nanos is None:
            self.unmetered += 1
            return
        self.nanos += usage.nanos
        if usage.basis is CostBasis.ASSUMED:
            self.assumed += usage.nanos


@dataclass
class Tally:
    """Grows row by row, and stays small however long the file is."""

    rows: Counter[Outcome] = field(default_factory=Counter)
    refused: dict[tuple[str, str], Refused] = field(default_factory=dict)
    money: defaultdict[Outcome, Money] = field(default_factory=lambda: defaultdict(Money))

    def count(self, line: int, answer: Answer, usage: Usage | None = None) -> None:
        """`usage` is the row itself, where it is one: what is booked anew is added up."""
        self.rows[answer.outcome] += 1
        if usage is not None and answer.outcome in _BOOKED:
            self.money[answer.outcome].add(usage)
        if answer.outcome is Outcome.REFUSED:
            self._refuse(line, answer.field or "", answer.reason or "")

    @property
    def stored(self) -> int:
        """Rows the database holds now, new or not."""
        return self.rows.total() - self.rows[Outcome.REFUSED]

    def _refuse(self, line: int, about: str, reason: str) -> None:
        # What differs from row to row (a number, a quoted word) makes no other kind of reason.
        kind = about, _PARTICULAR.sub("#", reason)
        if kind not in self.refused and len(self.refused) >= _MOST_KINDS:
            kind, reason = ("", ""), "other reasons"
        refused = self.refused.setdefault(kind, Refused(kind[0], reason))
        refused.rows += 1
        refused.differ |= reason != refused.reason
        if len(refused.lines) < _LINES_NAMED:
            refused.lines.append(line)
