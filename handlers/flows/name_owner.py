from dataclasses import replace
from datetime import datetime

from bot.addressing import deciding
from bot.cards import changed
from bot.cards import departures as cards
from bot.delegations import Acting
from bot.departures import (
    OwnerQuestion,
    check_can_own,
    check_may_name,
    check_open,
)
from bot.notices import Card
from bot.periods import zone_now
from bot.policy import Organisation
from bot.refusal import TooLate
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def begin_naming(
    question: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[OwnerQuestion, Workflow]:
    """What is asked. Raises Refusal where it is settled, and for who may not answer."""
    found, workflow, _ = await _asked(question, by, ledger, organisation, now)
    return found, workflow


async def name_owner(
    question: str,
    owner: str | None,
    *,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Card:
    """The first answer counts. Without an `owner`, the backup is confirmed. Raises Refusal."""
    found, workflow, acting = await _asked(question, by, ledger, organisation, now)
    chosen = owner or found.stand_in or ""
    check_can_own(await ledger.people.find(chosen), known=chosen == found.stand_in)
    settled = await ledger.departures.settle(found, by, chosen, now)
    if settled is None:
        check_open(await ledger.departures.question(question), workflow)
        raise TooLate("Somebody was faster.")
    backup = None if workflow.backup == chosen else workflow.backup
    after = replace(workflow, owner=chosen, backup=backup)
    saved = await save_workflow(ledger, workflow, after, by=by, what="named the owner", now=now)
    await _tell(ledger, organisation, (settled, saved), acting, now)
    return cards.confirmed(settled, saved)


async def _asked(
    id_: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[OwnerQuestion, Workflow, Acting]:
    found = await ledger.departures.question(id_)
    workflow = await ledger.workflows.get(found.workflow)
    team = await ledger.teams.get(workflow.team)
    asked = deciding(workflow, team, organisation, await ledger.people.gone())
    acting = check_may_name(by, asked, workflow, organisation, now)
    check_open(found, workflow)
    return found, workflow, acting


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    what: tuple[OwnerQuestion, Workflow],
    by: Acting,
    now: datetime,
) -> None:
    question, workflow = what
    card = cards.settled(question, workflow, by, zone_now(workflow.calendars, now))
    key, channel = f"{question.notice}:named", await channel_of(ledger, workflow)
    await ledger.notices.post(key, channel, card, now, under=question.notice)
    for one in question.asked:
        await ledger.notices.update(question.notice_to(one), card, now)
    if question.owner in {question.stand_in, by.person, None}:
        return
    word = Word(f"{key}:owner", question.owner, changed.made_owner(workflow, by.person))
    await tell_person(ledger, organisation, word, now)
    if question.stand_in:
        card = cards.replaced(question, workflow, by.person)
        await tell_person(ledger, organisation, Word(f"{key}:before", question.stand_in, card), now)
