"""The small checks the tables are made of. Each yields what is wrong, and where."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any, str], Iterator[str]]


@dataclass(frozen=True)
class Shape:
    """An object: what must be in it, what may be, and what holds for all of it."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    also: tuple[Check, ...] = ()


def at(problem: str, where: str) -> str:
    return f"{problem} [json-pointer:{where}]"


def anything(value: Any, where: str) -> Iterator[str]:  # noqa: ARG001, ANN401
    yield from ()


def flag(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(value, bool):
        yield at("must be a boolean", where)


def whole(least: int, most: int) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if not isinstance(value, int) or isinstance(value, bool):
            yield at("must be an integer", where)
        elif not least <= value <= most:
            yield at(f"must be from {least} to {most}", where)

    return check


def number(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield at("must be a number", where)


def string(longest: int, shortest: int = 0) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if not isinstance(value, str):
            yield at("must be a string", where)
        elif len(value) > longest:
            yield at(f"must be less than {longest + 1} characters", where)
        elif len(value) < shortest:
            yield at(f"must be more than {shortest - 1} characters", where)

    return check


def pattern(expression: str, what: str) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if not isinstance(value, str) or not re.fullmatch(expression, value):
            yield at(f"must be {what}", where)

    return check


def both(first: Check, second: Check) -> Check:
    """The second is asked only if the first finds nothing."""

    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        yield from list(first(value, where)) or second(value, where)

    return check


def one_of(*values: str) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if value not in values:
            yield at(f"must be one of: {', '.join(values)}", where)

    return check


def items(check_item: Check, least: int, most: int) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if not isinstance(value, list):
            yield at("must be an array", where)
            return
        if len(value) > most:
            yield at(f"no more than {most} items allowed", where)
        if len(value) < least:
            yield at(f"no less than {least} items allowed", where)
        for number, item in enumerate(value):
            yield from check_item(item, f"{where}/{number}")

    return check


def shaped(shape: Shape) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if not isinstance(value, dict):
            yield at("must be an object", where)
            return
        found = [*_missing(shape, value, where), *_parts(shape, value, where)]
        yield from found or _together(shape, value, where)

    return check


def _together(shape: Shape, value: dict[str, Any], where: str) -> Iterator[str]:
    """Asked only of sound parts, so that these rules need not look at their kinds."""
    for rule in shape.also:
        yield from rule(value, where)


def _missing(shape: Shape, value: dict[str, Any], where: str) -> Iterator[str]:
    for name in shape.required:
        if name not in value:
            yield at(f"missing required field: {name}", where)


def _parts(shape: Shape, value: dict[str, Any], where: str) -> Iterator[str]:
    known = {"type": anything, **shape.optional, **shape.required}
    for name, part in value.items():
        if name in known:
            yield from known[name](part, f"{where}/{name}")
        else:
            yield at(f"invalid additional property: {name}", where)


def typed(shapes: Mapping[str, Shape]) -> Check:
    """An object whose `type` says which of these shapes it has."""

    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if not isinstance(value, dict):
            yield at("must be an object", where)
        elif "type" not in value:
            yield at("missing required field: type", where)
        elif str(value["type"]) not in shapes:
            yield at(f"unsupported type: {value['type']}", f"{where}/type")
        else:
            yield from shaped(shapes[str(value["type"])])(value, where)

    return check


def any_of(*names: str) -> Check:
    """At least one of these must be there."""

    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if not any(name in value for name in names):
            yield at(f"must define either {' or '.join(names)}", where)

    return check


def not_both(first: str, second: str) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
        if first in value and second in value:
            yield at(f"cannot define both {first} and {second}", where)

    return check
