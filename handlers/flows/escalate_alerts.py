"""The clock of alerts that nobody has acted on: what is due of it."""

from dataclasses import replace
from datetime import datetime

from bot.acknowledgements import Acknowledgement, Ask, Standing, ahead, steps_due, still_asks
from bot.alert_acts import check_may_see
from bot.cards import alert_acts as cards
from bot.cards.alerts import for_later
from bot.changes import CONTRACT, Change
from bot.delegations import Acting
from bot.notices import Urgency
from bot.periods import zone_now
from bot.policy import Organisation
from bot.refusal import NotAllowed
from bot.workflows import Workflow
from handlers.steps.acknowledge import seen_by, stop_asking
from handlers.steps.each_apart import each_apart
from handlers.steps.refresh_alerts import report_on
from handlers.steps.reply_to_alert import reply_to_alert
from handlers.steps.restate_alerts import restate_alerts
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.watch_caps import Watch, watch_caps
from storage.ledger import Ledger


async def escalate_alerts(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Stop the clocks of alerts that somebody has acted on, by whatever way, or that need nobody
    any more; ask the next where nobody has.
    """

    async def move_on(waiting: Acknowledgement) -> None:
        workflow = await ledger.workflows.get(waiting.workflow)
        changed = await _looked_at(ledger, organisation, workflow, waiting, now)
        if changed is not None and await stop_asking(ledger, changed):
            await restate_alerts(ledger, workflow, now)

    await each_apart(ledger, await ledger.acknowledgements.due(now), move_on)


async def _looked_at(
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    waiting: Acknowledgement,
    now: datetime,
) -> Acknowledgement | None:
    """As it is now; None where that is said already, or another process was first."""
    acts = await ledger.acknowledgements.acts(waiting)
    for _, act in acts:
        if actor := await _acting(ledger, organisation, workflow, waiting, act):
            return seen_by(waiting, actor, act.what, act.at)
    waiting = replace(waiting, last_change=max((n for n, _ in acts), default=waiting.last_change))
    watch = (await watch_caps(ledger, organisation, [workflow], now)).get(workflow.key)
    if waiting.ends_at <= now or watch is None or not still_asks(workflow, watch.caps):
        return replace(waiting, standing=Standing.OVER)
    if waiting.next_at is None or waiting.next_at > now:
        await ledger.acknowledgements.save(waiting)
        return None
    await _escalate(ledger, organisation, watch, waiting, now)
    return None


async def _acting(
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    waiting: Acknowledgement,
    act: Change,
) -> Acting | None:
    """Whoever may act on an alert, and did something about its workflow."""
    if act.actor == CONTRACT:
        return Acting(act.actor)
    team = await ledger.teams.get(workflow.team)
    asked = (*waiting.told, *organisation.finance)
    try:
        return check_may_see(act.actor, asked, workflow, team, organisation, act.at)
    except NotAllowed:
        return None


async def _escalate(
    ledger: Ledger,
    organisation: Organisation,
    watch: Watch,
    waiting: Acknowledgement,
    now: datetime,
) -> None:
    workflow = watch.workflow
    team = await ledger.teams.get(workflow.team)
    asks = ahead(waiting, workflow, team, organisation, now)
    due = tuple(one for one in asks if one.at <= now)
    asked = await ledger.acknowledgements.save(_asked(waiting, due, now))
    if asked is None or not due:
        return
    zone = zone_now(workflow.calendars, now)
    card = cards.nobody_acted(asked, due, asks[len(due) :], now, zone)
    reply = (f"{asked.key}:{asked.step}", card)
    await reply_to_alert(ledger, workflow, asked.thread, reply, now)
    await _ask(ledger, organisation, watch, asked, due, now)
    await restate_alerts(ledger, workflow, now)


def _asked(waiting: Acknowledgement, due: tuple[Ask, ...], now: datetime) -> Acknowledgement:
    people = tuple(person for one in due for person in one.people)
    copies = tuple(f"{waiting.key}:dm:{person}" for person in people)
    return replace(
        waiting,
        step=max(waiting.step, steps_due(waiting, now)),
        told=(*waiting.told, *people),
        notices=(*waiting.notices, *copies),
    )


async def _ask(
    ledger: Ledger,
    organisation: Organisation,
    watch: Watch,
    asked: Acknowledgement,
    due: tuple[Ask, ...],
    now: datetime,
) -> None:
    workflow = watch.workflow
    caps = [cap for cap in watch.caps if cap.reached]
    report = await report_on(ledger, workflow, caps, now, asked.thread)
    urgency = Urgency.CRITICAL if asked.critical else Urgency.NORMAL
    for one in due:
        card = for_later(report, cards.unanswered(workflow, asked, now, one.role))
        for person in one.people:
            key = f"{asked.key}:dm:{person}"
            await tell_person(
                ledger, organisation, Word(key, person, card, urgency, report.zone), now
            )
