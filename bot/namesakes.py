"""Keys, projects and the like that are called as persons are: who is named there, and to whom."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.attribution import Clue, Rule
from bot.names import slug
from bot.sources import is_own, key_of

# An address, or as much of one as a pattern with stars says.
_ADDRESS = re.compile(r"[^\s@]@[^\s@]*(?:\.[^\W\d_]{2}|[*?\[])")


def called(people: Iterable[str]) -> frozenset[str]:
    """Ids, names and addresses of persons, as they may be written."""
    said = [text for text in people if text]
    return frozenset({text.casefold() for text in said} | {slug(text) for text in said} - {""})


@dataclass(frozen=True)
class Sight:
    """What one person sees: names of persons, or that it is somebody. `people`: see `called`."""

    names: bool
    people: frozenset[str] = frozenset()

    def hides(self, clue: Clue, value: str) -> bool:
        if self.names:
            return False
        if clue is Clue.PERSON or self._is_somebody(value):
            return True
        if clue is Clue.DECLARED:
            # A tag says who it is of: `user:jo`.
            return self._is_somebody(value.partition(":")[2].strip())
        return clue is Clue.SOURCE and not is_own(value) and self._is_somebody(key_of(value))

    def hides_rule(self, rule: Rule) -> bool:
        return self.hides(rule.clue, rule.pattern) or self.hides(rule.clue, rule.fragment)

    def _is_somebody(self, value: str) -> bool:
        if not value:
            return False
        return bool(_ADDRESS.search(value)) or not self.people.isdisjoint(called([value]))


EVERYTHING = Sight(names=True)
