"""Alerts as people answer them: the buttons on the message, in the channel and in a DM."""

from typing import Any
from uuid import uuid4

from bot.alert_acts import AlertAct, check_explains
from bot.cards.alert_acts import dropped_for
from bot.cards.changed import said
from bot.notices import Card
from bot.refusal import NotAllowed, Refusal
from bot.snoozes import Wanted, read_days
from bot.workflows import Tier
from handlers.desk import Desk
from handlers.flows.acknowledge_alert import acknowledge_alert
from handlers.flows.drop_tier import drop_tier, undo_drop
from handlers.flows.explain_spend import explain_spend
from handlers.flows.snooze_alerts import check_snooze, snooze_alerts
from handlers.flows.wake_alerts import wake_alerts
from handlers.slack.alert_forms import explain_form, snooze_form
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Form,
    Opens,
    Pressed,
    Submitted,
)
from handlers.steps.check_alert_act import check_alert_act

_GONE = "This button belongs to an older message. `/budget help` shows what works."


def _read(call: Pressed) -> tuple[AlertAct, str]:
    """`workflow|notice|more`"""
    workflow, _, rest = call.value.partition("|")
    notice, _, more = rest.partition("|")
    return AlertAct(workflow, notice, call.user), more


async def drops(call: Pressed, desk: Desk) -> Answer:
    act, tier = _read(call)
    if tier not in {*map(str, Tier)}:
        raise Refusal(_GONE)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        drop = await drop_tier(act, Tier(tier), ledger, organisation, desk.now())
    return dropped_for(drop.workflow, drop) if _is_dm(call.channel) else None


async def takes_back(call: Pressed, desk: Desk) -> Answer:
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        drop = await undo_drop(call.value, call.user, ledger, organisation, desk.now())
    return _where_unseen(call, f"`{drop.workflow}` runs on the {drop.was} tier again.")


async def explaining(call: Pressed, desk: Desk) -> Answer:
    act, _ = _read(call)
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        workflow, _ = await check_alert_act(ledger, organisation, act, desk.now())
        check_explains(workflow)
    return Opens(explain_form(workflow, _private(act, call)))


async def explains(call: Submitted, desk: Desk) -> Answer:
    private = call.private
    try:
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            act, text = _act(call), call.values.get("text")
            await explain_spend(private["id"], act, text, ledger, organisation, desk.now())
    except NotAllowed as refusal:
        return Closes(Card(str(refusal)), private["channel"])
    return _closes(private, "Your explanation stands in the alert's thread.")


async def snoozing(call: Pressed, desk: Desk) -> Answer:
    act, _ = _read(call)
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        workflow, threshold = await check_snooze(act, ledger, organisation, desk.now())
    return Opens(snooze_form(workflow, threshold, _private(act, call)))


async def snoozes(call: Submitted, desk: Desk) -> Answer:
    private, act = call.private, _act(call)
    wanted = Wanted(private["id"], act.notice, read_days(call.values.get("days")))
    try:
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            await snooze_alerts(act, wanted, ledger, organisation, desk.now())
    except Refusal as refusal:
        # Nothing that is chosen in the form would help.
        return Closes(Card(str(refusal)), private["channel"])
    return _closes(private, f"Alerts of `{act.workflow}` are snoozed; the thread says until when.")


async def wakes(call: Pressed, desk: Desk) -> Answer:
    act, snooze = _read(call)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await wake_alerts(act, snooze, ledger, organisation, desk.now())
    return _where_unseen(call, f"The snooze is over: alerts of `{act.workflow}` come as usual.")


async def sees(call: Pressed, desk: Desk) -> Answer:
    act, _ = _read(call)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await acknowledge_alert(act, ledger, organisation, desk.now())
    return _where_unseen(call, "Thank you. Nobody else is asked.")


def _private(act: AlertAct, call: Pressed) -> dict[str, Any]:
    """The id is given when the form is opened, so that sending it twice does it once."""
    kept = {"workflow": act.workflow, "notice": act.notice, "channel": call.channel}
    return {"id": uuid4().hex[:12], **kept}


def _act(call: Submitted) -> AlertAct:
    return AlertAct(call.private["workflow"], call.private["notice"], call.user)


def _where_unseen(call: Pressed, done: str) -> Answer:
    """In a DM the team's thread is not in sight."""
    return said(f"{done} The team's thread says so.") if _is_dm(call.channel) else None


def _closes(private: dict[str, Any], done: str) -> Answer:
    channel = private["channel"]
    return Closes(said(done), channel) if _is_dm(channel) else None


def _is_dm(channel: str | None) -> bool:
    return channel is None or channel.startswith("D")


ACTIONS: dict[str, Action] = {
    "alert.drop": drops,
    "alert.undo": takes_back,
    "alert.explain": explaining,
    "alert.snooze": snoozing,
    "alert.wake": wakes,
    "alert.seen": sees,
}
VIEWS: dict[str, Form] = {"alert.explain": explains, "alert.snooze": snoozes}
