from datetime import datetime

from bot.adjustments import check_may_adjust
from bot.cards import adjustments as cards
from bot.notices import Card
from bot.periods import zone_now
from bot.policy import Organisation
from storage.ledger import Ledger

_MOST = 15


async def show_adjustments(
    *, by: str, start: int, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """The newest first, each with its Undo. Raises NotAllowed."""
    check_may_adjust(by, organisation, now)
    found = await ledger.adjustments.latest(_MOST + 1, start)
    known = await ledger.workflows.find(frozenset(one.workflow for one in found if one.workflow))
    zones = {key: zone_now(one.calendars, now) for key, one in known.items()}
    listed = [(one, zones.get(one.workflow, organisation.policy.timezone)) for one in found[:_MOST]]
    return cards.listed(listed, start, more=len(found) > _MOST)
