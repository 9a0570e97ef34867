"""A YAML file as nodes that know their place. Nothing is converted: a number stays its text."""

import io
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.tokens import TagToken

from bot.contract import BadContract, Place, Problem
from bot.refusal import Refusal

LARGEST = 5_000_000
START = Place(1, 1)
# More than any file of that size holds; what aliases multiply is counted every time.
_MOST_PAIRS = 500_000
_DEEPEST_MERGE = 8
_STANDARD = "tag:yaml.org,2002:"
# What the parser says, by how it begins, for people who do not write parsers.
_PLAIN = {
    "found character '\\t'": "There is a tab: indent with spaces.",
    "found character '": "A value cannot begin with this sign: put it in quotes.",
    "mapping values": "There is a colon too many, or the line is indented wrongly. "
    "A text with a colon wants quotes.",
    "expected <block end>": "This does not fit the lines above: look at indentation and quotes.",
    "expected ',' or": "A comma is missing, or a bracket is not closed.",
    "found unexpected end": "A quote is never closed.",
    "but found another document": "A second document begins here: write only one.",
}


def compose(content: bytes | str) -> Node:
    """Raises BadContract when it is no YAML document of plain values."""
    if len(content) > LARGEST:
        raise _bad(START, f"The file has more than {LARGEST // 1_000_000} MB.")
    text = content if isinstance(content, str) else _decoded(content)
    try:
        return _parsed(text)
    except MarkedYAMLError as error:
        raise _bad(_place(error.problem_mark or error.context_mark), _worded(error)) from None
    except ReaderError as error:
        place = _place_of(text, error.position)
        raise _bad(place, "There is a control character, which YAML does not allow.") from None
    except RecursionError:
        raise _bad(START, "It is nested too deeply.") from None
    except YAMLError as error:
        raise _bad(START, f"This is no YAML: {error}") from None


def _parsed(text: str) -> Node:
    node: Node | None = YAML().compose(io.StringIO(text))
    if node is None:
        raise _bad(START, "The file is empty.")
    tags = _tags(text)
    if tags:
        raise BadContract(Problem(place, "", "Tags (“!”) are not allowed here.") for place in tags)
    return node


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad(Place(line, 1), "The file is not UTF-8 text. Save it as UTF-8.") from None


def _tags(text: str) -> list[Place]:
    if "!" not in text:
        return []
    tokens = YAML().scan(io.StringIO(text))
    return [_place(token.start_mark) for token in tokens if isinstance(token, TagToken)]


def _worded(error: MarkedYAMLError) -> str:
    raw = str(error.problem)
    plain = (words for start, words in _PLAIN.items() if raw.startswith(start))
    return next(plain, " ".join(str(part) for part in (error.context, error.problem) if part))


def _place(mark: object) -> Place:
    line, column = getattr(mark, "line", 0), getattr(mark, "column", 0)
    return Place(line + 1, column + 1)


def _place_of(text: str, position: int) -> Place:
    before = text[:position]
    return Place(before.count("\n") + 1, position - before.rfind("\n"))


def _bad(place: Place, reason: str) -> BadContract:
    return BadContract([Problem(place, "", reason)])


def place_of(node: Node) -> Place:
    return _place(node.start_mark)


def text_of(node: Node) -> str:
    """One value as it is written. Raises Refusal."""
    if not isinstance(node, ScalarNode):
        raise Refusal("takes one value, not a list or further keys")
    text = str(node.value)
    # PostgreSQL keeps neither.
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refusal("has a character that is no text")
    return text


def label_of(node: Node) -> str:
    """The `key` of a mapping, for telling people which one; empty without one."""
    pairs = node.value if isinstance(node, MappingNode) else ()
    keys = (str(value.value)[:70] for key, value in pairs if key.value == "key")
    return next(keys, "")


def is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.tag) == f"{_STANDARD}null"


def items_of(node: Node) -> list[Node]:
    """Raises Refusal."""
    if not isinstance(node, SequenceNode):
        raise Refusal("takes a list")
    return list(node.value)


@dataclass
class Pairs:
    """Reads the keys of mappings, and counts what aliases multiply."""

    seen: int = 0
    twice: list[tuple[Node, str, Place]] = field(default_factory=list)

    def of(self, node: Node, depth: int = 0) -> dict[str, tuple[Node, Node]]:
        """Key node and value node by key; a key's own pair wins over a merged one (`<<`).

        Raises Refusal for what is no mapping of text keys, BadContract for too much of it.
        """
        self.count(node)
        if not isinstance(node, MappingNode):
            raise Refusal("takes keys and values")
        if depth > _DEEPEST_MERGE:
            raise Refusal("merges too deeply")
        merged: dict[str, tuple[Node, Node]] = {}
        own: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            self.count(node)
            if str(key.tag) == f"{_STANDARD}merge":
                merged = self._merged(value, depth) | merged
            else:
                self._add(own, key, value)
        return merged | own

    def _merged(self, node: Node, depth: int) -> dict[str, tuple[Node, Node]]:
        parts = items_of(node) if isinstance(node, SequenceNode) else [node]
        found: dict[str, tuple[Node, Node]] = {}
        for part in parts:
            found = self.of(part, depth + 1) | found
        return found

    def _add(self, own: dict[str, tuple[Node, Node]], key: Node, value: Node) -> None:
        name = text_of(key)
        if name in own:
            self.twice.append((key, name, place_of(own[name][0])))
        else:
            own[name] = key, value

    def count(self, node: Node, pairs: int = 1) -> None:
        """Raises BadContract beyond what a file of this size can mean."""
        self.seen += pairs
        if self.seen > _MOST_PAIRS:
            raise _bad(place_of(node), "The aliases of this file expand to too much.")
