from datetime import datetime

from bot.cards import reassignments as cards
from bot.changes import BOT, Change
from bot.policy import Organisation
from bot.reassignments import Reassignment, State, ended, overtaken
from bot.workflows import Workflow
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def end_reassignment(
    ledger: Ledger,
    organisation: Organisation,
    offer: Reassignment,
    workflow: Workflow,
    now: datetime,
) -> bool:
    """Save how an offer ended and say so to all it concerns; False, and nothing else, when it had
    ended before. `workflow` is what it left.
    """
    if not await ledger.reassignments.end(offer):
        return False
    await ledger.changes.add(_change(offer, now))
    card = cards.settled(offer, workflow)
    await ledger.notices.update(offer.notice, card, now)
    await ledger.notices.update(f"{offer.notice}:to", card, now)
    under = offer.under or offer.notice
    await ledger.notices.post(f"{offer.notice}:ended", offer.channel, card, now, under=under)
    await _tell_people(ledger, organisation, offer, workflow, now)
    return True


async def _tell_people(
    ledger: Ledger,
    organisation: Organisation,
    offer: Reassignment,
    workflow: Workflow,
    now: datetime,
) -> None:
    """Whoever asked, an owner who owns it no longer, and whom it was offered to, as far as they did
    not do it themselves.
    """
    card = cards.settled(offer, workflow)
    told = {offer.asked_by: card}
    if offer.owner and offer.state is State.ACCEPTED:
        told[offer.owner] = cards.former_owner(offer, workflow)
    if offer.state is not State.DECLINED:
        told.setdefault(offer.to, card)
    for person, each in told.items():
        if person != offer.answered_by:
            word = Word(f"{offer.notice}:{offer.state}:{person}", person, each)
            await tell_person(ledger, organisation, word, now)


async def close_reassignment(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> None:
    """What is offered of it, where its owner or its end has overtaken that or its time is over."""
    offer = await ledger.reassignments.open(workflow.key)
    if offer is None:
        return
    why = overtaken(offer, workflow)
    if why:
        gone = ended(offer, State.OVERTAKEN, BOT, now, answer=why)
        await end_reassignment(ledger, organisation, gone, workflow, now)
    elif offer.expires_at <= now:
        late = ended(offer, State.EXPIRED, BOT, now)
        await end_reassignment(ledger, organisation, late, workflow, now)


def _change(offer: Reassignment, now: datetime) -> Change:
    about = f"reassignment:{offer.id}"
    was, becomes = {about: State.WAITING.value}, {about: offer.state.value}
    what = f"asked to take over: {offer.state}"
    return Change(now, offer.answered_by or BOT, offer.workflow, what, was, becomes, offer.answer)
