"""Booking a batch that is too much for a period: what does not fit is refused record by record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.attribution import UNATTRIBUTED
from bot.names import quoted
from bot.usage import CORRECTED, TAKEN, Answer, Outcome, Usage
from storage.beliefs import Beliefs
from storage.usage_page import Identity, Page
from storage.usage_sums import Row

# A sum of nano-dollars is a BIGINT.
MOST = 2**63 - 1

# Workflow, kind of cap and start of a period in microseconds; what it holds in nano-dollars.
Held = Mapping[tuple[str, str, int], int]


class CarefulPage(Page):
    """A page that knows what its periods hold: `held`, which has none of those that are empty."""

    def __init__(
        self, beliefs: Beliefs, owners: Mapping[str, str], now: datetime, held: Held
    ) -> None:
        super().__init__(beliefs, owners, now)
        self._held = Counter(held)

    def book(self, batch: Sequence[Usage], known: Mapping[Identity, Row]) -> None:
        for usage in batch:
            gains = self._gains(usage, known)
            if any(gain > 0 and self._held[at] + gain > MOST for at, gain in gains.items()):
                self.answers.append(_no_room(usage, self._beliefs.of(usage).ruler.key))
                continue
            super().book((usage,), known)
            if self.answers[-1] in {TAKEN, CORRECTED}:
                self._held.update(gains)

    def _gains(self, usage: Usage, known: Mapping[Identity, Row]) -> Counter[tuple[str, str, int]]:
        row = self._row(usage, self._beliefs.of(usage))
        key = (row.source, row.id)
        before = self.added.get(key) or self.changed.get(key) or known.get(key)
        gains: Counter[tuple[str, str, int]] = Counter()
        if before is not None and row.repeats(before):
            return gains
        self._gain(gains, row, 1)
        if before is not None:
            self._gain(gains, before, -1)
        return gains

    def _gain(self, gains: Counter[tuple[str, str, int]], row: Row, sign: int) -> None:
        slot = self._beliefs.rulers[row.workflow].slot(row.at)
        for span in slot.spans:
            gains[slot.workflow, span.cap, span.start] += sign * row.counts * (row.cost or 0)


def _no_room(usage: Usage, workflow: str) -> Answer:
    most, again = "more than $9 billion, the most that can be counted", "send it again with its id"
    if workflow != UNATTRIBUTED:
        why = f"With it a period of {quoted(workflow)} would hold {most}."
        do = f"Check that the cost is in USD, or correct a record that is too high: {again}."
    else:
        why = f"With it the spend of no registered workflow would be {most} in one period."
        name = (
            f"Register {quoted(usage.workflow)}" if usage.workflow else "Name a registered workflow"
        )
        do = f"{name}, or correct a record that is too high: {again}."
    return Answer(Outcome.REFUSED, "cost", f"{why} {do}")
