from datetime import datetime
from uuid import uuid4

from bot.cards import drafts as cards
from bot.cards.drafts import Drafting
from bot.changes import BOT, Change
from bot.drafts import Draft, is_covered, missing, until_for
from bot.people import answerable
from bot.policy import Organisation
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def draft_request(ledger: Ledger, organisation: Organisation, about: Drafting) -> None:
    """For the owner, once for each period of the cap; nothing where more was asked or granted."""
    people = answerable(about.workflow, organisation, about.now)
    if not people or await _covered(ledger, about):
        return
    draft = _draft(organisation, about, people[-1])
    if not await ledger.drafts.add(draft):
        return
    await _audit(ledger, draft, about.now)
    card = cards.drafted(draft, about)
    word = Word(draft.notice, draft.addressed_to, card, zone=about.zone)
    await tell_person(ledger, organisation, word, about.now)


async def _covered(ledger: Ledger, about: Drafting) -> bool:
    key = about.workflow.key
    overrides = await ledger.overrides.of(key)
    waiting = [one for one in await ledger.requests.waiting(key) if one.expires_at > about.now]
    return is_covered(about.cap, overrides, waiting, about.forecast)


def _draft(organisation: Organisation, about: Drafting, person: str) -> Draft:
    workflow, period = about.workflow, about.cap.cap.period
    largest = organisation.policy.largest_raise.of(workflow.kind)
    return Draft(
        id=uuid4().hex[:10],
        workflow=workflow.key,
        period=period,
        amount=min(missing(workflow, about.cap, about.forecast), largest),
        until=until_for(period.kind),
        reason=cards.reason(about),
        cause=about.cause,
        addressed_to=person,
        drafted_at=about.now,
    )


async def _audit(ledger: Ledger, draft: Draft, now: datetime) -> None:
    said = f"drafted a request for {cards.what(draft)}"
    await ledger.changes.add(
        Change(now, BOT, draft.workflow, said, {}, {f"draft:{draft.id}": draft.state.value})
    )
