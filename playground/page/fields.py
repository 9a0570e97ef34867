"""What the documentation page says of each call's fields, from the OpenAPI document."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playground.shapes import Json

REF = "#/components/schemas/"


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    kind: str
    required: bool
    default: str
    about: str


def reader(document: Json) -> Callable[[Json], list[Field]]:
    """For this document: a call's description to its fields, of the query and of the body."""
    schemas = document.get("components", {}).get("schemas", {})

    def fields_of(about: Json) -> list[Field]:
        return [*map(_parameter, about.get("parameters", [])), *_body(about, schemas)]

    return fields_of


def _parameter(parameter: Json) -> Field:
    return _field(parameter["name"], parameter["schema"], required=parameter["required"])


def _body(about: Json, schemas: Json) -> Iterator[Field]:
    content = about.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = schemas[content["schema"]["$ref"].removeprefix(REF)]
    for name, one in schema["properties"].items():
        yield _field(name, one, required=name in schema.get("required", []))


def _field(name: str, schema: Json, *, required: bool) -> Field:
    about = schema.get("description") or _example(schema)
    default = "" if schema.get("default") is None else json.dumps(schema["default"])
    return Field(name=name, kind=_kind(schema), required=required, default=default, about=about)


def _example(schema: Json) -> str:
    examples = schema.get("examples", [])
    return f"for example {examples[0]}" if examples else ""


def _kind(schema: Json) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kinds = [_kind(one) for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return " | ".join(kinds) or str(schema.get("type", "anything"))
