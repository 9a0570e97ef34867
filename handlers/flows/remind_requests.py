from datetime import datetime

from bot.cards import request_words as words
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.request_clocks import reminded
from bot.requests import Request
from handlers.steps.each_apart import each_apart
from handlers.steps.tell_request import tell_each
from handlers.steps.weigh_request import asking_of
from storage.ledger import Ledger


async def remind_requests(ledger: Ledger, organisation: Organisation, now: datetime) -> int:
    """A word to those whose answer is due; how many requests. What was missed is not caught up."""
    due = [one for one in await ledger.requests.to_remind(now) if one.expires_at > now]
    return sum(await each_apart(ledger, due, lambda one: _remind(ledger, organisation, one, now)))


async def _remind(
    ledger: Ledger, organisation: Organisation, request: Request, now: datetime
) -> bool:
    saved = await ledger.requests.save(reminded(request, organisation.policy, now))
    if saved is None:
        return False
    try:
        asking = await asking_of(ledger, organisation, saved, now)
    except Refusal:
        # Its cap, or everybody who could approve it, is gone: the expiry will say so.
        return False
    due = int((request.reminds_at or now).timestamp())
    said = (f"{saved.notice}:remind:{due}", words.reminder(asking, saved), asking.zone)
    await tell_each(ledger, organisation, asking.chain.running.people, said, now)
    return True
