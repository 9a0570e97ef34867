"""When a person is spoken to, in words: theirs, and where everybody's stands."""

from datetime import datetime, time
from decimal import Decimal

from bot.cards.changed import said as plainly
from bot.cards.kit import said
from bot.contract import number_text, policy_fields
from bot.hours import NO_QUIET_HOURS, QuietHours
from bot.notices import Card
from bot.policy import Policy
from bot.reach import Reach


def quiet_said(hours: QuietHours) -> str:
    return "none" if hours == NO_QUIET_HOURS else f"{hours.start:%H:%M} to {hours.end:%H:%M}"


def digest_said(at: time | None) -> str:
    return "off" if at is None else f"daily at {at:%H:%M}"


def where_said(zone: str, now: datetime, *, told_by_slack: bool) -> str:
    """Whose clock counts."""
    clock = f"{zone}, where it is {said(now, zone)}"
    if told_by_slack:
        return f"Your time zone is the one of your Slack profile: {clock}."
    return f"Slack says no time zone of yours, so the organisation's counts: {clock}."


WHAT_WAITS = (
    "What is at its hard limit reaches you at once, at any hour. Everything else waits for the end "
    "of your quiet hours; alerts below the soft limit also wait for your digest. Channels are told "
    "at once in any case."
)


def policy_said(policy: Policy, admins: tuple[str, ...]) -> str:
    """Everybody's numbers, and who may change them."""
    fields = policy_fields(policy).items()
    numbers = "\n".join(f"• `{name}`: {_number(value)}" for name, value in fields)
    who = " or ".join(f"<@{one}>" for one in admins[:5]) or "an admin"
    return (
        "*The organisation's numbers* stand under `policy:` in the contract file; "
        f"{who} changes them with `budget-bot contract apply`. Today:\n{numbers}"
    )


def _number(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_number(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return number_text(value) if isinstance(value, Decimal) else str(value)


def saved(reach: Reach, waiting: int) -> Card:
    words = "word that waits" if waiting == 1 else "words that wait"
    moved = f" {waiting} {words} for you moved along." if waiting else ""
    return plainly(
        f"Saved. Quiet hours: {quiet_said(reach.quiet_hours)}; digest: "
        f"{digest_said(reach.digest_at)} ({reach.zone}).{moved}"
    )


def unchanged(reach: Reach) -> Card:
    return plainly(
        f"Nothing changed. Quiet hours: {quiet_said(reach.quiet_hours)}; digest: "
        f"{digest_said(reach.digest_at)} ({reach.zone})."
    )
