"""The look at money that was taken at once: asked, reminded, answered or left as it is."""

from dataclasses import dataclass
from datetime import datetime

from bot.break_glass import (
    ASKED_AT,
    AlreadyReviewed,
    BreakGlass,
    Review,
    check_may_review,
    moved_on,
    reviewed,
    reviewers,
)
from bot.cards import break_glass as cards
from bot.changes import BOT, INSTEAD_OF, Change
from bot.delegations import Acting
from bot.periods import zone_now
from bot.policy import Organisation
from bot.requests import Request
from bot.workflows import Workflow
from bot.working_days import next_morning
from handlers.steps.each_apart import each_apart
from handlers.steps.settle_words import settle_words
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


@dataclass(frozen=True)
class Look:
    """One that was taken, with what it is judged by today."""

    one: BreakGlass
    request: Request
    workflow: Workflow
    may: tuple[Acting, ...]
    zone: str


async def review_broken_glass(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Ask, remind, or leave it as it is; each once, whoever ticks."""

    async def move_on(one: BreakGlass) -> None:
        look = await _look(ledger, organisation, one, now)
        after = moved_on(one, look.zone, now)
        if await ledger.break_glass.move(one, after):
            await _tell(ledger, organisation, look, after, now)

    await each_apart(ledger, await ledger.break_glass.due(now), move_on)


async def _look(ledger: Ledger, organisation: Organisation, one: BreakGlass, now: datetime) -> Look:
    request = await ledger.requests.get(one.request)
    workflow = await ledger.workflows.get(one.workflow)
    team = await ledger.teams.get(workflow.team)
    may = reviewers(one, request.owner, workflow, team, organisation, now)
    return Look(one, request, workflow, may, zone_now(workflow.calendars, now))


async def _tell(
    ledger: Ledger, organisation: Organisation, look: Look, after: BreakGlass, now: datetime
) -> None:
    if after.state is Review.NOT_REVIEWED:
        await _settle(ledger, look, after, None, now)
        return
    reminds = after.due_at or now
    closes = next_morning(reminds, look.zone, ASKED_AT)
    reminded = after.state is Review.REMINDED
    if not reminded:
        clocks = (reminds, closes)
        card = cards.question(after, look.request, look.may, clocks, look.zone)
        channel, under = look.request.channel, look.request.notice
        await ledger.notices.post(after.notice, channel, card, now, under=under)
    left_at = reminds if reminded else closes
    card = cards.asked_privately(after, look.request, look.workflow, left_at, look.zone)
    for each in look.may:
        word = Word(_private(after, each.person), each.person, card, zone=look.zone)
        await tell_person(ledger, organisation, word, now)


def _private(one: BreakGlass, person: str) -> str:
    return f"{one.notice}:{one.state}:{person}"


async def _settle(
    ledger: Ledger, look: Look, after: BreakGlass, instead_of: str | None, now: datetime
) -> None:
    """The question without its buttons, and the audit entry."""
    shown = await ledger.notices.card(after.notice)
    card = cards.settled(shown, after, instead_of, look.zone)
    await settle_words(
        ledger,
        f"{after.notice}:",
        lambda asked: cards.settled(asked, after, instead_of, look.zone),
        now,
    )
    await ledger.notices.update(after.notice, card, now)
    about = f"break-glass:{after.request}"
    what = f"break-glass of {cards.day(look.one, look.zone)}: {after.state.words}"
    acted = {INSTEAD_OF: instead_of} if instead_of else {}
    states = {about: look.one.state.value}, {about: after.state.value, **acted}
    by = after.answered_by or BOT
    await ledger.changes.add(Change(now, by, after.workflow, what, *states, after.note))


async def begin_verdict(
    request: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Look:
    """Raises Refusal before anything is typed in vain."""
    one = await ledger.break_glass.get(request)
    look = await _look(ledger, organisation, one, now)
    check_may_review(by, one, look.may)
    return look


@dataclass(frozen=True)
class Verdict:
    request: str
    by: str
    state: Review
    note: str = ""


async def judge_break_glass(
    verdict: Verdict, ledger: Ledger, organisation: Organisation, now: datetime
) -> BreakGlass:
    """The first answer counts. Raises Refusal."""
    look = await begin_verdict(verdict.request, verdict.by, ledger, organisation, now)
    actor = check_may_review(verdict.by, look.one, look.may)
    after = reviewed(look.one, verdict.state, verdict.by, verdict.note, now)
    if not await ledger.break_glass.move(look.one, after):
        first = await ledger.break_glass.get(verdict.request)
        raise AlreadyReviewed(f"Already answered by <@{first.answered_by}>: {first.state.words}.")
    await _settle(ledger, look, after, actor.instead_of, now)
    card = cards.for_those_concerned(after, look.workflow, actor.instead_of, look.zone)
    for person in dict.fromkeys((after.by, look.workflow.owner)):
        if person:
            word = Word(f"{after.notice}:said:{person}", person, card, zone=look.zone)
            await tell_person(ledger, organisation, word, now)
    return after
