from datetime import datetime

from bot.acknowledgements import Acknowledgement, Ask, Role, Standing, ahead, asked_already
from bot.cards.alert_acts import Follow
from bot.workflows import Workflow
from storage.ledger import Ledger


async def read_follow(ledger: Ledger, workflow: Workflow, now: datetime, notice: str) -> Follow:
    """How the alerts of a workflow stand, as the message `notice` says it."""
    return (await read_standing(ledger, workflow, now)).stated_in(notice)


async def read_standing(ledger: Ledger, workflow: Workflow, now: datetime) -> Follow:
    """How the alerts of a workflow stand; of acknowledgements the newest."""
    snooze = (await ledger.snoozes.running([workflow.key])).get(workflow.key)
    newest = await ledger.acknowledgements.newest(workflow.key)
    asks = await asks_ahead(ledger, workflow, newest, now)
    asked = await _asked(ledger, workflow, newest, now)
    return Follow(newest, asks, snooze if snooze and snooze.in_force(now) else None, asked)


async def _asked(
    ledger: Ledger, workflow: Workflow, waiting: Acknowledgement | None, now: datetime
) -> tuple[Role, ...]:
    if waiting is None or waiting.step == 0:
        return ()
    team = await ledger.teams.get(workflow.team)
    return asked_already(waiting, workflow, team, await ledger.organisation.get(), now)


async def asks_ahead(
    ledger: Ledger, workflow: Workflow, waiting: Acknowledgement | None, now: datetime
) -> tuple[Ask, ...]:
    """Who is still to be asked; nobody once somebody has acted."""
    if waiting is None or waiting.standing is not Standing.WAITING:
        return ()
    team = await ledger.teams.get(workflow.team)
    return ahead(waiting, workflow, team, await ledger.organisation.get(), now)
