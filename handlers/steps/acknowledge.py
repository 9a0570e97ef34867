from dataclasses import replace
from datetime import datetime

from bot.acknowledgements import Acknowledgement, Standing
from bot.delegations import Acting
from storage.ledger import Ledger


async def acknowledge(
    ledger: Ledger, workflow: str, actor: Acting, how: str, now: datetime
) -> Acknowledgement | None:
    """Stop the clock that runs for a workflow: somebody has acted. None where none runs.

    What its messages say is for `restate_alerts`.
    """
    while waiting := await ledger.acknowledgements.waiting(workflow):
        seen = seen_by(waiting, actor, how, now)
        if saved := await ledger.acknowledgements.save(seen):
            return saved
    return None


def seen_by(waiting: Acknowledgement, actor: Acting, how: str, at: datetime) -> Acknowledgement:
    return replace(
        waiting,
        standing=Standing.SEEN,
        by=actor.person,
        instead_of=actor.instead_of,
        seen_at=at,
        how=how,
    )
