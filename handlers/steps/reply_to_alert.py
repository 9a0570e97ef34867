from datetime import datetime

from bot.notices import Card
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from storage.ledger import Ledger


async def reply_to_alert(
    ledger: Ledger, workflow: Workflow, notice: str, reply: tuple[str, Card], now: datetime
) -> bool:
    """Say it once in the thread of that alert; in the channel where the workflow is today."""
    key, card = reply
    thread = await ledger.notices.thread_of(notice)
    channel = await channel_of(ledger, workflow)
    return await ledger.notices.post(key, channel, card, now, under=thread)
