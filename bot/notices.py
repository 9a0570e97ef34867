"""A message on its way to a channel or a person."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

Block = dict[str, Any]

TOLD_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Card:
    """`text` carries the whole meaning: notifications and screen readers read nothing else."""

    text: str
    blocks: tuple[Block, ...] = field(default=())

    @property
    def has_buttons(self) -> bool:
        return any(block["type"] == "actions" for block in self.blocks)


class Act(StrEnum):
    POST = "post"
    UPDATE = "update"
    REACT = "react"


class Urgency(StrEnum):
    """What a word to a person may interrupt: `LOW` waits for a digest where one is wanted, `NORMAL`
    for the end of quiet hours, `CRITICAL` for nothing.
    """

    LOW = "low"
    NORMAL = "normal"
    CRITICAL = "critical"


class Sending(StrEnum):
    """Where a notice is on its way. `SET_ASIDE` is final, with a reason."""

    WAITING = "waiting"
    LEASED = "leased"
    SENT = "sent"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True)
class Notice:
    """`channel` is a Slack channel id, or a person's id for their DM.

    POST: `target` is the key of the notice it replies to, or `target_ts` a Slack timestamp.
    UPDATE: `target` is the key of the notice it rewrites.
    REACT: `target_ts` is the person's message, and the card's text the name of the emoji.
    """

    key: str
    channel: str
    card: Card
    act: Act = Act.POST
    target: str | None = None
    target_ts: str | None = None


# Of these the second part of the key names no workflow and nothing of one.
_ABOUT_OTHERS = {"delivery", "delegation", "away", "departure", "react", "rule"}


def topic_of(key: str) -> str | None:
    """What a notice of this key is about: a workflow's key, or the id of a request or the like."""
    kind, *parts = key.partition("#")[0].removeprefix("digest:").split(":")
    if not parts or kind in _ABOUT_OTHERS:
        return None
    if kind == "review":
        # Of a review's own message the second part is a team.
        return parts[2] if parts[2:] else None
    return parts[0]


@dataclass(frozen=True)
class Place:
    """Where Slack keeps a message: a channel id (a DM's own id for a person) and its timestamp."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Target:
    """The notice that another one replies to or rewrites. `place` is known once it is sent."""

    channel: str
    state: Sending
    place: Place | None = None


@dataclass(frozen=True)
class Claim:
    """A notice in the hands of one sender, until its lease runs out.

    `in_doubt`: an earlier attempt may have reached Slack. `attempts` counts this one.
    """

    seq: int
    lease: str
    notice: Notice
    target: Target | None
    created_at: datetime
    attempts: int
    in_doubt: bool
    held_since: datetime | None
    told_admin: bool


@dataclass(frozen=True)
class Trouble:
    """A notice that is set aside or held, for people to see. `since`: when it first went wrong."""

    key: str
    channel: str
    act: Act
    state: Sending
    reason: str
    since: datetime


@dataclass(frozen=True)
class Backlog:
    """What waits to be sent, and for how long the oldest of it has."""

    waiting: int
    oldest: timedelta


def waits_for_target(claim: Claim) -> bool:
    """A reply and a rewrite need the timestamp of a message that has not left yet."""
    target = claim.target
    if target is None or target.state not in {Sending.WAITING, Sending.LEASED}:
        return False
    return claim.notice.act is Act.UPDATE or target.channel == claim.notice.channel


def thread_of(claim: Claim) -> Place | None:
    """Where a post goes as a reply. A parent that was set aside, or that stands in another
    channel, has no thread to offer: the post is then a message of its own.
    """
    notice, target = claim.notice, claim.target
    if notice.target_ts is not None:
        return Place(notice.channel, notice.target_ts)
    if target is None or target.place is None:
        return None
    together = notice.channel in {target.channel, target.place.channel}
    return target.place if together else None


def is_overdue(claim: Claim, now: datetime) -> bool:
    """Held for an hour, and no admin knows."""
    since = claim.held_since
    return not claim.told_admin and since is not None and now - since >= TOLD_AFTER
