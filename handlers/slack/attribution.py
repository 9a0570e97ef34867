"""Whose spend is this: what belongs to nobody, and the rules by which it is attributed."""

import json
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any

from bot.attribution import Clue, NotARule, Rule
from bot.months import read_month
from bot.names import quoted, tidy
from bot.notices import Card
from bot.periods import local_day
from bot.refusal import Refusal, TooLate
from bot.rule_changes import Reach, RuleChange, check_keeper, moved, place_of
from bot.rule_trials import RegistryChanged
from handlers.desk import Desk
from handlers.flows.change_rule import change_rule, undo_rule
from handlers.flows.preview_rule import RulePreview, preview_rule, preview_undo
from handlers.flows.show_gaps import show_gaps
from handlers.flows.show_rules import show_rules
from handlers.flows.show_whose import WhosePage, show_whose
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Form,
    Opens,
    Pressed,
    Submitted,
    Typed,
    number_of,
    page_of,
)
from handlers.slack.rule_forms import (
    preview_form,
    read_change,
    read_entered,
    read_kept,
    read_reach,
    rule_form,
)

_Previews = Callable[..., Awaitable[RulePreview]]
_Saves = Callable[..., Awaitable[Card]]
# A rule is tried so often before it is said that others are faster.
_TRIES = 3
# What people call a clue.
_CALLED = {**{one.value: one for one in Clue}, "user": Clue.PERSON, "repo": Clue.REPOSITORY}


async def whose(call: Typed, desk: Desk) -> Answer:
    """`/budget whose [CLUE] [MONTH]`"""
    month, rest = await _read_month(call.words, desk)
    word = rest.lower().removeprefix("by ").removesuffix(" of").removesuffix(" in")
    clue = _CALLED.get(word) or _CALLED.get(word.removesuffix("s"))
    if word and clue is None:
        raise Refusal(
            f"{quoted(word)} is nothing spend is known by, and no month. `/budget whose` "
            "shows all, `/budget whose project` all by project, `/budget whose last month` or "
            f"`/budget whose project 2026-10` another month; there are {', '.join(Clue)}."
        )
    return await _whose(WhosePage(clue, 0, month), call.user, desk)


async def _read_month(words: str, desk: Desk) -> tuple[date | None, str]:
    """In the organisation's calendar."""
    async with desk.database.reading() as ledger:
        zone = (await desk.organisation(ledger)).policy.timezone
    return read_month(tidy(words), local_day(desk.now(), zone))


async def lists_whose(call: Pressed, desk: Desk) -> Answer:
    clue, _, rest = call.value.partition(" ")
    start, _, named = rest.partition(" ")
    month, _ = await _read_month(named, desk)
    return await _whose(WhosePage(_CALLED.get(clue), page_of(start), month), call.user, desk)


def _check_alone(words: str, verb: str) -> None:
    """Raises Refusal."""
    word = tidy(words)
    if word:
        raise Refusal(f"`/budget {verb}` shows all of them: it does not know {quoted(word)}.")


async def _whose(page: WhosePage, by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_whose(
            page, by=by, ledger=ledger, organisation=organisation, now=desk.now()
        )


async def rules(call: Typed, desk: Desk) -> Answer:
    """`/budget rules`"""
    _check_alone(call.words, "rules")
    return await _rules(0, call.user, desk)


async def lists_rules(call: Pressed, desk: Desk) -> Answer:
    return await _rules(page_of(call.value), call.user, desk)


async def _rules(start: int, by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_rules(
            start=start, by=by, ledger=ledger, organisation=organisation, now=desk.now()
        )


async def gaps(call: Typed, desk: Desk) -> Answer:
    """`/budget gaps`"""
    _check_alone(call.words, "gaps")
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_gaps(call.user, ledger, organisation, desk.now())


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


async def tries(call: Submitted, desk: Desk) -> Answer:
    """Nothing is saved: what would move is shown first."""
    after, before = read_entered(call.values), read_kept(call.private.get("before"))
    if after == before:
        raise NotARule("Nothing is changed. Change it, or close the form.", field="pattern")
    reach = read_reach(call.values.get("reach"))
    return await _preview(RuleChange(before, after), reach, call, desk)


async def moves_up(call: Pressed, desk: Desk) -> Answer:
    return await _moves(call, -1, desk)


async def moves_down(call: Pressed, desk: Desk) -> Answer:
    return await _moves(call, 1, desk)


async def _moves(call: Pressed, step: int, desk: Desk) -> Answer:
    rule = _rule(call.value)
    async with desk.database.reading() as ledger:
        check_keeper(call.user, await desk.organisation(ledger), desk.now())
        held = await ledger.attribution_rules.all()
    return await _preview(moved(rule, held, step), read_reach(_reach(call)), call, desk)


async def removes(call: Pressed, desk: Desk) -> Answer:
    return await _preview(RuleChange(_rule(call.value), None), read_reach(_reach(call)), call, desk)


def _reach(call: Pressed) -> object:
    return call.values.get("reach")


async def _preview(
    change: RuleChange, reach: Reach, call: Pressed | Submitted, desk: Desk
) -> Answer:
    async with desk.database.reading() as ledger:
        preview = await preview_rule(
            change,
            reach,
            by=call.user,
            ledger=ledger,
            organisation=await desk.organisation(ledger),
            now=desk.now(),
        )
    return Opens(preview_form(preview, call.private.get("channel")))


async def saves(call: Submitted, desk: Desk) -> Answer:
    change, reach = read_change(call.private), read_reach(call.private.get("reach"))
    preview, save = partial(preview_rule, change, reach), change_rule
    return Closes(await _kept(preview, save, call.user, desk), call.private.get("channel"))


async def undoes(call: Pressed, desk: Desk) -> Answer:
    number = number_of(call.value) or 0
    return await _kept(partial(preview_undo, number), partial(undo_rule, number), call.user, desk)


async def _kept(preview: _Previews, save: _Saves, by: str, desk: Desk) -> Card:
    """Tried again where the registry has changed meanwhile."""
    for _ in range(_TRIES):
        try:
            return await _tried_and_kept(preview, save, by, desk)
        except RegistryChanged:
            continue
    raise TooLate("The registry is changing all the time just now. Try it again in a minute.")


async def _tried_and_kept(preview: _Previews, save: _Saves, by: str, desk: Desk) -> Card:
    """Tried in a ledger of its own, as past records are many, and nobody else may write while this
    one does.
    """
    async with desk.database.reading() as ledger:
        organisation, now = await desk.organisation(ledger), desk.now()
        seen = await preview(by=by, ledger=ledger, organisation=organisation, now=now)
    async with desk.database.ledger() as ledger:
        return await save(seen.tried, by=by, ledger=ledger, organisation=organisation, now=now)


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


COMMANDS: dict[str, Command] = {"whose": whose, "rules": rules, "gaps": gaps}
ACTIONS: dict[str, Action] = {
    "whose.list": lists_whose,
    "rules.list": lists_rules,
    "rule.new": writes,
    "rule.edit": edits,
    "rule.up": moves_up,
    "rule.down": moves_down,
    "rule.remove": removes,
    "rule.undo": undoes,
}
VIEWS: dict[str, Form] = {"rule.form": tries, "rule.preview": saves}
