from datetime import datetime

from bot.notices import Card
from bot.people import approvers_of
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from storage.ledger import Ledger


async def tell_move(
    ledger: Ledger, before: Workflow, after: Workflow, notice: str, card: Card, now: datetime
) -> None:
    """What its channel hears, for those who lose or gain a say in it: the channel it leaves, and
    its approvers where they change.
    """
    left = await channel_of(ledger, before)
    if left != await channel_of(ledger, after):
        await ledger.notices.post(f"{notice}:left", left, card, now)
    was, becomes = [await approver_of(ledger, each) for each in (before, after)]
    for person in dict.fromkeys(one for one in (was, becomes) if one and was != becomes):
        await ledger.notices.post(f"{notice}:approver:{person}", person, card, now)


async def approver_of(ledger: Ledger, workflow: Workflow) -> str | None:
    team = await ledger.teams.get(workflow.team)
    return next(iter(approvers_of(workflow, team)), None)
