from collections.abc import Mapping
from datetime import datetime

from bot.alerts import Quiet
from storage.usage import Recorded


class QuietMarks:
    """Up to which spend each workflow stays quiet, as one state of the registry has it.

    Only a memory: without it every batch would be looked at, and nothing else would change.
    """

    def __init__(self) -> None:
        self._version = -1
        self._quiet: dict[str, Quiet] = {}

    def disturbed(self, recorded: Recorded, now: datetime) -> frozenset[str]:
        """The workflows of a booking in which something may be to be said."""
        if recorded.registry_version != self._version:
            return recorded.workflows
        return recorded.corrected | {
            total.workflow
            for total in recorded.totals
            if not self._covers(total.workflow, now)
            or not self._quiet[total.workflow].covers(total.period, total.spent)
        }

    def _covers(self, workflow: str, now: datetime) -> bool:
        quiet = self._quiet.get(workflow)
        return quiet is not None and now < quiet.until

    def remember(self, version: int, quiet: Mapping[str, Quiet]) -> None:
        """Only once it is committed: what is undone was not said."""
        if version < self._version:
            return
        if version > self._version:
            self._version, self._quiet = version, {}
        self._quiet |= quiet
