"""`/budget settings`: when one is spoken to."""

from bot.cards import settings as cards
from bot.cards.kit import context, divider, section
from bot.edits import Wrong
from bot.notices import Block
from bot.policy import Organisation
from bot.preferences import NONE, OWN, THEIRS, Entered, chosen_of, read_preferences
from bot.reach import Preferences, Reach
from handlers.desk import Desk
from handlers.flows.save_preferences import save_preferences
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Errors,
    Form,
    Opens,
    Pressed,
    Submitted,
    Typed,
)
from handlers.slack.forms import beside, choice_input, modal, not_used, time_input
from handlers.steps.tell_person import reach_person

_ENTRIES = ("quiet", "quiet_from", "quiet_to", "digest", "digest_at")


async def opens_form(call: Typed, desk: Desk) -> Answer:
    """`/budget settings`"""
    return await _opens(call.user, call.channel, desk, unused=call.words)


async def opens_from_button(call: Pressed, desk: Desk) -> Answer:
    return await _opens(call.user, call.channel, desk)


async def _opens(user: str, channel: str | None, desk: Desk, *, unused: str = "") -> Answer:
    now = desk.now()
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        known = await ledger.people.find(user)
        chosen = await ledger.preferences.of(user)
        reach = await reach_person(ledger, organisation, user)
    told = known is not None and known.timezone is not None
    blocks = [
        *not_used(unused),
        section(cards.where_said(reach.zone, now, told_by_slack=told)),
        *_hours(chosen, reach, organisation),
        context(cards.WHAT_WAITS),
        divider(),
        section(cards.policy_said(organisation.policy, organisation.admins)),
    ]
    return Opens(modal("settings.save", "Your settings", blocks, private={"channel": channel}))


def _hours(chosen: Preferences, reach: Reach, organisation: Organisation) -> list[Block]:
    policy, (quiet, digest) = organisation.policy, chosen_of(chosen)
    own = reach.quiet_hours if quiet == OWN else policy.quiet_hours
    everybody = f"As the organisation has it: {cards.quiet_said(policy.quiet_hours)}"
    all_digests = f"As the organisation has it: {cards.digest_said(policy.digest_at)}"
    quiet_choices = [(THEIRS, everybody), (OWN, "My own, from and to below"), (NONE, "None")]
    digest_choices = [(THEIRS, all_digests), (OWN, "Daily, at the time below"), (NONE, "Off")]
    return [
        choice_input("quiet", "Quiet hours", quiet_choices, quiet, radio=True),
        time_input("quiet_from", "From", own.start, optional=True),
        time_input("quiet_to", "To", own.end, hint="Past midnight is fine.", optional=True),
        choice_input("digest", "Digest of what is not urgent", digest_choices, digest, radio=True),
        time_input("digest_at", "Digest at", reach.digest_at, optional=True),
    ]


async def saves(call: Submitted, desk: Desk) -> Answer:
    try:
        chosen = read_preferences(_entered(call))
    except Wrong as wrong:
        return Errors(beside(call.view, wrong))
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        card = await save_preferences(
            chosen, by=call.user, ledger=ledger, organisation=organisation, now=desk.now()
        )
    return Closes(card, call.private.get("channel"))


def _entered(call: Submitted) -> Entered:
    return Entered(**{name: str(call.values.get(name) or "") for name in _ENTRIES})


COMMANDS: dict[str, Command] = {"settings": opens_form}
ACTIONS: dict[str, Action] = {"settings.open": opens_from_button}
VIEWS: dict[str, Form] = {"settings.save": saves}
