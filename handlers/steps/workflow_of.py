from bot.notices import topic_of
from bot.workflows import Workflow
from storage.ledger import Ledger


async def workflow_of(ledger: Ledger, notice: str) -> Workflow | None:
    """Which one the notice of this key is about, if it is about one."""
    topic = topic_of(notice)
    if topic is None:
        return None
    known = await ledger.workflows.find([topic])
    if topic in known:
        return known[topic]
    request = await ledger.requests.find(topic)
    return None if request is None else await ledger.workflows.get(request.workflow)
