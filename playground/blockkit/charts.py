"""The chart block: its limits are those of Slack's `data_visualization` reference."""

from collections.abc import Iterator
from typing import Any

from playground.blockkit.checks import Check, Shape, at, items, number, shaped, string, typed
from playground.blockkit.compositions import ID

NAME = string(20, 1)
POINT = shaped(Shape({"label": NAME, "value": number}))
SERIES = shaped(Shape({"name": NAME, "data": items(POINT, 1, 20)}))
AXES = shaped(
    Shape({"categories": items(NAME, 1, 20)}, {"x_label": string(50), "y_label": string(50)})
)


def _a_point_per_category(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    try:
        wanted = value["axis_config"]["categories"]
        found = [[point["label"] for point in one["data"]] for one in value["series"]]
    except (KeyError, TypeError):
        return
    if any(labels != wanted for labels in found):
        yield at("every series needs one point per category, in their order", f"{where}/series")


def _unique_names(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    series = value.get("series", [])
    names = [one.get("name") for one in series if isinstance(one, dict)]
    if len(set(map(str, names))) < len(names):
        yield at("series names must be unique", f"{where}/series")


def _slices_above_nothing(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    for one in value.get("segments", []):
        if (
            isinstance(one, dict)
            and isinstance(one.get("value"), int | float)
            and one["value"] <= 0
        ):
            yield at("segment values must be positive", f"{where}/segments")


ALONG_AXES = Shape(
    {"series": items(SERIES, 1, 6), "axis_config": AXES},
    also=(_a_point_per_category, _unique_names),
)
KINDS: Check = typed(
    {
        "pie": Shape({"segments": items(POINT, 1, 6)}, also=(_slices_above_nothing,)),
        "bar": ALONG_AXES,
        "line": ALONG_AXES,
        "area": ALONG_AXES,
    }
)
CHART = Shape({"title": string(50, 1), "chart": KINDS}, {"block_id": ID})
