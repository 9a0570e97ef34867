"""Walks a document by its expected shape, and gathers everything that is wrong on the way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any

from ruamel.yaml.nodes import Node

from bot.contract import BadContract, Place, Problem
from bot.refusal import Refusal
from handlers.files.nodes import Pairs, is_null, items_of, label_of, place_of, text_of

Read = Callable[[Node], Any]
Table = dict[str, tuple[Node, Node]]


@dataclass
class Sheet:
    problems: list[Problem] = field(default_factory=list)
    _pairs: Pairs = field(default_factory=Pairs)
    _tables: dict[int, Table] = field(default_factory=dict)
    _keys: dict[tuple[str, str], Place] = field(default_factory=dict)

    def problem(self, place: Place, where: str, reason: str) -> None:
        self.problems.append(Problem(place, where, reason))

    def fields(
        self, node: Node, where: str, readers: Mapping[str, Read], required: Iterable[str] = ()
    ) -> dict[str, Any]:
        """What could be read, by key. What is null is not there."""
        table = self._table(node, where)
        if table is None:
            return {}
        self._check_keys(table, where, readers)
        given = {name: pair[1] for name, pair in table.items() if not is_null(pair[1])}
        for name in required:
            if name not in given:
                self.problem(place_of(node), where, f"{name} is missing")
        known = {name: value for name, value in given.items() if name in readers}
        values = {
            name: self.tried(value, f"{where}.{name}".lstrip("."), readers[name])
            for name, value in known.items()
        }
        return {name: value for name, value in values.items() if value is not None}

    def tried(self, node: Node, where: str, read: Read) -> Any:  # noqa: ANN401
        """None where it cannot be read. Raises BadContract when there is no end of it."""
        try:
            return read(node)
        except BadContract:
            raise
        except Refusal as no:
            self.problem(place_of(node), where, str(no))
            return None

    def each(self, node: Node, section: str, read: Callable[[Node, str], Any]) -> tuple[Any, ...]:
        """What could be read of a list; `read` is told each one's path. Raises Refusal."""
        found = []
        for number, item in enumerate(items_of(node), 1):
            where = f"{section}.{label_of(item) or number}"
            found.append(self.tried(item, where, partial(_at, where, read)))
        return tuple(one for one in found if one is not None)

    def once(self, section: str, key: str, place: Place) -> None:
        if (section, key) in self._keys:
            first = self._keys[section, key].line
            self.problem(place, f"{section}.{key}", f"is there twice; first on line {first}")
        self._keys.setdefault((section, key), place)

    def places(self, node: Node) -> dict[str, Place]:
        """Where each value of a mapping stands, and under `` the mapping itself."""
        table = self._tables[id(node)]
        return {"": place_of(node)} | {name: place_of(pair[1]) for name, pair in table.items()}

    def _table(self, node: Node, where: str) -> Table | None:
        known: Table | None = self._tables.get(id(node)) or self.tried(node, where, self._pairs.of)
        for key, name, first in self._pairs.twice:
            reason = f"{name} is there twice; first on line {first.line}"
            self.problem(place_of(key), where, reason)
        self._pairs.twice.clear()
        if known is not None:
            self._tables[id(node)] = known
            self._pairs.count(node, len(known))
        return known

    def _check_keys(self, table: Table, where: str, readers: Mapping[str, Read]) -> None:
        for name, (key, value) in table.items():
            if name not in readers:
                self.problem(place_of(key), where, _unknown(name, readers))
            elif name.endswith("channel") and is_null(value) and text_of(value) == "":
                # An unquoted #name is a comment to YAML, and the channel would be lost in silence.
                self.problem(place_of(key), where, f"{name} is empty: write a #name in quotes")


def _at(where: str, read: Callable[[Node, str], Any], node: Node) -> Any:  # noqa: ANN401
    return read(node, where)


def _unknown(name: str, readers: Mapping[str, Read]) -> str:
    near = get_close_matches(name, readers, n=1, cutoff=0.6)
    meant = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(readers)}."
    return f"“{name[:60]}” is no key here; {meant}"
