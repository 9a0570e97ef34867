from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards import alerts as alert_cards
from bot.cards import trials as cards
from bot.cards.alerts import Report
from bot.cards.kit import when
from bot.notices import Card, Urgency
from bot.people import check_may_edit
from bot.policy import Organisation
from bot.reach import due_at
from bot.refusal import Refusal
from bot.workflows import Status, Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.find_workflow import find_workflow
from handlers.steps.refresh_alerts import report_on
from handlers.steps.tell_person import Word, reach_person, tell_person
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger

_JOB = "test-alert"
_KEPT = timedelta(days=1)


async def send_test_alert(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Where a real one would go, with today's figures; nothing is remembered of it. Raises Refusal
    for who may not, and more than once a minute.
    """
    workflow = await find_workflow(ledger, words, by=by, verb="test-alert")
    team = await ledger.teams.get(workflow.team)
    check_may_edit(by, workflow, team, organisation, now, deed="send a test alert of")
    if workflow.status is Status.RETIRED:
        raise Refusal(f"{workflow.key} is retired: it raises no alerts any more.")
    await _check_pace(ledger, workflow, now)
    key = f"test:{workflow.key}:{int(now.timestamp())}"
    report = await _report(ledger, organisation, workflow, key, now)
    channel = await channel_of(ledger, workflow)
    card = cards.marked(alert_cards.for_channel(report), workflow, by)
    await ledger.notices.post(key, channel, card, now)
    told_at = await _tell_owner(ledger, organisation, (workflow, report), by, now)
    return cards.sent(workflow, channel, told_at=told_at)


async def _check_pace(ledger: Ledger, workflow: Workflow, now: datetime) -> None:
    minute = now.replace(second=0, microsecond=0)
    if not await ledger.jobs.claim(_JOB, workflow.key, minute, now):
        raise Refusal(
            f"A test alert of {workflow.key} was sent this minute already. "
            f"`/budget deliveries {workflow.key}` says whether it arrived."
        )
    await ledger.jobs.forget(_JOB, now - _KEPT)


async def _report(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, key: str, now: datetime
) -> Report:
    """As if it were active."""
    as_active = replace(workflow, status=Status.ACTIVE)
    watches = await watch_caps(ledger, organisation, [as_active], now)
    return await report_on(ledger, as_active, watches[workflow.key].caps, now, key)


async def _tell_owner(
    ledger: Ledger,
    organisation: Organisation,
    about: tuple[Workflow, Report],
    by: str,
    now: datetime,
) -> str | None:
    """When they are told, if that is not at once."""
    workflow, report = about
    owner = workflow.owner
    if not owner:
        return None
    reach = await reach_person(ledger, organisation, owner, report.zone)
    # Who asked for it is awake.
    urgency = Urgency.CRITICAL if owner == by else Urgency.NORMAL
    card = cards.marked(alert_cards.for_owner(report), workflow, by)
    word = Word(f"{report.notice}:dm", owner, card, urgency, report.zone)
    await tell_person(ledger, organisation, word, now)
    due = due_at(urgency, reach, now)
    return "" if due <= now else when(due, report.zone)
