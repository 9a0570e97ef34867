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
        if saved := await stop_asking(ledger, seen):
            return saved
    return None


async def stop_asking(ledger: Ledger, stopped: Acknowledgement) -> Acknowledgement | None:
    """Save a clock that waits no more; whoever was to be asked in the morning is spared it. None
    where somebody was first.
    """
    saved = await ledger.acknowledgements.save(stopped)
    if saved is not None:
        await ledger.held_words.withdraw(saved.word_keys)
    return saved


def seen_by(waiting: Acknowledgement, actor: Acting, how: str, at: datetime) -> Acknowledgement:
    return replace(
        waiting,
        standing=Standing.SEEN,
        by=actor.person,
        instead_of=actor.instead_of,
        seen_at=at,
        how=how,
    )
