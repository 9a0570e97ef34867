"""`/budget edit`: the contract in a form, and what of it holds at once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.cards.changed import saved_edit
from bot.cards.kit import section
from bot.edits import Wrong
from bot.teams import Team
from bot.workflows import Kind
from handlers.desk import Desk
from handlers.flows.begin_edit import begin_edit
from handlers.flows.edit_workflow import Edited, edit_workflow
from handlers.slack.calls import Answer, Closes, Errors, Opens, Pressed, Submitted, Typed, View
from handlers.slack.forms import beside, modal, together_with
from handlers.slack.workflow_entries import read_entries
from handlers.slack.workflow_forms import (
    Values,
    contract_fields,
    kind_field,
    reason_field,
    values_of,
)


async def opens_form(call: Typed, desk: Desk) -> Answer:
    return await _opens(call.words, call.user, call.channel, desk)


async def opens_from_button(call: Pressed, desk: Desk) -> Answer:
    return await _opens(call.value, call.user, call.channel, desk)


async def _opens(words: str, by: str, channel: str | None, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        workflow = await begin_edit(
            words, by=by, ledger=ledger, organisation=organisation, now=desk.now()
        )
        teams = await ledger.teams.all()
    private = {"key": workflow.key, "version": workflow.version, "channel": channel}
    return Opens(contract_form(workflow.kind, values_of(workflow), teams, private))


def form_of_class(call: Pressed, teams: Sequence[Team]) -> View:
    return contract_form(Kind(call.value), call.values, teams, call.private)


def contract_form(
    kind: Kind, values: Values, teams: Sequence[Team], private: dict[str, Any]
) -> View:
    blocks = [
        section(f"`{private['key']}` · Lower caps hold at once; a higher one is asked for."),
        kind_field(kind),
        *contract_fields(kind, values, teams),
        reason_field(values.get("reason")),
    ]
    return modal("workflow.edit", "Edit the contract", blocks, private=private)


async def saves(call: Submitted, desk: Desk) -> Answer:
    try:
        edited = await _save(call, desk)
    except Wrong as wrong:
        return Errors(beside(call.view, wrong))
    return Closes(saved_edit(edited.workflow, edited.told), call.private.get("channel"))


async def _save(call: Submitted, desk: Desk) -> Edited:
    async with desk.database.ledger() as ledger:
        stored = await ledger.workflows.get(call.private["key"])
        seen = replace(stored, version=call.private["version"])
        entries = read_entries(call.values, seen)
        # Raises for what could not be read, and so undoes the edit with the ledger.
        with together_with(entries.wrong):
            return await edit_workflow(
                entries.contract,
                by=call.user,
                reason=call.values.get("reason") or "",
                ledger=ledger,
                organisation=await desk.organisation(ledger),
                now=desk.now(),
            )
