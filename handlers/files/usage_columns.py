"""Which column of a CSV file is which field of a usage record, and how its cells are read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bot.imports import Naming
from bot.refusal import Refusal
from bot.usage import CostBasis, Grain, NotUsage, SentUsage

SOURCE = "csv"
FIELDS = SentUsage.__struct_fields__
_ALIASES = {
    "timestamp": "at",
    "time": "at",
    "datetime": "at",
    "date": "at",
    "requestid": "id",
    "recordid": "id",
    "modelname": "model",
    "contexttokens": "input_tokens",
    "prompttokens": "input_tokens",
    "generatedtokens": "output_tokens",
    "completiontokens": "output_tokens",
    "costusd": "cost",
} | {name.replace("_", ""): name for name in FIELDS}

# Three noughts behind a point may be thousands: where the decimal sign is a comma, they are.
_WHOLE = re.compile(r"\d+(?:\.(?!000$)0+)?", re.ASCII)
# An exponent in capitals, or a comma, is what a spreadsheet leaves of a number.
_AMOUNT = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d{1,2})?", re.ASCII)
_MANGLED = re.compile(r"[\d.,]+E[+-]?\d+|#+|#\w+[!?/]?", re.ASCII)
_DAY_FIRST = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Read = Callable[[str], Any]


class NoColumn(Refusal):
    """A column or field that is not there, or is meant twice."""


@dataclass(frozen=True)
class Columns:
    """`taken`: index, field and reader of each column that is used. `constants` fill every row."""

    names: tuple[str, ...]
    taken: tuple[tuple[int, str, Read], ...]
    constants: Mapping[str, Any]
    ignored: tuple[str, ...]

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(self.constants) | {name for _, name, _ in self.taken}

    @property
    def naming(self) -> Naming:
        columns = {field: self.names[index] for index, field, _ in self.taken}
        return Naming(columns.get("id"), columns.get("source"), self.constants.get("source"))

    def read(self, row: Sequence[str], own_id: str) -> SentUsage:
        """Raises NotUsage. `own_id` serves a file without an id column."""
        if len(row) != len(self.names):
            much = "few" if len(row) < len(self.names) else "many"
            raise NotUsage(
                f"The row has too {much} cells: {len(row)}, the header has {len(self.names)}."
            )
        values = dict(self.constants)
        for index, name, read in self.taken:
            text = row[index].strip()
            if text:
                values[name] = read(text)
        if "at" not in values:
            raise NotUsage("A time is missing.", field="at")
        # Where the file has ids, a row without one is refused, not given another kind of name.
        values.setdefault("id", "" if "id" in self.fields else own_id)
        return SentUsage(**values)


def columns_of(
    header: Sequence[str],
    renamed: Mapping[str, str],
    constants: Mapping[str, str],
    zone: str | None,
) -> Columns:
    """`renamed`: field by column. Raises NoColumn, and NotUsage for a constant that is none."""
    names = [name.strip() for name in header]
    _check_known(renamed.values(), FIELDS, "field")
    _check_known(constants, FIELDS, "field")
    _check_known(renamed, names, "column")
    if "id" in constants:
        raise NoColumn("With --set id every row would be the same one: leave it out.")
    readers = _readers(zone)
    settled = {*renamed.values(), *constants}
    chosen = {index: renamed.get(name) or _meant(name, settled) for index, name in enumerate(names)}
    fields = {index: field for index, field in chosen.items() if field}
    _check_once(names, fields, constants)
    found = Columns(
        tuple(names),
        tuple((index, field, readers[field]) for index, field in fields.items()),
        {"source": SOURCE} | {name: readers[name](text) for name, text in constants.items()},
        tuple(name for index, name in enumerate(names) if index not in fields),
    )
    if "at" not in found.fields:
        raise NoColumn(
            f"No column is the time (at). The first line names {', '.join(names)}: say which it "
            "is with --map COLUMN=at."
        )
    return found


def _meant(column: str, settled: set[str]) -> str | None:
    """The field a column's own name says, unless the person has said where that comes from."""
    field = _ALIASES.get(re.sub(r"[^a-z0-9]", "", column.casefold()))
    return None if field in settled else field


def _check_known(given: Iterable[str], known: Sequence[str], what: str) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise NoColumn(f"There is no {what} “{name}”.{meant} There is: {', '.join(known)}.")


def _check_once(
    names: Sequence[str], fields: Mapping[int, str], constants: Mapping[str, str]
) -> None:
    for field in fields.values():
        columns = [names[index] for index, each in fields.items() if each == field]
        if len(columns) > 1 or field in constants:
            also = " and --set" if field in constants else ""
            raise NoColumn(
                f"{field} is meant twice: by {', '.join(columns)}{also}. Say which with --map."
            )


def _readers(zone: str | None) -> dict[str, Read]:
    counts = [name for name in FIELDS if name.endswith("_tokens")]
    return {
        **dict.fromkeys(FIELDS, str),
        **{name: _count(name) for name in counts},
        "at": _instant(ZoneInfo(zone) if zone else None),
        "cost": _cost,
        "cost_basis": _basis,
        "grain": _grain,
        "tags": _tags,
    }


def _instant(zone: ZoneInfo | None) -> Read:
    def read(text: str) -> datetime:
        try:
            at = datetime.fromisoformat(text if _DAY_FIRST.match(text) else "")
        except ValueError:
            raise NotUsage(
                f"“{text[:40]}” is no time: write it like 2026-11-23T09:00:00Z.", field="at"
            ) from None
        if at.tzinfo is None and zone is None:
            raise NotUsage("The time has no zone: add --zone, as in Europe/Berlin.", field="at")
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)

    return read


def _count(name: str) -> Read:
    def read(text: str) -> int:
        if text.isdecimal() and text.isascii():
            return int(text[:20])
        if not _WHOLE.fullmatch(text):
            raise _no_number(text, name, "a whole number, like 1000")
        return int(Decimal(text[:20]))

    return read


def _cost(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise _no_number(text, "cost", "an amount of USD, like 0.0125")
    return Decimal(text)


def _no_number(text: str, field: str, wanted: str) -> NotUsage:
    if _MANGLED.fullmatch(text):
        return NotUsage(
            f"“{text[:40]}” is what a spreadsheet left of a number: export it as text.", field=field
        )
    return NotUsage(f"“{text[:40]}” is not {wanted}.", field=field)


def _basis(text: str) -> CostBasis:
    try:
        return CostBasis(text)
    except ValueError:
        raise NotUsage(f"“{text[:40]}” is no cost basis.", field="cost_basis") from None


def _grain(text: str) -> Grain:
    try:
        return Grain(text.casefold())
    except ValueError:
        raise NotUsage(
            f"“{text[:40]}” is no grain: a record is of one request, or a bucket of several.",
            field="grain",
        ) from None


def _tags(text: str) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in text.split(";") if tag.strip())
