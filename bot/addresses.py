"""How Slack names people and channels: `U…` or `W…`, and `C…` or `G…`."""

import re

_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


def is_person(text: str) -> bool:
    return _PERSON.fullmatch(text) is not None


def is_channel(text: str) -> bool:
    return _CHANNEL.fullmatch(text) is not None
