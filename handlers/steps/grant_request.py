from dataclasses import replace
from datetime import datetime

from bot.cards.answers import Ending, for_owner
from bot.cards.proven import for_finance
from bot.policy import Organisation
from bot.request_effects import Effect, effect, override_of, raised
from bot.request_size import is_expedited
from bot.requests import Request, Standing, State
from bot.workflows import Workflow
from handlers.steps.end_request import ending_of, tell_end
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def grant_request(
    ledger: Ledger, organisation: Organisation, approved: Request, standing: Standing, now: datetime
) -> bool:
    """Save the last yes and what it gives, from now on, and say so; False, and nothing else, when
    the request had ended or changed before.
    """
    if not await ledger.requests.end(replace(approved, state=State.APPROVED)):
        return False
    gives = effect(approved, standing, now)
    after = await _give(approved, gives, standing, ledger, now)
    change = await tell_cap_change(
        ledger,
        organisation,
        standing.workflow,
        after,
        now,
        said_by=approved.notice,
        overrides_before=standing.overrides,
    )
    ending = ending_of(approved, after, now, gives, change.sentences)
    await tell_end(ledger, ending, now)
    await _tell_owner(ledger, organisation, ending, after.owner, now)
    await _tell_finance(ledger, organisation, approved, standing, now)
    return True


async def _tell_owner(
    ledger: Ledger, organisation: Organisation, ending: Ending, owner: str | None, now: datetime
) -> None:
    """Unless they asked, which is answered, or agreed themselves."""
    request = ending.request
    heard = {request.asked_by, *(one.by for one in request.approvals)}
    if owner and owner not in heard:
        word = Word(f"{request.notice}:owner", owner, for_owner(ending), zone=ending.zone)
        await tell_person(ledger, organisation, word, now)


async def _tell_finance(
    ledger: Ledger, organisation: Organisation, approved: Request, standing: Standing, now: datetime
) -> None:
    """What went past them on the expedited path."""
    proven = standing.proven
    if proven is None or not is_expedited(approved, standing, organisation.policy, now):
        return
    card = for_finance(approved, standing.workflow, proven)
    for person in organisation.finance:
        if person != approved.answered_by:
            word = Word(f"{approved.notice}:expedited:{person}", person, card)
            await tell_person(ledger, organisation, word, now)


async def _give(
    approved: Request, gives: Effect, standing: Standing, ledger: Ledger, now: datetime
) -> Workflow:
    """The workflow as it is with the override, or with its base raised."""
    before, by = standing.workflow, approved.answered_by or ""
    if gives.end is not None:
        await ledger.overrides.add(override_of(approved, gives.end, by, now))
        return before
    return await save_workflow(
        ledger,
        before,
        raised(approved, before),
        by=by,
        what=f"raised the {approved.cap} cap",
        reason=approved.reason,
        now=now,
    )
