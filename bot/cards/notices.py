"""What people are told about messages that cannot be sent, and what kinds of them there are."""

from bot.addresses import is_person
from bot.cards.kit import actions, button, escape, section
from bot.cards.terms import titled
from bot.notices import Card
from bot.workflows import Workflow

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


_KINDS = {
    "alert": "alert",
    "forewarning": "warning ahead of a cap",
    "workflow": "change of a contract",
    "contract": "change of a contract",
    "request": "request for more",
    "draft": "drafted request",
    "outcome": "question about an outcome",
    "review": "weekly review",
    "reset": "new period",
    "test": "test alert",
    "digest": "digest",
    "delivery": "word about deliveries",
    "undelivered": "word about deliveries",
    "delegation": "word about who stands in",
    "departure": "word about who left",
    "owner": "question for an owner",
    "react": "emoji",
    "revocation": "keys of a retired workflow",
    "reassignment": "offer to another owner",
    "rule": "how far a change of a rule is",
    "source": "word about a source of spend",
}


def kind_of(key: str) -> str:
    """What a notice of this key is called."""
    return _KINDS.get(key.partition(":")[0], "message")


def set_aside(channel: str, reason: str, key: str, workflow: str | None) -> Card:
    """For admins. `key` is the message's own, `workflow` what it is about, if anything."""
    edit = f"`/budget edit {workflow}` gives it another channel. " if workflow else ""
    text = (
        f"A message to {place(channel)} cannot be sent and was set aside. {why(reason)} "
        f"{_to_type(channel, reason)}{edit}`/budget deliveries` lists what was set aside; this is "
        "said once a day for each channel."
    )
    again = button("Send again", "delivery.again", key)
    return Card(text, (section(text), actions(again)))


def _to_type(channel: str, reason: str) -> str:
    if not needs_invitation(channel, reason):
        return ""
    return (
        f"To invite the bot, open {place(channel)} and type `/invite @budget-bot`; then press "
        "*Send again*. "
    )


def needs_invitation(channel: str, reason: str) -> bool:
    """Whether a member of the channel could let the bot in."""
    return not is_person(channel) and reason in {"channel_not_found", "not_in_channel"}


def undelivered(workflow: Workflow, kind: str, channel: str, reason: str) -> Card:
    """For whoever answers for the workflow."""
    asked = (
        "An admin was asked to invite the bot."
        if needs_invitation(channel, reason)
        else f"An admin knows. `/budget edit {workflow.key}` gives it another channel."
    )
    return _card(
        f"The {kind} of {titled(workflow)} did not reach {place(channel)}: nobody has read it "
        f"there. {why(reason)} {asked} `/budget deliveries {workflow.key}` shows it, and sends it "
        "again."
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
