"""What became of the rows of a file."""

import re
from collections import Counter
from dataclasses import dataclass, field

from bot.usage import Answer, Outcome

_LINES_NAMED = 5
_MOST_KINDS = 100
_PARTICULAR = re.compile(r"“.*?”|\d[\d,.]*", re.DOTALL)


@dataclass
class Refused:
    """Rows refused for one kind of reason. `reason` is the first one's; `lines` are the first."""

    about: str
    reason: str
    rows: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass
class Tally:
    """Grows row by row, and stays small however long the file is."""

    rows: Counter[Outcome] = field(default_factory=Counter)
    refused: dict[tuple[str, str], Refused] = field(default_factory=dict)

    def count(self, line: int, answer: Answer) -> None:
        self.rows[answer.outcome] += 1
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
        if len(refused.lines) < _LINES_NAMED:
            refused.lines.append(line)
