"""The two table blocks."""

import json
from collections.abc import Iterator
from typing import Any

from playground.blockkit.checks import (
    Check,
    Shape,
    at,
    flag,
    items,
    number,
    one_of,
    shaped,
    string,
    typed,
    whole,
)
from playground.blockkit.compositions import ID
from playground.blockkit.richtext import RICH_TEXT

LONGEST = 10_000
RAW = {
    "raw_text": Shape({"text": string(LONGEST)}),
    "raw_number": Shape({"value": number}, {"text": string(LONGEST)}),
}
CELL = typed({**RAW, "rich_text": RICH_TEXT})
SETTING = shaped(Shape(optional={"align": one_of("left", "center", "right"), "is_wrapped": flag}))


def _short_enough(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    if len("".join(_texts(value.get("rows", [])))) > LONGEST:
        yield at(f"all cells together must be less than {LONGEST + 1} characters", where)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict):
        yield str(value.get("text", ""))
        yield from _texts(value.get("elements", []))


def _equally_wide(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    widths = {len(row) for row in value.get("rows", []) if isinstance(row, list)}
    if len(widths) > 1:
        yield at("all rows must have the same number of cells", f"{where}/rows")


def _plain_header(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    rows = value.get("rows") or [[]]
    if '"rich_text"' in json.dumps(rows[0]):
        yield at("header cells cannot be rich_text", f"{where}/rows/0")


ROW: Check = items(CELL, 1, 20)
TABLE = Shape(
    {"rows": items(ROW, 1, 100)},
    {"block_id": ID, "column_settings": items(SETTING, 0, 20)},
    (_short_enough,),
)
DATA_TABLE = Shape(
    {"rows": items(ROW, 2, 101), "caption": string(LONGEST, 1)},
    {"block_id": ID, "page_size": whole(1, 100), "row_header_column_index": whole(0, 19)},
    (_short_enough, _equally_wide, _plain_header),
)
