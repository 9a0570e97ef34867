from dataclasses import replace
from datetime import datetime

from bot.caps import running_period
from bot.cards import small_raises as cards
from bot.cards.answers import what
from bot.cards.requests import Asking
from bot.changes import BOT, Change
from bot.notices import Urgency
from bot.override_trail import in_force, lent
from bot.periods import CapKind
from bot.policy import Organisation
from bot.request_effects import override_of
from bot.requests import Path, Request, State
from bot.small_raises import TAKEN_BACK_WITHIN, SmallRaise, goes_by_itself
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger

_JOB = "small-raise"


async def grant_small_raise(
    ledger: Ledger, organisation: Organisation, asking: Asking, request: Request, now: datetime
) -> Request | None:
    """What the policy grants by itself, from now on; None, and nothing else, where people decide:
    it is not small, or the month's few are used.
    """
    if not goes_by_itself(asking.draft, asking.standing, organisation.policy, now):
        return None
    small = await _next(ledger, organisation, asking, now)
    if small is None:
        return None
    granted = replace(
        request,
        path=Path.SMALL,
        state=State.APPROVED,
        answered_by=BOT,
        answered_at=now,
        reminds_at=None,
        escalates_at=None,
    )
    if not await ledger.requests.add(granted):
        return None
    await _give(ledger, organisation, asking, (granted, small), now)
    return granted


async def _next(
    ledger: Ledger, organisation: Organisation, asking: Asking, now: datetime
) -> SmallRaise | None:
    """Each of the month's few is claimed once, whoever asks at the same time."""
    policy, workflow = organisation.policy, asking.standing.workflow
    month = running_period(workflow, CapKind.MONTHLY, now)
    for number in range(1, policy.small_raises_a_month + 1):
        if await ledger.jobs.claim(_JOB, f"{workflow.key}:{number}", month.start, now):
            return SmallRaise(policy.small_raise_up_to, number, policy.small_raises_a_month)
    return None


async def _give(
    ledger: Ledger,
    organisation: Organisation,
    asking: Asking,
    new: tuple[Request, SmallRaise],
    now: datetime,
) -> None:
    (granted, small), standing = new, asking.standing
    end = asking.effect.end or now
    await ledger.overrides.add(override_of(granted, end, BOT, now))
    await ledger.take_backs.open(granted.id, now + TAKEN_BACK_WITHIN)
    change = await tell_cap_change(
        ledger,
        organisation,
        standing.workflow,
        standing.workflow,
        now,
        said_by=granted.notice,
        overrides_before=standing.overrides,
    )
    await ledger.changes.add(_change(asking, granted, small, now))
    await _tell(ledger, organisation, asking, new, change.sentences, now)


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    asking: Asking,
    new: tuple[Request, SmallRaise],
    told: tuple[str, ...],
    now: datetime,
) -> None:
    """The channel, whoever asked, those who may take it back, and the owner."""
    granted, zone = new[0], asking.zone
    card = cards.for_channel(asking, *new, told)
    await ledger.notices.post(granted.notice, granted.channel, card, now)
    card = cards.for_requester(asking, *new)
    await ledger.notices.post(f"{granted.notice}:sent", granted.asked_by, card, now)
    approving, card = asking.chain.running.people, cards.for_approver(asking, *new)
    for person in approving:
        word = Word(f"{granted.notice}:told:{person}", person, card, Urgency.LOW, zone)
        await tell_person(ledger, organisation, word, now)
    owner = asking.standing.workflow.owner
    if owner and owner not in {granted.asked_by, *approving}:
        card = cards.for_owner(asking, *new, told)
        word = Word(f"{granted.notice}:owner", owner, card, zone=zone)
        await tell_person(ledger, organisation, word, now)


def _change(asking: Asking, granted: Request, small: SmallRaise, now: datetime) -> Change:
    gives = asking.effect
    becomes = in_force(granted.cap, gives.after)
    if gives.end is not None:
        becomes |= lent(granted.more, gives.end)
    return Change(
        now,
        BOT,
        granted.workflow,
        f"granted {what(granted)}, {small}",
        in_force(granted.cap, gives.before),
        {f"request:{granted.id}": granted.state.value, **becomes},
        granted.reason,
    )
