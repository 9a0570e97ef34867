"""Block Kit in small pieces, each inside Slack's limits (docs.slack.dev/reference/block-kit)."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.addresses import is_person
from bot.names import tidy
from bot.notices import Block

SECTION_TEXT = 3_000
BUTTON_TEXT = 75
HEADER_TEXT = 150
NAME_SHOWN = 60

# Weeks short of a year, so that a day of the same name and month is never taken for another's.
_FAR = timedelta(days=300)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


_LOOK_THE_SAME = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u2035"})
# Inside a word an underscore formats nothing, and a key must stay what it is.
_ITALICS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_EMOJI = re.compile(r":(?=[\w+'-]+:)")


def escape(text: str) -> str:
    """Text from people, in mrkdwn: it mentions nobody, links nowhere and formats nothing.

    Slack reads `&amp; &lt; &gt;` back. Nothing escapes *bold*, _italics_, ~strike~, `code` and
    emoji, so their marks give way to signs that look the same; quotes and lists need a line's
    start, so lines become spaces.
    """
    plain = tidy(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _ITALICS.sub("\uff3f", _EMOJI.sub("\u2236", plain))
    return plain.translate(_LOOK_THE_SAME)


def named(name: str, limit: int = NAME_SHOWN) -> str:
    """A name for a sentence: clipped, escaped, and something even when there is nothing to show."""
    return escape(clip(tidy(name), limit)) or "(no name)"


def person(user: str | None) -> str:
    """A mention; who is no person of Slack's (`contract apply`) is only named."""
    if not user:
        return "nobody"
    return f"<@{user}>" if is_person(user) else escape(user)


class At(Protocol):
    """`when` or `said`: how the same sentence says its moments in blocks, and in plain text."""

    def __call__(self, moment: datetime, zone: str, *, now: datetime | None = None) -> str: ...


def when(
    moment: datetime,
    zone: str,
    shape: str = "{date_short_pretty} {time}",
    *,
    now: datetime | None = None,
) -> str:
    """Each reader's own time, with the team's as what old clients show. Slack adds the year."""
    return f"<!date^{int(moment.timestamp())}^{shape}|{said(moment, zone, now=now)}>"


def said(moment: datetime, zone: str, *, now: datetime | None = None) -> str:
    """The team's time in plain text: `Mon 30 Nov 00:00 CET`. Whatever may lie far from `now`, when
    it is said, is given that, and has its year where it does.
    """
    far = now is not None and abs(moment - now) > _FAR
    shape = "%a %-d %b %Y %H:%M %Z" if far else "%a %-d %b %H:%M %Z"
    return f"{moment.astimezone(ZoneInfo(zone)):{shape}}"


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": clip(text, SECTION_TEXT)}}
    return block if accessory is None else {**block, "accessory": accessory}


def fields(pairs: Iterable[tuple[str, str]]) -> Block:
    """Up to ten `*label*` / value pairs side by side."""
    return {
        "type": "section",
        "fields": [
            {"type": "mrkdwn", "text": clip(f"*{label}*\n{value or '–'}", 2_000)}
            for label, value in list(pairs)[:10]
        ],
    }


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": clip(text, HEADER_TEXT)}}


def context(*texts: str) -> Block:
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": clip(text, 2_000)} for text in texts[:10]],
    }


def divider() -> Block:
    return {"type": "divider"}


def actions(*buttons: Block, block_id: str | None = None) -> Block:
    block: Block = {"type": "actions", "elements": list(buttons)}
    return block if block_id is None else {**block, "block_id": block_id}


def button(
    label: str, action: str, value: str, *, style: str | None = None, confirm: Block | None = None
) -> Block:
    made: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": clip(label, BUTTON_TEXT)},
        "action_id": action,
        "value": value,
    }
    extra = {"style": style, "confirm": confirm}
    return made | {name: part for name, part in extra.items() if part is not None}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """Asked back before something that hurts."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
        "style": "danger",
    }


def plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clip(text, limit)}


def options(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Choices of (value, label), at most 100."""
    return [{"text": plain(label or value, 75), "value": value} for value, label in pairs[:100]]
