from datetime import datetime

from bot.people import may_edit
from bot.policy import Organisation
from bot.refusal import NotAllowed
from storage.ledger import Ledger


async def delivery_scope(
    ledger: Ledger, organisation: Organisation, by: str, now: datetime
) -> list[str] | None:
    """The workflows the person answers for; None, for everything, for an admin. Raises NotAllowed
    where there are none.
    """
    if by in organisation.admins:
        return None
    teams = {team.key: team for team in await ledger.teams.all()}
    mine = [
        one.key
        for one in await ledger.workflows.all()
        if may_edit(by, one, teams[one.team], organisation, now)
    ]
    if not mine:
        raise NotAllowed(
            "You own, back up and approve no workflow, so no delivery is yours to see. An admin "
            "sees all of them."
        )
    return mine
