from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from bot.addressing import escalates_to
from bot.cards import departures as cards
from bot.changes import BOT, Change
from bot.departures import Held, OwnerQuestion, held_by, is_here
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.each_apart import each_apart
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_admins import tell_admins
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def see_off(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """What somebody held whose account is gone goes on to others, once."""

    async def begin(person: str) -> None:
        if await ledger.departures.begin(person, now):
            await _see_off(ledger, organisation, person, now)

    await each_apart(ledger, await ledger.departures.unseen(), begin)


async def _see_off(ledger: Ledger, organisation: Organisation, person: str, now: datetime) -> None:
    workflows, teams = await ledger.workflows.all(), await ledger.teams.all()
    held = held_by(person, workflows, teams, organisation)
    ended = await _end_standing_in(ledger, organisation, person, now)
    for workflow in held.owned:
        await _hand_on(ledger, organisation, workflow, now)
    if held or ended:
        await _tell_admins(ledger, organisation, (person, held, ended), now)


async def _tell_admins(
    ledger: Ledger,
    organisation: Organisation,
    what: tuple[str, Held, tuple[str, ...]],
    now: datetime,
) -> None:
    person, held, ended = what
    key = f"departure:{person}:{int(now.timestamp())}"
    card = cards.for_admins(person, held, ended)
    await tell_admins(ledger, organisation, key, card, now, besides=person)


async def _end_standing_in(
    ledger: Ledger, organisation: Organisation, person: str, now: datetime
) -> tuple[str, ...]:
    """Delegations from and to them; in words."""
    concerned = [one for one in organisation.delegations if person in {one.by, one.to}]
    if not concerned:
        return ()
    kept = await ledger.organisation.hold(organisation.admins)
    left = [one for one in kept.delegations if person not in {one.by, one.to}]
    await ledger.organisation.stand_in(left, kept.absences)
    for one in concerned:
        what = f"ended that {one.to} stands in for {one.by}"
        change = Change(now, BOT, f"person:{one.by}", what, reason=f"{person} has left")
        await ledger.changes.add(change)
    return tuple(cards.stood_in(one.by, one.to) for one in concerned)


async def _hand_on(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> None:
    """To the backup, who is told; the approver is asked."""
    question = await _question(ledger, organisation, workflow, now)
    after = replace(workflow, owner=question.stand_in, backup=None)
    what = "the owner left: the backup owns it" if question.stand_in else "the owner left"
    saved = await save_workflow(ledger, workflow, after, by=BOT, what=what, now=now)
    await ledger.departures.ask(question)
    channel = await channel_of(ledger, saved)
    await ledger.notices.post(question.notice, channel, cards.for_channel(question, saved), now)
    if question.stand_in:
        card = cards.for_stand_in(question, saved)
        word = Word(f"{question.notice}:stand-in", question.stand_in, card)
        await tell_person(ledger, organisation, word, now)
    for one in question.asked:
        card = cards.question_for_approver(question, saved)
        await tell_person(ledger, organisation, Word(question.notice_to(one), one, card), now)


async def _question(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> OwnerQuestion:
    team = await ledger.teams.get(workflow.team)
    backup, departed = workflow.backup, workflow.owner or ""
    here = backup and backup != departed and is_here(await ledger.people.find(backup))
    gone = [departed, *await ledger.people.gone()]
    asked = escalates_to(workflow, team, organisation, now, gone)
    stand_in = backup if here else None
    return OwnerQuestion(uuid4().hex, workflow.key, departed, stand_in, asked, now)
