"""Whose spend is this: what belongs to nobody, and the rules by which it is attributed."""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial

from bot.attribution import Clue
from bot.months import read_month
from bot.names import quoted, tidy
from bot.notices import Card
from bot.periods import local_day
from bot.refusal import Refusal
from handlers.desk import Desk
from handlers.flows.preview_rule import RulePreview
from handlers.flows.show_gaps import show_gaps
from handlers.flows.show_rules import show_rules
from handlers.flows.show_whose import WhosePage, show_whose
from handlers.slack.calls import (
    Action,
    Answer,
    Command,
    Pressed,
    Slow,
    Typed,
    page_of,
)

_Previews = Callable[..., Awaitable[RulePreview]]
_Saves = Callable[..., Awaitable[Card]]
# A rule is tried so often before it is said that others are faster.
_TRIES = 3
_LOOKED_THROUGH = "One moment: the records of the month are being looked through."
# What people call a clue.
_CALLED = {
    **{one.value: one for one in Clue},
    "tag": Clue.DECLARED,
    "user": Clue.PERSON,
    "repo": Clue.REPOSITORY,
}


async def whose(call: Typed, desk: Desk) -> Slow:
    """`/budget whose [CLUE] [MONTH]`"""
    month, rest = await _read_month(call.words, desk)
    word = rest.lower().removeprefix("by ").removesuffix(" of").removesuffix(" in")
    clue = _CALLED.get(word) or _CALLED.get(word.removesuffix("s"))
    if word and clue is None:
        second, _ = await _read_month(word, desk)
        if second is not None:
            raise Refusal(f"{quoted(word)} is a second month: `/budget whose` shows one.")
        raise Refusal(
            f"{quoted(word)} is nothing spend is known by, and no month. `/budget whose` "
            "shows all, `/budget whose project` all by project, `/budget whose last month` or "
            f"`/budget whose project 2026-10` another month; there are {', '.join(Clue)}."
        )
    return _whose(WhosePage(clue, 0, month), call.user, desk)


async def _read_month(words: str, desk: Desk) -> tuple[date | None, str]:
    """In the organisation's calendar."""
    async with desk.database.reading() as ledger:
        zone = (await desk.organisation(ledger)).policy.timezone
    return read_month(tidy(words), local_day(desk.now(), zone))


async def lists_whose(call: Pressed, desk: Desk) -> Slow:
    clue, _, rest = call.value.partition(" ")
    start, _, named = rest.partition(" ")
    month, _ = await _read_month(named, desk)
    return _whose(WhosePage(_CALLED.get(clue), page_of(start), month), call.user, desk)


def _check_alone(words: str, verb: str) -> None:
    """Raises Refusal."""
    word = tidy(words)
    if word:
        raise Refusal(f"`/budget {verb}` shows all of them: it does not know {quoted(word)}.")


def _whose(page: WhosePage, by: str, desk: Desk) -> Slow:
    return Slow(partial(_shown, page, by, desk), _LOOKED_THROUGH)


async def _shown(page: WhosePage, by: str, desk: Desk) -> Answer:
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


async def gaps(call: Typed, desk: Desk) -> Slow:
    """`/budget gaps`"""
    _check_alone(call.words, "gaps")
    return Slow(partial(_gaps, call.user, desk), _LOOKED_THROUGH)


async def _gaps(by: str, desk: Desk) -> Answer:
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        return await show_gaps(by, ledger, organisation, desk.now())


COMMANDS: dict[str, Command] = {"whose": whose, "rules": rules, "gaps": gaps}
ACTIONS: dict[str, Action] = {
    "whose.list": lists_whose,
    "rules.list": lists_rules,
}
