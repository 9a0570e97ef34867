"""`/budget register`: the form of a class, a preview, and the record."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.cards import changed
from bot.cards.kit import section
from bot.cards.workflows import preview
from bot.edits import Wrong
from bot.names import slug, tidy
from bot.notices import Block
from bot.people import who_may
from bot.policy import Organisation
from bot.proposals import Proposal
from bot.teams import Team
from bot.workflows import Kind, Workflow
from handlers.desk import Desk
from handlers.flows.begin_registration import begin_registration
from handlers.flows.register_workflow import preview_workflow, register_workflow
from handlers.slack.calls import Answer, Closes, Errors, Opens, Pressed, Submitted, Typed, View
from handlers.slack.forms import beside, choice_input, modal, together_with
from handlers.slack.workflow_entries import read_contract, read_entries
from handlers.slack.workflow_forms import Values, contract_fields, key_field, kind_field
from storage.ledger import Ledger

# Slack takes 3,000 characters; the form must come back whole.
_METADATA = 2_900


async def opens_form(call: Typed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        teams, team = await begin_registration(call.words, channel=call.channel, ledger=ledger)
    key = slug(call.words) or None
    values = {"owner": call.user, "key": key, "name": tidy(call.words) or None, "team": team}
    return Opens(contract_form(Kind.TEAM_TOOL, values, teams, {"channel": call.channel}))


def form_of_class(call: Pressed, teams: Sequence[Team]) -> View:
    """The same form with the fields of the class that was chosen, keeping what was entered."""
    return contract_form(Kind(call.value), call.values, teams, call.private)


async def previews(call: Submitted, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation, now = await desk.organisation(ledger), desk.now()
        try:
            made = await _judged(call, ledger, organisation, now)
        except Wrong as wrong:
            return Errors(beside(call.view, wrong))
    kept = {"channel": call.private.get("channel"), "values": _entered(call.values)}
    if len(json.dumps(kept, ensure_ascii=False, separators=(",", ":"))) > _METADATA:
        return Errors({"name": "All texts together are too long for Slack. Shorten the longest."})
    card = preview(made.workflow, made.team, organisation, now)
    return Opens(_preview(made, card.blocks, kept))


async def _judged(
    call: Submitted, ledger: Ledger, organisation: Organisation, now: datetime
) -> Proposal:
    entries = read_entries(call.values, _BLANK)
    with together_with(entries.wrong):
        return await preview_workflow(
            entries.contract, by=call.user, ledger=ledger, organisation=organisation, now=now
        )


async def saves(call: Submitted, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        made = await register_workflow(
            read_contract(call.private["values"], _BLANK),
            by=call.user,
            start=call.values.get("save_as") == "active",
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
        )
    who = who_may(made.workflow, made.team)
    card = changed.registered_privately(made.workflow, made.lacking, who)
    return Closes(card, call.private.get("channel"))


_BLANK = Workflow(key="", name="", team="")


def contract_form(
    kind: Kind, values: Values, teams: Sequence[Team], private: dict[str, Any]
) -> View:
    blocks = [kind_field(kind), key_field(values.get("key")), *contract_fields(kind, values, teams)]
    return modal(
        "workflow.register", "Register a workflow", blocks, submit="Preview", private=private
    )


def _entered(values: Values) -> Values:
    return {name: value for name, value in values.items() if value}


def _preview(made: Proposal, card: Sequence[Block], private: dict[str, Any]) -> View:
    blocks = [section(changed.before_saving(made)), *card, *_choice(made)]
    return modal("workflow.preview", "Is this right?", blocks, close="Back", private=private)


def _choice(made: Proposal) -> tuple[Block, ...]:
    if not made.may_start:
        return ()
    choices = [
        ("active", "Active: it may spend now, and you agree to this contract"),
        ("proposed", "Proposed: activate it later"),
    ]
    return (choice_input("save_as", "Save as", choices, "proposed", radio=True),)
