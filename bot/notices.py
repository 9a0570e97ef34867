"""A message on its way to a channel or a person."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True)
class Card:
    """`text` carries the whole meaning: notifications and screen readers read nothing else."""

    text: str
    blocks: tuple[Block, ...] = field(default=())


class Act(StrEnum):
    POST = "post"
    UPDATE = "update"
    REACT = "react"


class Sending(StrEnum):
    """Where a notice is on its way. `SET_ASIDE` is final, with a reason."""

    WAITING = "waiting"
    LEASED = "leased"
    SENT = "sent"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True)
class Notice:
    """`channel` is a Slack channel id, or a person's id for their DM.

    POST: `target` is the key of the notice it replies to, or `target_ts` a Slack timestamp to reply to.
    UPDATE: `target` is the key of the notice it rewrites.
    REACT: `target_ts` is the person's message, and the card's text the name of the emoji.
    """

    key: str
    channel: str
    card: Card
    act: Act = Act.POST
    target: str | None = None
    target_ts: str | None = None
