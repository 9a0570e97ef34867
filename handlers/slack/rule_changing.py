"""Writing, changing, moving and removing a rule of attribution: tried, shown, then saved."""

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.attribution import NotARule, Rule
from bot.notices import Card
from bot.refusal import Refusal, TooLate
from bot.rule_changes import Reach, RuleChange, check_keeper, moved, place_of
from bot.rule_trials import Found, RegistryChanged
from handlers.desk import Desk
from handlers.flows.change_rule import change_rule, undo_rule
from handlers.flows.preview_rule import preview_rule, preview_undo
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Form,
    Opens,
    Pressed,
    Shows,
    Slow,
    Submitted,
    number_of,
)
from handlers.slack.rule_forms import (
    preview_form,
    read_change,
    read_entered,
    read_found,
    read_kept,
    read_reach,
    rule_form,
)

# A change is tried so often before it is said that others are faster.
_TRIES = 3
_TRIED = "It is tried on the records of before. Nothing is saved yet."
_LOOKED_UP = "What would move back is looked up first: a moment, and you are told."


async def writes(call: Pressed, desk: Desk) -> Answer:
    """A new rule, maybe with what is suggested for it."""
    return await _form(_values(call.value), None, call, desk)


async def edits(call: Pressed, desk: Desk) -> Answer:
    before = _rule(call.value)
    return await _form([before.clue.value, before.pattern, before.workflow], before, call, desk)


async def _form(values: list[str], before: Rule | None, call: Pressed, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        check_keeper(call.user, await desk.organisation(ledger), desk.now())
        if before is not None:
            place_of(before, await ledger.attribution_rules.all())
        workflows = await ledger.workflows.all()
    if not workflows:
        raise Refusal("No workflow is registered yet: `/budget register` comes first.")
    return Opens(rule_form(values, workflows, before, call.channel))


async def tries(call: Submitted, desk: Desk) -> Slow:
    """Nothing is saved: what would move is shown first."""
    after, before = read_entered(call.values), read_kept(call.private.get("before"))
    if after == before:
        raise NotARule("Nothing is changed. Change it, or close the form.", field="pattern")
    reach = read_reach(call.values.get("reach"))
    return _preview(RuleChange(before, after), reach, call, desk)


async def moves_up(call: Pressed, desk: Desk) -> Slow:
    return await _moves(call, -1, desk)


async def moves_down(call: Pressed, desk: Desk) -> Slow:
    return await _moves(call, 1, desk)


async def _moves(call: Pressed, step: int, desk: Desk) -> Slow:
    rule = _rule(call.value)
    async with desk.database.reading() as ledger:
        check_keeper(call.user, await desk.organisation(ledger), desk.now())
        held = await ledger.attribution_rules.all()
    return _preview(moved(rule, held, step), read_reach(_reach(call)), call, desk)


async def removes(call: Pressed, desk: Desk) -> Slow:
    return _preview(RuleChange(_rule(call.value), None), read_reach(_reach(call)), call, desk)


def _reach(call: Pressed) -> object:
    return call.values.get("reach")


def _preview(change: RuleChange, reach: Reach, call: Pressed | Submitted, desk: Desk) -> Slow:
    return _Shown(change, reach, call.user, call.private.get("channel")).tried(desk)


async def saves(call: Submitted, desk: Desk) -> Answer | Slow:
    """What was seen, unless it has grown old: then it is shown anew."""
    change, reach = read_change(call.private), read_reach(call.private.get("reach"))
    channel = call.private.get("channel")
    found = read_found(call.private.get("found"), change, reach)
    if found is not None and found.is_good(desk.now()):
        with suppress(RegistryChanged):
            return Closes(await _saved(found, call.user, desk), channel)
    return _Shown(change, reach, call.user, channel, again=True).tried(desk)


async def _saved(found: Found, by: str, desk: Desk) -> Card:
    async with desk.database.ledger() as ledger:
        organisation, now = await desk.organisation(ledger), desk.now()
        return await change_rule(found, by=by, ledger=ledger, organisation=organisation, now=now)


@dataclass(frozen=True)
class _Shown:
    """What a change would move. `again`: in the form where it was seen before."""

    change: RuleChange
    reach: Reach
    by: str
    channel: str | None
    again: bool = False

    def tried(self, desk: Desk) -> Slow:
        return Slow(partial(self._view, desk), _TRIED, in_place=self.again)

    async def _view(self, desk: Desk) -> Answer:
        async with desk.database.reading() as ledger:
            preview = await preview_rule(
                self.change,
                self.reach,
                by=self.by,
                ledger=ledger,
                organisation=await desk.organisation(ledger),
                now=desk.now(),
            )
        view = preview_form(preview, self.channel, again=self.again)
        return Shows(view) if self.again else Opens(view)


async def undoes(call: Pressed, desk: Desk) -> Slow:
    number = number_of(call.value) or 0
    return Slow(partial(_undone, number, call.user, desk), _LOOKED_UP)


async def _undone(number: int, by: str, desk: Desk) -> Card:
    """Tried again where the registry has changed meanwhile."""
    for _ in range(_TRIES):
        try:
            return await _taken_back(number, by, desk)
        except RegistryChanged:
            continue
    raise TooLate("The registry is changing all the time just now. Try it again in a minute.")


async def _taken_back(number: int, by: str, desk: Desk) -> Card:
    """Tried in a ledger of its own, as past records are many, and nobody else may write while this
    one does.
    """
    async with desk.database.reading() as ledger:
        organisation, now = await desk.organisation(ledger), desk.now()
        named: dict[str, Any] = {"by": by, "organisation": organisation, "now": now}
        found = (await preview_undo(number, ledger=ledger, **named)).tried.found
    async with desk.database.ledger() as ledger:
        return await undo_rule(number, found, ledger=ledger, **named)


def _values(text: str) -> list[str]:
    """Clue, pattern and workflow of a button; what it holds may be an older release's."""
    held: Any = None
    if text.startswith("["):
        try:
            held = json.loads(text)
        except ValueError:
            held = None
    return [one for one in held if isinstance(one, str)] if isinstance(held, list) else []


def _rule(text: str) -> Rule:
    rule = read_kept(_values(text))
    if rule is None:
        raise NotARule("This button belongs to an older message.")
    return rule


ACTIONS: dict[str, Action] = {
    "rule.new": writes,
    "rule.edit": edits,
    "rule.up": moves_up,
    "rule.down": moves_down,
    "rule.remove": removes,
    "rule.undo": undoes,
}
VIEWS: dict[str, Form] = {"rule.form": tries, "rule.preview": saves}
