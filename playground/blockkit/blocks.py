"""Every block, and on which surfaces it may stand."""

from collections.abc import Iterator, Mapping
from typing import Any

from playground.blockkit import charts, tables
from playground.blockkit.checks import (
    Check,
    Shape,
    any_of,
    anything,
    at,
    flag,
    items,
    one_of,
    string,
    typed,
    whole,
)
from playground.blockkit.compositions import ID, IMAGE_SOURCE, SLACK_FILE, URL, plain, text
from playground.blockkit.elements import (
    BUTTON,
    CONTEXT_ACTIONS,
    IMAGE,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
)
from playground.blockkit.richtext import RICH_TEXT

NAMED = {"block_id": ID}


def _unique_action_ids(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    elements = value.get("elements", [])
    ids = [e.get("action_id") for e in elements if isinstance(e, dict) and "action_id" in e]
    for id_ in sorted({str(id_) for id_ in ids if ids.count(id_) > 1}):
        yield at(f"action_id must be unique in its block: {id_}", f"{where}/elements")


SECTION_TEXT = text(3000)
CONTEXT_TEXTS = {
    "plain_text": Shape({"text": string(2000, 1)}, {"emoji": flag}),
    "mrkdwn": Shape({"text": string(2000, 1)}, {"verbatim": flag}),
    "image": IMAGE,
}
EVERYWHERE = {
    "actions": Shape(
        {"elements": items(typed(IN_ACTIONS), 1, 25)}, NAMED, also=(_unique_action_ids,)
    ),
    "context": Shape({"elements": items(typed(CONTEXT_TEXTS), 1, 10)}, NAMED),
    "divider": Shape(optional=NAMED),
    "header": Shape({"text": plain(150)}, {**NAMED, "level": whole(1, 6)}),
    "image": Shape(
        {"alt_text": string(2000)},
        {**NAMED, "image_url": URL, "slack_file": SLACK_FILE, "title": plain(2000)},
        IMAGE_SOURCE,
    ),
    "input": Shape(
        {"label": plain(2000), "element": typed(IN_INPUT)},
        {**NAMED, "hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": RICH_TEXT,
    "section": Shape(
        optional={
            **NAMED,
            "text": SECTION_TEXT,
            "fields": items(text(2000), 1, 10),
            "accessory": typed(IN_SECTION),
            "expand": flag,
        },
        also=(any_of("text", "fields"),),
    ),
    "video": Shape(
        {"alt_text": string(2000), "title": plain(200), "thumbnail_url": URL, "video_url": URL},
        {
            **NAMED,
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": string(255),
            "title_url": URL,
        },
    ),
}
CARD = Shape(
    optional={
        **NAMED,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "icon": anything,
        "slack_icon": anything,
        "hero_image": typed({"image": IMAGE}),
        "actions": items(typed({"button": BUTTON}), 1, 3),
    },
    also=(any_of("title", "body", "hero_image", "actions"),),
)
IN_CONTAINER = {name: EVERYWHERE[name] for name in EVERYWHERE if name != "input"}
MESSAGES = {
    **EVERYWHERE,
    "card": CARD,
    "carousel": Shape({"elements": items(typed({"card": CARD}), 1, 10)}, NAMED),
    "container": Shape(
        {"child_blocks": items(typed(IN_CONTAINER), 1, 10)},
        {
            **NAMED,
            "title": plain(150),
            "subtitle": plain(150),
            "icon": anything,
            "width": one_of("narrow", "standard", "wide", "full"),
            "is_collapsible": flag,
            "default_collapsed": flag,
        },
    ),
    "context_actions": Shape(
        {"elements": items(typed(CONTEXT_ACTIONS), 1, 5)}, NAMED, also=(_unique_action_ids,)
    ),
    "data_table": tables.DATA_TABLE,
    "data_visualization": charts.CHART,
    "file": Shape({"external_id": ID, "source": one_of("remote")}, NAMED),
    "markdown": Shape({"text": string(12_000, 1)}, NAMED),
    "table": tables.TABLE,
}
ALERT = Shape(
    {"text": text(200)},
    {**NAMED, "level": one_of("default", "info", "warning", "error", "success")},
)
MODALS = {**EVERYWHERE, "alert": ALERT}

# What no more than so many blocks of a message may be.
AT_MOST: Mapping[str, int] = {"table": 1, "data_visualization": 2}


def blocks(shapes: Mapping[str, Shape], most: int) -> Check:
    return items(typed(shapes), 0, most)
