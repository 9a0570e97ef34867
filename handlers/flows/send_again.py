from datetime import datetime

from bot.cards import sendings as cards
from bot.changes import Change
from bot.notices import Card, Sending
from bot.policy import Organisation
from bot.refusal import NotAllowed, Unknown
from bot.sendings import Delivery, check_again
from handlers.steps.delivery_scope import delivery_scope
from storage.ledger import Ledger


async def send_again(
    key: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Try once more what was set aside, under the same key. Raises Refusal."""
    scope = await delivery_scope(ledger, organisation, by, now)
    delivery = await _found(ledger, key)
    if not await ledger.sendings.concerns(key, scope):
        raise NotAllowed("Only who answers for its workflow, or an admin, may send it again.")
    check_again(delivery, await ledger.people.find(delivery.channel))
    said = await ledger.notices.card(key) or Card("")
    card = cards.late(said, delivery, organisation.policy.timezone)
    if not await ledger.notices.again(key, card, now):
        # Somebody was faster, between the look and the act.
        check_again(await _found(ledger, key), None)
    before = {"state": Sending.SET_ASIDE.value, "reason": delivery.reason}
    change = Change(
        now,
        by,
        delivery.topic or "deliveries",
        "sent a message again",
        before,
        {"state": Sending.WAITING.value, "message": key},
    )
    await ledger.changes.add(change)
    return cards.sent_again(delivery)


async def _found(ledger: Ledger, key: str) -> Delivery:
    delivery = await ledger.sendings.find(key)
    if delivery is None:
        raise Unknown("That message is not kept any more.")
    return delivery
