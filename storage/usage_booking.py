"""What both drivers share: the statements, and what a booking came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from bot.refusal import Refusal
from bot.usage import Usage
from storage.beliefs import Beliefs
from storage.former_owners import kept
from storage.rulers import Unmeasured
from storage.usage_page import Fed, Identity, Marked, Page, SourceHour, SourceSeen
from storage.usage_room import MOST, CarefulPage, Held
from storage.usage_sums import HourSum, Row, TotalSum


class TooMuch(Refusal):
    """A sum that whole nano-dollars cannot hold: above nine billion dollars in one period."""

    def __init__(self) -> None:
        super().__init__(
            "With it a period would hold more than $9 billion, which cannot be meant.", field="cost"
        )


class TotalNow(NamedTuple):
    """What a period holds after a booking: microseconds, nano-dollars."""

    workflow: str
    cap: str
    start: int
    end: int
    cost: int


@dataclass(frozen=True)
class Booked:
    """`owners` are the touched sources and the keys they belong to."""

    page: Page
    totals: tuple[TotalNow, ...]
    owners: dict[str, str]
    version: int


@dataclass(frozen=True)
class Booking:
    """A batch, and what is believed of registry and sources; `stands` says whether it was true.

    `held` is looked up once the batch was too much: then it is booked record by record.
    """

    batch: Sequence[Usage]
    beliefs: Beliefs
    owners: Mapping[str, str]
    now: datetime
    held: Held | None = None

    def page(self, known: Mapping[Identity, Row]) -> Page:
        """Raises Unmeasured: what is corrected may have belonged to workflows not learnt yet."""
        if lacking := self.beliefs.rulers.lacking(row.workflow for row in known.values()):
            raise Unmeasured(*lacking)
        believed = self.beliefs, self.owners, self.now
        page = Page(*believed) if self.held is None else CarefulPage(*believed, self.held)
        page.book(self.batch, known)
        return page

    def identities(self) -> list[Identity]:
        return sorted({(usage.source, usage.id) for usage in self.batch})

    def stands(self, booked: Booked) -> bool:
        """Raises TooMuch."""
        # SQLite goes on in floating point where a sum passes its whole numbers.
        if any(type(total.cost) is not int or total.cost > MOST for total in booked.totals):
            raise TooMuch
        return booked.version == self.beliefs.version and not self.misbelieved(booked)

    def misbelieved(self, booked: Booked) -> dict[str, str]:
        """The sources that belong to another key than was believed, with that key."""
        return {
            name: booked.owners[name]
            for name, believed in booked.page.owners.items()
            if booked.owners[name] != believed
        }


Shape = (
    type[Row]
    | type[HourSum]
    | type[TotalSum]
    | type[SourceSeen]
    | type[SourceHour]
    | type[Fed]
    | type[Marked]
)


class Replaced(NamedTuple):
    """A row of `corrected_usage`."""

    source: str
    id: str
    was: str
    corrected_at: int


def replaced(page: Page) -> list[Replaced]:
    was = [(row, msgspec.json.encode(row._asdict()).decode()) for row in page.replaced]
    if page.recount is not None:
        was += [(before, kept(page.recount, before, after)) for before, after in page.given]
    return [Replaced(row.source, row.id, said, page.now) for row, said in was]


def columns(shape: Shape | type[Replaced]) -> str:
    return ", ".join(f'"{name}"' for name in shape._fields)


def _added(table: str, *names: str) -> str:
    return ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in names)


def _later(table: str) -> str:
    return f"""last_at = CASE WHEN {table}.last_at IS NULL OR excluded.last_at > {table}.last_at
THEN excluded.last_at ELSE {table}.last_at END"""


ADD_HOURS = f"""ON CONFLICT (workflow, hour, model, account)
DO UPDATE SET {_added("usage_hours", *HourSum._fields[4:])}"""

ADD_TOTALS = f"""ON CONFLICT (workflow, cap, start)
DO UPDATE SET {_added("period_totals", *TotalSum._fields[4:-1])}, {_later("period_totals")}
RETURNING {", ".join(f'"{name}"' for name in TotalNow._fields)}"""

ADD_SOURCES = f"""ON CONFLICT (name)
DO UPDATE SET {_later("sources")}, last_received = excluded.last_received,
{_added("sources", "records", "unpriced")}
RETURNING name, belongs_to"""

ADD_SOURCE_HOURS = f"""ON CONFLICT (source, hour)
DO UPDATE SET {_added("source_hours", "records")}"""

ADD_FED = f"ON CONFLICT (workflow, source, account) DO UPDATE SET {_later('source_workflows')}"

# Done also where it is marked already, so that whoever settles the day at this moment is waited
# for, and this mark outlives the settling.
# Each mark is another than the one before: what was worked out of the day since then is outdated.
MARK = """ON CONFLICT (account, day) DO UPDATE SET marked_at = CASE
WHEN excluded.marked_at > unreconciled_days.marked_at THEN excluded.marked_at
ELSE unreconciled_days.marked_at + 1 END"""

REPRICED = "UPDATE sources SET unpriced = unpriced + %s WHERE name = %s"

VERSION = "SELECT registry_version FROM organisation WHERE id = 1"
