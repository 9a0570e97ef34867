from collections.abc import Sequence

from bot.cards import forewarnings as cards
from bot.cards.drafts import Drafting
from bot.cards.forewarnings import Ahead
from bot.drafts import Cause
from bot.forewarnings import Forewarning
from bot.notices import Urgency
from bot.outlooks import Finding, Outlook
from bot.people import answerable
from bot.policy import Organisation
from handlers.steps.channel_of import channel_of
from handlers.steps.draft_request import draft_request
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
    ahead = Ahead(outlook, tuple(mine))
    await _to_channel(ledger, ahead)
    workflow, now = outlook.workflow, outlook.now
    for person in answerable(workflow, organisation, now):
        key = f"{ahead.notice}:dm:{person}"
        word = Word(key, person, cards.for_owner(ahead), Urgency.NORMAL, outlook.zone)
        await tell_person(ledger, organisation, word, now)
    for _, finding in mine:
        if finding.cap and finding.forecast:
            about = Drafting(
                workflow, finding.cap, Cause.FORECAST, finding.forecast, outlook.zone, now
            )
            await draft_request(ledger, organisation, about)


async def _to_channel(ledger: Ledger, ahead: Ahead) -> None:
    """Under the period's first alert, where there is one in this channel."""
    workflow, now = ahead.outlook.workflow, ahead.outlook.now
    channel = await channel_of(ledger, workflow)
    periods = {finding.period for _, finding in ahead.due}
    first = [
        one.notice
        for one in await ledger.alerts.alerted(now, [workflow.key])
        if one.notice and one.channel == channel and one.period in periods
    ]
    under = first[0] if first else None
    await ledger.notices.post(ahead.notice, channel, cards.for_channel(ahead), now, under=under)
