from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.addresses import is_person
from bot.cards import notices as say
from bot.notices import Act, Claim, Notice
from bot.people import answerable
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.report_delivery import report_delivery
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.workflow_of import workflow_of
from storage.ledger import Ledger


async def set_notice_aside(
    claim: Claim, reason: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> bool:
    """Slack refused it for good: those behind it go on. False when the lease was lost."""
    if not await ledger.deliveries.set_aside(claim, reason, now):
        return False
    notice = claim.notice
    about = await workflow_of(ledger, notice.key)
    card = say.set_aside(notice.channel, reason, notice.key, about.key if about else None)
    to = _asked(organisation, notice, reason)
    await report_delivery(ledger, to, claim, "set-aside", card, now)
    if about is not None and notice.act is Act.POST and not is_person(notice.channel):
        await _tell_answerable(ledger, organisation, about, (notice, reason), now)
    return True


def _asked(organisation: Organisation, notice: Notice, reason: str) -> Organisation:
    """Only a person invites the bot: each admin is asked by DM, where there are any."""
    broken = notice.channel == organisation.admin_channel
    if broken or not organisation.admins or not say.needs_invitation(notice.channel, reason):
        return organisation
    return replace(organisation, admin_channel=None)


async def _tell_answerable(
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    refused: tuple[Notice, str],
    now: datetime,
) -> None:
    """Whoever answers for it hears of a channel once a day."""
    notice, reason = refused
    day = now.astimezone(ZoneInfo(organisation.policy.timezone)).date()
    card = say.undelivered(workflow, say.kind_of(notice.key), notice.channel, reason)
    for person in answerable(workflow, organisation, now):
        key = f"undelivered:{workflow.key}:{notice.channel}:{day}:{person}"
        await tell_person(ledger, organisation, Word(key, person, card), now)
