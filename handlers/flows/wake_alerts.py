from datetime import datetime

from bot.alert_acts import AlertAct
from bot.cards.kit import person
from bot.changes import Change
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.snoozes import Snooze
from handlers.steps.check_alert_act import check_alert_act
from handlers.steps.each_apart import each_apart
from handlers.steps.end_snooze import end_snooze
from storage.ledger import Ledger


async def wake_alerts(
    act: AlertAct, snooze: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> None:
    """End a snooze before its time; what was kept back and still holds is said now. Raises
    Refusal: who may, or who was first.
    """
    workflow, _ = await check_alert_act(ledger, organisation, act, now)
    found = await ledger.snoozes.find(snooze)
    change = Change(now, act.by, workflow.key, "ended the snooze of its alerts")
    await ledger.changes.add(change)
    if found is None or not await end_snooze(ledger, organisation, found, act.by, now):
        raise Refusal(_over(await ledger.snoozes.find(snooze)))


def _over(snooze: Snooze | None) -> str:
    if snooze is None or snooze.ended_by is None:
        return "This snooze is over already: alerts come as usual."
    return f"{person(snooze.ended_by)} has ended this snooze already: alerts come as usual."


async def end_snoozes(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Those whose time is over."""
    over = await ledger.snoozes.over(now)
    await each_apart(
        ledger, over, lambda snooze: end_snooze(ledger, organisation, snooze, None, now)
    )
