"""Whose spend is this? Ordered rules, most trusted clue first; the first that matches wins."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase, translate
from functools import cached_property
from typing import NamedTuple

import msgspec

from bot.refusal import Refusal

UNATTRIBUTED = ""
# Billed but seen by no realtime source; charged to nobody. No workflow's key holds a tilde.
UNMETERED = "~unmetered"

# What decided where no rule of the organisation did: the caller's own word; the bot's booking.
DECLARED = "declared"
ASSIGNED = "assigned"
# A record of before there were rules has none.
_BY_NAME = ("", DECLARED, ASSIGNED)

_MOST_REMEMBERED = 50_000
_GLOB = frozenset("*?[")


class NotARule(Refusal):
    """A rule that can match nothing, or names what is not there; `field` says which."""


class Clue(StrEnum):
    """What a rule looks at, the most trusted first: a key cannot be claimed, a name can.

    TEAM and the workflow a key's metadata names come from the gateway. DECLARED is what the caller
    calls its workflow, or one of its tags.
    """

    KEY = "key"
    TEAM = "team"
    PROJECT = "project"
    DECLARED = "declared"
    SERVICE = "service"
    REPOSITORY = "repository"
    PERSON = "person"
    SOURCE = "source"


class Clues(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who called, as far as the source knows. Keys are ids or hashes, never the secret.

    `key_workflow`: the workflow that the gateway's own record of the key names.
    """

    key: str = ""
    key_name: str = ""
    key_workflow: str = ""
    team: str = ""
    project: str = ""
    service: str = ""
    repository: str = ""


NO_CLUES = Clues()


class Trace(NamedTuple):
    """All that rules look at of one record or charge."""

    clues: Clues = NO_CLUES
    declared: str = ""
    tags: tuple[str, ...] = ()
    person: str = ""
    source: str = ""


@dataclass(frozen=True)
class Rule:
    """`pattern` is exact, or a glob with `*` and `?`; `workflow` is a key of the registry.

    `id` is the clue and the pattern: one rule for each.
    """

    clue: Clue
    pattern: str
    workflow: str

    @property
    def id(self) -> str:
        return f"{self.clue.value}:{self.pattern}"

    @property
    def is_exact(self) -> bool:
        return not _GLOB & set(self.pattern)

    @property
    def fragment(self) -> str:
        """The longest text that stands in all that it matches; empty where there is none."""
        if self.is_exact:
            return self.pattern
        return max(self.pattern.partition("[")[0].replace("?", "*").split("*"), key=len)

    def matches(self, trace: Trace) -> bool:
        values = values_of(self.clue, trace)
        if self.is_exact:
            return self.pattern in values
        return any(value and fnmatchcase(value, self.pattern) for value in values)


def exactly(value: str) -> str:
    """The pattern that matches this and nothing else, whatever signs it holds."""
    return "".join(f"[{sign}]" if sign in _GLOB else sign for sign in value)


def values_of(clue: Clue, trace: Trace) -> tuple[str, ...]:
    """What a trace says of a clue; empty texts where it says nothing."""
    clues = trace.clues
    said: dict[Clue, tuple[str, ...]] = {
        Clue.KEY: (clues.key, clues.key_name),
        Clue.TEAM: (clues.key_workflow, clues.team),
        Clue.PROJECT: (clues.project,),
        Clue.DECLARED: (trace.declared, *trace.tags),
        Clue.SERVICE: (clues.service,),
        Clue.REPOSITORY: (clues.repository,),
        Clue.PERSON: (trace.person,),
        Clue.SOURCE: (trace.source,),
    }
    return said[clue]


class Candidate(NamedTuple):
    """A workflow that a record may belong to, if there is one of this key; `rule` says why."""

    workflow: str
    rule: str


class _Globs:
    """Of one clue, each with its place. Compiled when first asked: many rules are only listed."""

    def __init__(self) -> None:
        self._patterns: dict[int, str] = {}

    def add(self, place: int, pattern: str) -> None:
        self._patterns[place] = pattern

    def match(self, value: str) -> bool:
        return bool(value and self._patterns and self._any.match(value))

    def matching(self, values: Iterable[str]) -> list[int]:
        found = [value for value in values if self.match(value)]
        if not found:
            return []
        return [place for place, each in self._each if any(map(each.match, found))]

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile("|".join(map(translate, self._patterns.values())))

    @cached_property
    def _each(self) -> list[tuple[int, re.Pattern[str]]]:
        return [(place, re.compile(translate(each))) for place, each in self._patterns.items()]


class Attribution:
    """The rules of one moment, in order: by clue, then as they were given."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        order = list(Clue)
        self.rules: Sequence[Rule] = sorted(rules, key=lambda rule: order.index(rule.clue))
        self._exact: dict[Clue, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._globs: dict[Clue, _Globs] = defaultdict(_Globs)
        for place, rule in enumerate(self.rules):
            if rule.is_exact:
                self._exact[rule.clue][rule.pattern].append(place)
            else:
                self._globs[rule.clue].add(place, rule.pattern)
        self._asks_who = any(rule.clue is Clue.PERSON for rule in self.rules)
        self._remembered: dict[Trace, tuple[Candidate, ...]] = {}

    def candidates(self, trace: Trace) -> tuple[Candidate, ...]:
        """The first that is in the registry is it; none is: unattributed."""
        if not (self.rules or trace.clues.key_workflow):
            return _named(trace.declared, DECLARED)
        if trace.tags:
            # A tag of one call alone would hide that all else has been looked up before.
            trace = trace._replace(tags=tuple(filter(self._looks_at, trace.tags)))
        found = self._remembered.get(trace)
        if found is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[trace] = tuple(self._looked_up(trace))
        return found

    def told(self, person: str, tags: tuple[str, ...]) -> tuple[str, ...]:
        """What of these any rule looks at. Without the rest more records are alike."""
        if not self.rules:
            return ()
        found = tuple(filter(self._looks_at, tags)) if tags else ()
        return (person, *found) if self._asks_who else found

    def _looked_up(self, trace: Trace) -> Iterator[Candidate]:
        for clue in Clue:
            if clue is Clue.TEAM:
                yield from _named(trace.clues.key_workflow, "key metadata")
            if clue is Clue.DECLARED:
                yield from _named(trace.declared, DECLARED)
            for place in self._matching(clue, trace):
                rule = self.rules[place]
                yield Candidate(rule.workflow, rule.id)

    def _looks_at(self, tag: str) -> bool:
        exact, globs = self._exact.get(Clue.DECLARED, ()), self._globs.get(Clue.DECLARED)
        return tag in exact or (globs is not None and globs.match(tag))

    def _matching(self, clue: Clue, trace: Trace) -> list[int]:
        """In their order."""
        exact, globs = self._exact.get(clue), self._globs.get(clue)
        if not (exact or globs):
            return []
        values = values_of(clue, trace)
        found = set(globs.matching(values) if globs else ())
        if exact:
            found.update(place for value in values for place in exact.get(value, ()))
        return sorted(found)


def _named(name: str, rule: str) -> tuple[Candidate, ...]:
    return (Candidate(name, rule),) if name and name != UNMETERED else ()


def whose(attribution: Attribution, trace: Trace, known: Container[str]) -> Candidate:
    """The first candidate that is `known` to the registry."""
    for candidate in attribution.candidates(trace):
        if candidate.workflow in known:
            return candidate
    return Candidate(UNATTRIBUTED, "")


def name_said(workflow: str, declared: str, rule: str) -> str:
    """What the sender called its workflow: kept only where that did not decide by itself."""
    return workflow if not declared and rule in _BY_NAME else declared
