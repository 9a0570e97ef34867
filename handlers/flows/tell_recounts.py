from datetime import datetime, timedelta

from bot.cards import rule_changes as cards
from bot.policy import Organisation
from bot.rule_changes import MadeChange
from storage.ledger import Ledger
from storage.recounts import Recount

# A day that is booked into all the time is marked all the time.
_MARKED_BY_US = timedelta(minutes=1)
# Per cents that are worth another edit of the message.
_STEP = 20


async def tell_recounts(ledger: Ledger, _organisation: Organisation, now: datetime) -> None:
    """Say of each change of a rule how far its records are told anew, and when they are: the bills
    of the days that this marked are settled by then.
    """
    for made in await ledger.rule_changes.untold():
        recount = await ledger.recounts.get(made.recount)
        if recount is not None:
            await _tell(ledger, made, recount, now)


async def _tell(ledger: Ledger, made: MadeChange, recount: Recount, now: datetime) -> None:
    if recount.done_at is not None:
        if await ledger.reconciliations.waits(recount.since, recount.done_at + _MARKED_BY_US, now):
            return
        await ledger.rule_changes.said(made, 100, end=True)
        await ledger.notices.update(made.notice, cards.moved(made, recount.moved), now)
        return
    at = recount.per_cent
    if at >= made.said + _STEP:
        await ledger.rule_changes.said(made, at, end=False)
        await ledger.notices.update(made.notice, cards.moving(made, at), now)
