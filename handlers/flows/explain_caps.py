from dataclasses import replace
from datetime import datetime

from bot.cards import caps as cards
from bot.notices import Card
from handlers.steps.find_workflow import find_workflow
from handlers.steps.read_positions import read_positions
from handlers.steps.read_tiers import read_tiers
from handlers.steps.take_forecast import with_forecasts
from storage.ledger import Ledger


async def explain_caps(words: str, *, by: str, ledger: Ledger, now: datetime) -> Card:
    """Where each cap of a workflow comes from. Raises Refusal when it is not clear which."""
    workflow = await find_workflow(ledger, words, by=by, verb="why")
    known = await read_positions(ledger, [workflow], now)
    (position,) = await with_forecasts(ledger, known, now)
    return cards.explained(replace(position, tiers=await read_tiers(ledger, workflow, now)))
