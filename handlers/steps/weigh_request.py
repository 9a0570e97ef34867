from dataclasses import replace
from datetime import datetime

from bot.askable import problems
from bot.cards.kit import named, said
from bot.cards.requests import Asking
from bot.chain import Chain, chain_for
from bot.edits import Wrong
from bot.money import say
from bot.periods import zone_now
from bot.policy import Organisation
from bot.raise_limits import beyond_limits, can_be_measured
from bot.refusal import Refusal
from bot.request_clocks import Clocks, clocks_of, first_clocks
from bot.request_effects import effect
from bot.request_size import is_expedited
from bot.requests import Request, RequestDraft, Standing
from bot.small_raises import goes_by_itself
from handlers.steps.feeds_of import feeds_of
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
    await _check(ledger, organisation, draft, standing, now)
    clocks = first_clocks(organisation.policy, now)
    return await _asking(ledger, organisation, (draft, standing, clocks), now)


async def asking_of(
    ledger: Ledger, organisation: Organisation, request: Request, now: datetime
) -> Asking:
    """A request that waits, with the figures and the people of now. Raises Refusal where nobody
    could approve it any more.
    """
    standing = await request_standing(ledger, request.workflow)
    clocks = clocks_of(request, organisation.policy)
    return await _asking(ledger, organisation, (request, standing, clocks), now)


async def stuck_asking(
    ledger: Ledger, organisation: Organisation, request: Request, why: str, now: datetime
) -> Asking:
    """A request that waits and that nobody may answer. Raises Refusal when its cap is gone."""
    standing = await request_standing(ledger, request.workflow)
    watches = await watch_caps(ledger, organisation, [standing.workflow], now)
    return Asking(
        request,
        standing,
        effect(request, standing, now),
        watches[request.workflow].caps if request.workflow in watches else (),
        Chain(()),
        zone_now(standing.workflow.calendars, now),
        clocks_of(request, organisation.policy),
        stuck=why,
        at=now,
        feeds=await feeds_of(ledger, standing.workflow, now),
    )


async def _asking(
    ledger: Ledger,
    organisation: Organisation,
    known: tuple[RequestDraft, Standing, Clocks],
    now: datetime,
) -> Asking:
    draft, standing, clocks = known
    watches = await watch_caps(ledger, organisation, [standing.workflow], now)
    return Asking(
        draft,
        standing,
        effect(draft, standing, now),
        watches[draft.workflow].caps if draft.workflow in watches else (),
        chain_for(draft, standing, organisation, now),
        zone_now(standing.workflow.calendars, now),
        clocks,
        is_expedited(draft, standing, organisation.policy, now),
        goes_by_itself(draft, standing, organisation.policy, now),
        at=now,
        feeds=await feeds_of(ledger, standing.workflow, now),
    )


async def _running(ledger: Ledger, draft: RequestDraft, now: datetime) -> Standing:
    """Without the requests that have run out, though the clock may not have said so yet, and
    without the one that is being changed.
    """
    standing = await request_standing(ledger, draft.workflow)
    itself = draft.id if isinstance(draft, Request) else None
    others = (one for one in standing.waiting if one.expires_at > now and one.id != itself)
    return replace(standing, waiting=tuple(others))


async def _check(
    ledger: Ledger,
    organisation: Organisation,
    draft: RequestDraft,
    standing: Standing,
    now: datetime,
) -> None:
    """Raises what stands in the way: by itself, or all of it as Wrong."""
    same = [one for one in standing.waiting if one.cap is draft.cap]
    said_again = [await _asked_already(ledger, one, draft, standing, now) for one in same]
    most_days = organisation.policy.longest_raise_days.of(standing.workflow.kind)
    wrong = tuple(problems(draft, standing, now, int(most_days)))
    if can_be_measured(wrong):
        wrong += tuple(beyond_limits(draft, standing, organisation.policy, now))
    found = [*wrong, *said_again]
    if len(found) > 1:
        raise Wrong(found)
    for one in found:
        raise one


async def _asked_already(
    ledger: Ledger, open_one: Request, draft: RequestDraft, standing: Standing, now: datetime
) -> AskedAlready:
    reader = await ledger.people.find(draft.asked_by)
    zone = (reader and reader.timezone) or zone_now(standing.workflow.calendars, now)
    asker = await ledger.people.find(open_one.asked_by)
    # A form shows its errors as plain text, where a mention would be a bare id.
    who = named(asker.name) if asker else open_one.asked_by
    return AskedAlready(
        f"{who} asked for {say(open_one.amount)} more on this cap already, "
        f"{said(open_one.asked_at, zone)}. It waits for an answer until "
        f"{said(open_one.expires_at, zone)}.",
        field="cap",
    )
