from datetime import datetime

from bot.cards import review_questions as cards
from bot.policy import Organisation
from bot.reach import urgency_of
from bot.reviews import Item, Review
from bot.workflows import Workflow
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def tell_lowered_cap(
    ledger: Ledger,
    organisation: Organisation,
    change: tuple[Workflow, Workflow],
    place: tuple[Review, Item],
    by: str,
    now: datetime,
) -> None:
    """What the lower cap has reached already. Where that is a threshold, this is its alert: in the
    channel and to the owner; otherwise it stays in the thread.
    """
    (before, after), (review, item) = change, place
    key = f"{item.notice}:capped:{item.version}"
    told = await tell_cap_change(ledger, organisation, before, after, now, said_by=key, by=by)
    if not told.sentences:
        return
    reached = tuple(watch for watch in told.caps if watch.reached)
    card = told.on(cards.lowered_cap(after, told.sentences, reached))
    channel = after.channel or (await ledger.teams.get(after.team)).channel
    under = review.notice if not reached and channel == review.channel else None
    await ledger.notices.post(key, channel, card, now, under=under)
    if reached and after.owner:
        urgency = urgency_of((max(watch.reached) for watch in reached), after)
        word = Word(f"{key}:dm", after.owner, card, urgency)
        await tell_person(ledger, organisation, word, now)
