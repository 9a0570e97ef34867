"""Which rows a rule may match, asked of the columns that it looks at."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import false, or_, true
from sqlmodel import col

from bot.attribution import Clue, Rule


class Columns(NamedTuple):
    """What rules look at. `tags` and `clues` are JSON; `names` say that of a workflow, too."""

    person: Any
    source: Any
    tags: Any
    clues: Any
    names: tuple[Any, ...] = ()


def may_match(rules: Iterable[Rule], among: Columns) -> Any:  # noqa: ANN401
    """True of all that one of them matches; of more where that is quicker said."""
    return or_(false(), *(_may_match(rule, among) for rule in rules))


def _may_match(rule: Rule, among: Columns) -> Any:  # noqa: ANN401
    fragment = rule.fragment
    if rule.clue is Clue.PERSON:
        return _holds(among.person, fragment)
    if rule.clue is Clue.SOURCE:
        return _holds(among.source, fragment)
    if rule.clue is Clue.DECLARED:
        return _said_in(fragment, among.tags, *among.names)
    return _said_in(fragment, among.clues)


def _holds(column: Any, fragment: str) -> Any:  # noqa: ANN401
    held = col(column)
    return held.contains(fragment, autoescape=True) if fragment else held != ""


def _said_in(fragment: str, as_json: Any, *names: Any) -> Any:  # noqa: ANN401
    """In JSON a few signs are written otherwise, so that it may say them as well."""
    if any(sign in fragment for sign in '"\\'):
        return true()
    return or_(_holds(as_json, fragment), *(_holds(name, fragment) for name in names))
