from datetime import datetime, timedelta
from hashlib import sha256

from bot.cards import troubles as cards
from bot.freshness import FED_LATELY, Ailing, Source, is_watched, pull_trouble, silence
from bot.periods import slot_of
from bot.policy import Organisation
from bot.silence import LOOKED_BACK
from bot.workflows import Status
from handlers.steps.each_apart import each_apart
from handlers.steps.tell_admins import tell_admins
from storage.ledger import Ledger

JOB = "sources"
# Since when somebody has been looking without a gap.
_SINCE = "sources-since"
_EVERY = timedelta(minutes=5)
# Nobody looks for so long: the bot was down, and could not be sent anything.
_GAP = 3 * _EVERY


async def watch_sources(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Tell admins of each source that fails, is late, or is silent longer than it uses to be: once,
    and when it is heard again.
    """
    slot = slot_of(now, _EVERY)
    before = await ledger.jobs.last(JOB)
    if (before is not None and before >= slot) or not await ledger.jobs.once_in(JOB, slot, now):
        return
    listening = await _listening(ledger, before, slot, now)

    async def look(source: Source) -> None:
        ailing = await _ailing(ledger, source, listening, now) if is_watched(source) else None
        if ailing is not None and source.told is None:
            await _tell(ledger, organisation, ailing, now)
        elif ailing is None and source.told is not None:
            await _end(ledger, organisation, source, now)

    await each_apart(ledger, await ledger.freshness.sources(), look)
    if slot_of(now, timedelta(days=1)) == slot:
        await ledger.freshness.forget_arrivals(now - 2 * LOOKED_BACK)


async def _listening(
    ledger: Ledger, before: datetime | None, slot: datetime, now: datetime
) -> datetime:
    since = await ledger.jobs.last(_SINCE)
    if since is not None and before is not None and slot - before <= _GAP:
        return since
    await ledger.jobs.once_in(_SINCE, slot, now)
    return slot


async def _ailing(
    ledger: Ledger, source: Source, listening: datetime, now: datetime
) -> Ailing | None:
    found = pull_trouble(source, now)
    if found is not None or source.received is None:
        return found
    arrivals = await ledger.freshness.arrivals([source.name])
    return silence(source, arrivals[source.name], listening, now)


async def _tell(ledger: Ledger, organisation: Organisation, ailing: Ailing, now: datetime) -> None:
    name = ailing.source.name
    key = f"source:{sha256(name.encode()).hexdigest()[:16]}:{int(now.timestamp())}"
    if not await ledger.silences.begin(name, ailing.since, key):
        return
    fed = await ledger.workflows.find(
        await ledger.freshness.fed_by(ailing.source, now - FED_LATELY)
    )
    active = [one for _, one in sorted(fed.items()) if one.status is Status.ACTIVE]
    card = cards.trouble(ailing, active, organisation.policy.timezone, now)
    await tell_admins(ledger, organisation, key, card, now)


async def _end(ledger: Ledger, organisation: Organisation, source: Source, now: datetime) -> None:
    key = await ledger.silences.end(source.name)
    if key is None:
        return
    card = cards.over(source, organisation.policy.timezone, now)
    for said in await ledger.notices.under(f"{key}:"):
        await ledger.notices.update(said, card, now)
