from dataclasses import replace
from datetime import datetime

from bot.approval import approvers_for
from bot.askable import check_askable
from bot.cards.kit import named, said
from bot.cards.requests import Asking
from bot.money import say
from bot.periods import zone_now
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.requests import Request, RequestDraft, Standing, effect
from handlers.steps.request_standing import request_standing
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger


class AskedAlready(Refusal):
    """One open request for each cap of a workflow."""


async def weigh_request(
    ledger: Ledger, organisation: Organisation, draft: RequestDraft, now: datetime
) -> Asking:
    """What would be asked, and of whom. Raises Refusal naming the field that stands in the way."""
    standing = await _running(ledger, draft, now)
    check_askable(draft, standing, now)
    await check_none_open(ledger, draft, standing, now)
    watches = await watch_caps(ledger, organisation, [standing.workflow], now)
    return Asking(
        draft,
        standing,
        effect(draft, standing, now),
        watches[draft.workflow].caps,
        approvers_for(draft, standing, organisation, now),
        zone_now(standing.workflow.calendars, now),
        now + organisation.policy.request_expires_after,
    )


async def _running(ledger: Ledger, draft: RequestDraft, now: datetime) -> Standing:
    """Without the requests that have run out, though the clock may not have said so yet."""
    standing = await request_standing(ledger, draft.workflow)
    return replace(standing, waiting=tuple(one for one in standing.waiting if one.expires_at > now))


async def check_none_open(
    ledger: Ledger, draft: RequestDraft, standing: Standing, now: datetime
) -> None:
    """Raises AskedAlready saying who asked and when."""
    for one in standing.waiting:
        if one.cap is draft.cap:
            raise AskedAlready(await _asked_already(ledger, one, standing, now), field="cap")


async def _asked_already(
    ledger: Ledger, open_one: Request, standing: Standing, now: datetime
) -> str:
    zone = zone_now(standing.workflow.calendars, now)
    asker = await ledger.people.find(open_one.asked_by)
    # A form shows its errors as plain text, where a mention would be a bare id.
    who = named(asker.name) if asker else open_one.asked_by
    return (
        f"{who} asked for {say(open_one.amount)} more on this cap already, "
        f"{said(open_one.asked_at, zone)}. It waits for an answer until "
        f"{said(open_one.expires_at, zone)}."
    )
