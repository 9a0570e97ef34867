"""Rich text: sections, lists, quotes and code, each made of styled pieces."""

from playground.blockkit.checks import (
    Check,
    Shape,
    anything,
    flag,
    items,
    one_of,
    shaped,
    string,
    typed,
    whole,
)
from playground.blockkit.compositions import ID, URL

LONGEST = 12_000
MOST = 1000
STYLE = shaped(
    Shape(optional=dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))
)
STYLED: dict[str, Check] = {"style": STYLE}
PIECES = {
    "text": Shape({"text": string(LONGEST, 1)}, STYLED),
    "link": Shape({"url": URL}, {**STYLED, "text": string(LONGEST), "unsafe": flag}),
    "emoji": Shape({"name": string(255, 1)}, {**STYLED, "unicode": anything}),
    "user": Shape({"user_id": ID}, STYLED),
    "usergroup": Shape({"usergroup_id": ID}, STYLED),
    "channel": Shape({"channel_id": ID}, STYLED),
    "broadcast": Shape({"range": one_of("here", "channel", "everyone")}, STYLED),
    "color": Shape({"value": string(7, 4)}, STYLED),
    "date": Shape(
        {"timestamp": whole(0, 10**11), "format": string(255, 1)},
        {**STYLED, "url": URL, "fallback": string(255)},
    ),
}
INLINE = items(typed(PIECES), 0, MOST)
BORDER = {"border": whole(0, 1)}
SECTION = Shape({"elements": INLINE})
PARTS = {
    "rich_text_section": SECTION,
    "rich_text_preformatted": Shape({"elements": INLINE}, {**BORDER, "language": string(50)}),
    "rich_text_quote": Shape({"elements": INLINE}, BORDER),
    "rich_text_list": Shape(
        {
            "style": one_of("bullet", "ordered"),
            "elements": items(typed({"rich_text_section": SECTION}), 1, MOST),
        },
        {**BORDER, "indent": whole(0, 8), "offset": whole(0, MOST)},
    ),
}
RICH_TEXT = Shape({"elements": items(typed(PARTS), 0, MOST)}, {"block_id": ID})
