"""What admins are told about messages that cannot be sent."""

from bot.cards.kit import escape, section
from bot.notices import Card

_WHY = {
    "channel_not_found": (
        "Slack finds no such channel, or it is private and the bot is not in it. "
        "Invite the bot there, or give the team another channel."
    ),
    "is_archived": "The channel is archived. Unarchive it, or give the team another channel.",
    "not_in_channel": (
        "The bot is not in the channel and may not join by itself. "
        "Invite it there, or give the team another channel."
    ),
    "user_not_found": "Slack finds no such person. Name another owner or approver.",
    "user_disabled": "The account is deactivated. Name another owner or approver.",
    "missing_scope": "The app lacks a permission. Install it again from its manifest.",
    "restricted_action": "The workspace does not let the bot post there. Allow it to.",
}


def set_aside(channel: str, reason: str) -> Card:
    return _card(
        f"A message to {place(channel)} cannot be sent and was set aside. {why(reason)} "
        "`budget-bot doctor` lists what was set aside; this is said once a day for each channel."
    )


def held(channel: str, reason: str) -> Card:
    return _card(
        f"A message to {place(channel)} has waited for more than an hour, and those behind it "
        f"with it. {why(reason)} It is tried again until it is sent."
    )


def _card(text: str) -> Card:
    return Card(text, (section(text),))


def why(reason: str) -> str:
    return _WHY.get(reason) or f"The reason: {escape(reason)}."


def place(channel: str) -> str:
    return f"<@{channel}>" if channel[:1] in {"U", "W"} else f"<#{channel}>"
