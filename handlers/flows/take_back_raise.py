from dataclasses import dataclass, replace
from datetime import datetime

from bot.approval import check_may_answer
from bot.cards import small_raises as cards
from bot.chain import chain_for
from bot.changes import INSTEAD_OF
from bot.override_trail import ended_overrides
from bot.overrides import Override
from bot.periods import zone_now
from bot.policy import Organisation
from bot.requests import Request, Standing
from bot.small_raises import NotTakenBack, check_may_be_taken_back
from handlers.steps.request_standing import request_standing
from handlers.steps.settle_raise import settle_raise
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger

_TAKEN_BACK = "taken back"


@dataclass(frozen=True)
class _Act:
    """Who takes back, for whom where they stand in, and what."""

    by: str
    instead_of: str | None
    request: Request
    standing: Standing
    override: Override


async def take_back_raise(
    request_id: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> None:
    """End at once what went through by itself, within a day, by whoever would have been asked.
    The first press counts. Raises Refusal.
    """
    request = await ledger.requests.get(request_id)
    check_may_be_taken_back(request, now)
    standing = await request_standing(ledger, request.workflow)
    chain = chain_for(request, standing, organisation, now)
    actor = check_may_answer(by, request, standing, chain)
    override = next(one for one in standing.overrides if one.request == request.id)
    if override.end <= now or not await ledger.overrides.end(override.id, now):
        raise NotTakenBack(await _why_not(ledger, request))
    await ledger.take_backs.close(request.id)
    act = _Act(by, actor.instead_of, request, standing, override)
    await _record(ledger, act, now)
    await _tell(ledger, organisation, act, now)


async def _why_not(ledger: Ledger, request: Request) -> str:
    about = f"request:{request.id}"
    for change in await ledger.changes.of(request.workflow):
        if change.after.get(about) == _TAKEN_BACK:
            return f"Already taken back by <@{change.actor}>. Nothing was changed."
    return "It has ended already. Nothing was changed."


async def _record(ledger: Ledger, act: _Act, now: datetime) -> None:
    standing, override = act.standing, act.override
    left = tuple(one for one in standing.overrides if one is not override)
    sides = (standing.workflow, standing.overrides), (standing.workflow, left)
    for entry in ended_overrides([override], *sides, by=act.by, what="took back", now=now):
        acted = {INSTEAD_OF: act.instead_of} if act.instead_of else {}
        marked = {**entry.after, f"request:{act.request.id}": _TAKEN_BACK, **acted}
        await ledger.changes.add(replace(entry, after=marked))


async def _tell(ledger: Ledger, organisation: Organisation, act: _Act, now: datetime) -> None:
    request, workflow, acted = act.request, act.standing.workflow, (act.by, act.instead_of)
    change = await tell_cap_change(
        ledger,
        organisation,
        workflow,
        workflow,
        now,
        said_by=request.notice,
        overrides_before=act.standing.overrides,
    )
    zone = zone_now(workflow.calendars, now)
    words = cards.taken_back(acted, now, change.sentences, zone)
    await settle_raise(ledger, request, words, now)
    card = cards.taken_back_privately(request, workflow, acted)
    for person in dict.fromkeys((request.asked_by, workflow.owner)):
        if person and person != act.by:
            word = Word(f"{request.notice}:taken-back:{person}", person, card, zone=zone)
            await tell_person(ledger, organisation, word, now)
