from datetime import datetime

from bot.cards.outranked import outranked
from bot.changes import Change
from bot.periods import open_since
from bot.policy import Organisation
from handlers.steps.tell_admins import tell_admins
from storage.ledger import Ledger
from storage.sources import OURS


async def tell_outranked(
    ledger: Ledger,
    organisation: Organisation,
    pairs: tuple[tuple[str, str], ...],
    now: datetime,
) -> None:
    """Sources stop counting for an account: what they brought is recounted, and admins hear it."""
    await ledger.recounts.want(open_since(now), OURS, now)
    for source, account in pairs:
        what = f"counts no more for {account}"
        await ledger.changes.add(Change(now, OURS, f"source:{source}", what))
    key = "outranked:" + ",".join(f"{source}@{account}" for source, account in pairs)
    await tell_admins(ledger, organisation, f"{key}:{now:%Y-%m-%d}", outranked(pairs), now)
