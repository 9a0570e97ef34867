from datetime import datetime

from bot.adjustments import AlreadyUndone, check_may_adjust, counter_to
from bot.cards import adjustments as cards
from bot.falls import Fall
from bot.notices import Card
from bot.policy import Organisation
from handlers.steps.book_adjustment import book_adjustment, note_adjustment
from storage.ledger import Ledger


async def undo_adjustment(
    id_: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Book it back on the day it was booked on. Raises AlreadyUndone, NotAllowed, Unknown."""
    who = check_may_adjust(by, organisation, now)
    adjustment = await ledger.adjustments.get(id_)
    if not await ledger.adjustments.undo(id_, by, now):
        first = (await ledger.adjustments.get(id_)).undone_by
        raise AlreadyUndone(f"<@{first}> has undone it already.")
    await book_adjustment(ledger, organisation, counter_to(adjustment), Fall.UNDONE, now)
    await note_adjustment(ledger, adjustment, "undid an adjustment of", who, now)
    return cards.undone(adjustment)
