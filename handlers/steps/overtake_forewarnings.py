"""What was said ahead of a cap, once the cap is reached or its period is over."""

from collections.abc import Iterable
from datetime import datetime

from bot.alerts import CapWatch
from bot.cards.alert_ends import cap_reached, forewarned_period_over, over
from bot.cards.drafts import overtaken
from bot.forewarnings import Forewarning, Sort
from storage.ledger import Ledger


async def overtake_forewarnings(
    ledger: Ledger, workflow: str, caps: Iterable[CapWatch], now: datetime
) -> None:
    """Messages that say a cap will be reached that is: they say so, and ask for nothing."""
    reached = {cap.cap.period: cap for cap in caps if cap.state.left <= 0}
    if not reached:
        return
    for one in await ledger.forewarnings.running([workflow], now):
        cap = reached.get(one.period)
        if cap is not None and one.said_at is not None and one.sort is not Sort.SPIKE:
            await _close(ledger, one, cap_reached(cap), now)
    for cap in reached.values():
        await _note_on_drafts(ledger, workflow, cap, now)


async def end_forewarnings(ledger: Ledger, now: datetime) -> None:
    """Those of periods that ended lately."""
    for one in await ledger.forewarnings.ended(now):
        await _close(ledger, one, forewarned_period_over(one.period), now)


async def _close(ledger: Ledger, one: Forewarning, why: str, now: datetime) -> None:
    words = await ledger.notices.under(f"{one.notice}:dm:")
    for key in (one.notice, *words):
        card = await ledger.notices.shown(key) or await ledger.held_words.card(key)
        if card is None:
            continue
        closed = over(card, why, explain=False)
        if closed != card:
            await ledger.notices.update(key, closed, now)


async def _note_on_drafts(ledger: Ledger, workflow: str, cap: CapWatch, now: datetime) -> None:
    for draft in await ledger.drafts.open_for(workflow, cap.cap.kind):
        card = await ledger.notices.shown(draft.notice) or await ledger.held_words.card(
            draft.notice
        )
        if card is None or draft.period != cap.cap.period:
            continue
        noted = overtaken(card, cap_reached(cap))
        if noted != card:
            await ledger.notices.update(draft.notice, noted, now)
