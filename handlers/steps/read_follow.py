from datetime import datetime

from bot.acknowledgements import Acknowledgement, Ask, Standing, ahead
from bot.cards.alert_acts import Follow
from bot.workflows import Workflow
from storage.ledger import Ledger


async def read_follow(ledger: Ledger, workflow: Workflow, now: datetime, notice: str) -> Follow:
    """How the alerts of a workflow stand, as the message `notice` says it: of acknowledgements the
    newest, where it is stated there.
    """
    snooze = (await ledger.snoozes.running([workflow.key])).get(workflow.key)
    newest = await ledger.acknowledgements.newest(workflow.key)
    stated = newest if newest and notice in newest.notices else None
    asks = await asks_ahead(ledger, workflow, stated, now)
    return Follow(stated, asks, snooze if snooze and snooze.in_force(now) else None)


async def asks_ahead(
    ledger: Ledger, workflow: Workflow, waiting: Acknowledgement | None, now: datetime
) -> tuple[Ask, ...]:
    """Who is still to be asked; nobody once somebody has acted."""
    if waiting is None or waiting.standing is not Standing.WAITING:
        return ()
    team = await ledger.teams.get(workflow.team)
    return ahead(waiting, workflow, team, await ledger.organisation.get(), now)
