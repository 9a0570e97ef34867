from collections.abc import Sequence

from bot.alerts import AlertedPeriod
from bot.cards import forewarnings as cards
from bot.cards.drafts import Drafting
from bot.cards.drivers import Compared
from bot.cards.forewarnings import Ahead
from bot.drafts import Cause
from bot.forewarnings import Forewarning, Sort, only_in_thread
from bot.notices import Urgency
from bot.outlooks import Finding, Outlook, to_compare
from bot.people import answerable
from bot.policy import Organisation
from handlers.steps.channel_of import channel_of
from handlers.steps.draft_request import draft_request
from handlers.steps.feeds_of import feeds_of
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger

Due = tuple[Forewarning, Finding]


async def forewarn(
    ledger: Ledger, organisation: Organisation, outlook: Outlook, due: Sequence[Due]
) -> None:
    """One message for all of it, in the channel and to whoever answers for the workflow. The rows
    come first: who cannot mark them says nothing.
    """
    mine = [each for each in due if await ledger.forewarnings.say(each[0], outlook.now)]
    if not mine:
        return
    workflow, now = outlook.workflow, outlook.now
    compared = await _compared(ledger, outlook, mine[0][1])
    ahead = Ahead(outlook, tuple(mine), compared, await feeds_of(ledger, workflow, now))
    await _to_channel(ledger, ahead)
    alerts = await ledger.alerts.running([workflow.key], now)
    quiet = only_in_thread([one.sort for one, _ in mine], alerts, now)
    for person in () if quiet else answerable(workflow, organisation, now):
        key = f"{ahead.notice}:dm:{person}"
        word = Word(key, person, cards.for_owner(ahead), _urgency(mine), outlook.zone)
        await tell_person(ledger, organisation, word, now)
    for _, finding in mine:
        if finding.sort is Sort.BREACH and finding.cap:
            about = Drafting(
                workflow,
                finding.cap,
                Cause.FORECAST,
                finding.forecast,
                outlook.zone,
                now,
                ahead.feeds,
            )
            await draft_request(ledger, organisation, about)


async def _compared(ledger: Ledger, outlook: Outlook, lead: Finding) -> Compared:
    stretches = to_compare(lead, outlook.workflow, outlook.now)
    before = await ledger.history.mix(outlook.workflow.key, *stretches.before)
    after = await ledger.history.mix(outlook.workflow.key, *stretches.after)
    return Compared(before, after, stretches.since)


def _urgency(due: Sequence[Due]) -> Urgency:
    """Money that burns does not wait for the morning."""
    burns = any(finding.sort is Sort.BURN for _, finding in due)
    return Urgency.CRITICAL if burns else Urgency.NORMAL


async def _to_channel(ledger: Ledger, ahead: Ahead) -> None:
    """Under the period's first alert, or another that runs, where one stands in this channel."""
    workflow, now = ahead.outlook.workflow, ahead.outlook.now
    channel = await channel_of(ledger, workflow)
    periods = {finding.period for _, finding in ahead.due}
    shown = [
        one
        for one in await ledger.alerts.alerted(now, [workflow.key])
        if one.notice and one.channel == channel
    ]
    shown = [one for one in shown if one.period in periods] or _lately(shown, ahead)
    under = shown[0].notice if shown else None
    await ledger.notices.post(ahead.notice, channel, cards.for_channel(ahead), now, under=under)


def _lately(shown: list[AlertedPeriod], ahead: Ahead) -> list[AlertedPeriod]:
    """Those a burn or a spike belongs to, whatever period it is about."""
    sorts = {finding.sort for _, finding in ahead.due}
    return [] if Sort.BREACH in sorts else shown
