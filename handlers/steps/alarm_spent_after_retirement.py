from dataclasses import replace
from datetime import datetime

from bot.caps import running_period
from bot.cards import revocations as cards
from bot.changes import BOT, Change
from bot.notices import Card, Urgency
from bot.people import approvers_of
from bot.periods import CapKind
from bot.policy import Organisation
from bot.revocations import Revocation, SpentSince, belied, reopened
from bot.workflows import Workflow
from handlers.steps.ask_to_revoke import ask_to_revoke, show_revocation, word_key
from handlers.steps.feeds_of import feeds_of
from handlers.steps.tell_admins import tell_admins
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger

JOB = "spent-after-retirement"


async def alarm_spent_after_retirement(
    ledger: Ledger, organisation: Organisation, retired: Workflow, now: datetime
) -> None:
    """Tell owner, approver and admins, once a day while it goes on; what was said to be done is
    open again.
    """
    spent = await ledger.revocations.spent_since(retired.key, retired.status_since or now)
    known = await ledger.revocations.of(retired.key)
    if spent.records <= (known.heard if known else 0):
        return
    today = running_period(retired, CapKind.DAILY, now)
    if not await ledger.jobs.claim(JOB, retired.key, today.start, now):
        return
    one = known or await ask_to_revoke(ledger, organisation, retired, now)
    saved, again = await _heard(ledger, one, spent, now)
    if again:
        await _open_again(ledger, saved, retired, now)
    feeds = await feeds_of(ledger, retired, now)
    card = cards.still_spending(saved, retired, spent, feeds, reopened=again)
    await _tell(ledger, organisation, (saved, retired), card, now)


async def _heard(
    ledger: Ledger, one: Revocation, spent: SpentSince, now: datetime
) -> tuple[Revocation, bool]:
    """With what people are told of now, and whether that opens it again; whatever somebody answers
    in the same moment.
    """
    while True:
        again = belied(one, spent)
        after = replace(reopened(one, now) if again else one, heard=spent.records)
        saved = await ledger.revocations.save(after)
        if saved is not None:
            return saved, again
        one = await ledger.revocations.of(one.workflow) or one


async def _open_again(ledger: Ledger, one: Revocation, retired: Workflow, now: datetime) -> None:
    what = "opened the check of its keys again: it still spends"
    was, becomes = {"keys": "said to be revoked"}, {"keys": "to be revoked"}
    await ledger.changes.add(Change(now, BOT, retired.key, what, was, becomes))
    await show_revocation(ledger, one, retired, now)
    await ledger.notices.update(word_key(one), cards.asked_person(one, retired), now)


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    about: tuple[Revocation, Workflow],
    card: Card,
    now: datetime,
) -> None:
    one, retired = about
    today = running_period(retired, CapKind.DAILY, now).start
    key = f"{one.notice}:spending:{int(today.timestamp())}"
    approvers = approvers_of(retired, await ledger.teams.get(retired.team))
    for person in dict.fromkeys((one.person, retired.owner, *approvers)):
        if person is not None:
            word = Word(f"{key}:{person}", person, card, Urgency.CRITICAL)
            await tell_person(ledger, organisation, word, now)
    await tell_admins(ledger, organisation, key, card, now)
