from datetime import datetime

from bot.addressing import Addressed, addressed, escalates_to
from bot.cards import first_reviews as cards
from bot.first_reviews import FirstReview, FirstWeek, State, asked, stepped
from bot.money import ZERO
from bot.periods import CapKind, Period, zone_now
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.each_apart import each_apart
from handlers.steps.read_positions import read_positions
from handlers.steps.settle_first_review import end_first_review
from handlers.steps.take_forecast import with_forecasts
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def ask_first_reviews(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Ask those that are due, remind of those nobody has answered; one question when there are
    none. One of a paused workflow waits until it is resumed.
    """

    async def move_on(one: FirstReview) -> None:
        workflow = await ledger.workflows.get(one.workflow)
        if one.state is State.AHEAD:
            await _ask(ledger, organisation, one, workflow, now)
        else:
            await _step(ledger, organisation, one, workflow, now)

    await each_apart(ledger, await ledger.first_reviews.due(now), move_on)


async def _ask(
    ledger: Ledger,
    organisation: Organisation,
    one: FirstReview,
    workflow: Workflow,
    now: datetime,
) -> None:
    channel = await channel_of(ledger, workflow)
    zone = zone_now(workflow.calendars, now)
    saved = await ledger.first_reviews.save(asked(one, channel, zone, now))
    if saved is None:
        return
    week = await _first_week(ledger, workflow, now)
    whom = await _whom(ledger, organisation, workflow, now)
    card = cards.asked(saved, workflow, week, whom)
    await ledger.notices.post(saved.notice, channel, card, now)
    if whom.person is not None:
        word = Word(f"{saved.notice}:dm", whom.person, card, zone=zone)
        await tell_person(ledger, organisation, word, now)


async def _first_week(ledger: Ledger, workflow: Workflow, now: datetime) -> FirstWeek:
    start = workflow.activated_at or now
    positions = await read_positions(ledger, [workflow], now)
    [position] = await with_forecasts(ledger, positions, now)
    models = await ledger.spend.by_model(workflow.key, Period(CapKind.TOTAL, start, now))
    model, cost = next(iter(models), ("", ZERO))
    requests, alerts = await ledger.first_reviews.counts(workflow.key, start)
    spent = await ledger.spend.between(workflow.key, start, now)
    return FirstWeek(position, spent, model, cost, requests, alerts)


async def _whom(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> Addressed:
    team = await ledger.teams.get(workflow.team)
    return addressed(workflow, team, organisation, now)


async def _step(
    ledger: Ledger,
    organisation: Organisation,
    one: FirstReview,
    workflow: Workflow,
    now: datetime,
) -> None:
    saved = await ledger.first_reviews.save(stepped(one))
    if saved is None:
        return
    if saved.state is State.LAPSED:
        await end_first_review(ledger, saved, workflow, now)
        return
    for word in await _words(ledger, organisation, saved, workflow, now):
        await tell_person(ledger, organisation, word, now)


async def _words(
    ledger: Ledger,
    organisation: Organisation,
    one: FirstReview,
    workflow: Workflow,
    now: datetime,
) -> list[Word]:
    """The owner, or who stands in, is reminded; then the approver is told."""
    if one.step == 1:
        whom = await _whom(ledger, organisation, workflow, now)
        people, card = [whom.person], cards.reminder(one, workflow, one.channel)
    else:
        team = await ledger.teams.get(workflow.team)
        people = [*escalates_to(workflow, team, organisation, now)]
        card = cards.escalated(one, workflow, one.channel)
    return [
        Word(f"{one.notice}:step:{one.step}:{person}", person, card, zone=one.zone)
        for person in people
        if person is not None
    ]
