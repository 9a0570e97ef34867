"""What became of the rows of a file."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bot.usage import Answer, CostBasis, Outcome, Usage

_LINES_NAMED = 5
_MOST_KINDS = 100
_BOOKED = (Outcome.TAKEN, Outcome.CORRECTED)
_PARTICULAR = re.compile(r"“.*?”|\d[\d,.]*", re.DOTALL)


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
