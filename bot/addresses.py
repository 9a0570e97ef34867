"""How Slack names people and channels: `U…` or `W…`, and `C…` or `G…`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


def is_person(text: str) -> bool:
    return _PERSON.fullmatch(text) is not None


def is_channel(text: str) -> bool:
    return _CHANNEL.fullmatch(text) is not None


@dataclass(frozen=True)
class Directory:
    """What Slack knows of people's ids, e-mail addresses and #names: the id of each, or why it is
    not to be used.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
