from datetime import datetime

from bot.cards import changed
from bot.moves import Move, made
from bot.notices import Card
from bot.people import editors, stood_in_for
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.find_workflow import find_workflow
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_owner_reached import tell_owner_reached
from storage.ledger import Ledger


async def change_status(  # noqa: PLR0913
    words: str,
    move: Move,
    *,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
    reason: str = "",
) -> Card:
    """Activate, pause or resume, tell the team, and confirm.

    Raises Refusal: which workflow, who may, from which status.
    """
    before = await find_workflow(ledger, words, by=by, verb=move)
    team = await ledger.teams.get(before.team)
    after = made(move, before, team, by, organisation, now)
    instead_of = stood_in_for(by, editors(before, team, organisation, now))
    saved = await save_workflow(
        ledger,
        before,
        after,
        by=by,
        what=move.done,
        reason=reason,
        now=now,
        instead_of=instead_of,
    )
    notice = f"workflow:{saved.key}:{move.done}:{saved.version}"
    caps = await tell_cap_change(ledger, organisation, before, saved, now, said_by=notice, by=by)
    channel = saved.channel or team.channel
    card = caps.on(_card(move, saved, by, reason, caps.sentences))
    await ledger.notices.post(notice, channel, card, now)
    await tell_owner_reached(ledger, saved, caps, notice, card, now)
    return changed.status_confirmed(saved, channel)


def _card(move: Move, saved: Workflow, by: str, reason: str, told: tuple[str, ...]) -> Card:
    if move is Move.ACTIVATE:
        return changed.activated(saved, by, told)
    if move is Move.PAUSE:
        return changed.paused(saved, by, reason)
    return changed.resumed(saved, by, reason, told)
