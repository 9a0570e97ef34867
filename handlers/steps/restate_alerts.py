from collections.abc import Iterable
from datetime import datetime

from bot.cards.alert_acts import Follow, restated
from bot.periods import zone_now
from bot.workflows import Workflow
from handlers.steps.read_follow import read_standing
from storage.ledger import Ledger


async def restate_alerts(
    ledger: Ledger, workflow: Workflow, now: datetime, pressed: Iterable[str] = ()
) -> None:
    """Let the messages of a workflow's alerts say how they stand now: those that state the clock,
    the first ones of running periods, and those that were `pressed`. Their figures stay.
    """
    zone = zone_now(workflow.calendars, now)
    follow = await read_standing(ledger, workflow, now)
    for notice in await _messages(ledger, workflow.key, follow, pressed, now):
        card = await ledger.notices.shown(notice) or await ledger.held_words.card(notice)
        if card is None:
            continue
        changed = restated(card, workflow, follow.stated_in(notice), zone)
        if changed != card:
            await ledger.notices.update(notice, changed, now)


async def _messages(
    ledger: Ledger, workflow: str, follow: Follow, pressed: Iterable[str], now: datetime
) -> tuple[str, ...]:
    stating = follow.waiting.notices if follow.waiting else ()
    shown = await ledger.alerts.alerted(now, [workflow])
    firsts = [one.notice for one in shown if one.notice]
    copies = [copy for key in (*firsts, *pressed) for copy in (key, f"{key}:dm")]
    return tuple(dict.fromkeys((*stating, *copies)))
