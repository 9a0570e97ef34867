from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.alerts import NEVER, CapWatch, most_urgent_first, raises_alerts
from bot.caps import caps_in_force
from bot.cards import cap_notices
from bot.cards.alert_acts import Asking, asked
from bot.notices import Card
from bot.overrides import Override
from bot.periods import CapKind, zone_now
from bot.policy import Organisation
from bot.workflows import Status, Workflow
from handlers.steps.ask_to_look import ask_of_change
from handlers.steps.feeds_of import feeds_of
from handlers.steps.read_follow import read_follow
from handlers.steps.record_reached import record_reached
from handlers.steps.refresh_alerts import refresh_alerts
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger


@dataclass(frozen=True)
class CapChange:
    """One sentence per changed cap, for the message that the caller posts; none where no effective
    cap changed. `caps`: those that changed, as they are now. What is spent of them comes with how
    far its data goes.
    """

    sentences: tuple[str, ...] = ()
    caps: tuple[CapWatch, ...] = ()
    asking: Asking | None = None

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def on(self, card: Card) -> Card:
        """The message that says it: with what an alert asks, where it is one that asks."""
        return asked(card, self.asking) if self.asking else card


async def tell_cap_change(  # noqa: PLR0913 - a change has two sides
    ledger: Ledger,
    organisation: Organisation,
    before: Workflow | None,
    after: Workflow,
    now: datetime,
    *,
    said_by: str,
    by: str | None = None,
    overrides_before: Iterable[Override] | None = None,
) -> CapChange:
    """Remember what the changed caps have reached as said by the notice `said_by`, which the
    caller posts, and say it.

    `after`, and an override granted or ended, are saved already. `overrides_before` are the
    workflow's as they were, where they changed. `by`: whoever lowers caps; what has reached the
    soft limit then waits for somebody to act, unless the owner did it.
    """
    if not raises_alerts(after):
        return CapChange()
    await _hold(ledger, after, now)
    watch = (await watch_caps(ledger, organisation, [after], now))[after.key]
    overrides = watch.overrides if overrides_before is None else tuple(overrides_before)
    were = _amounts(before, overrides, now)
    caps = tuple(cap for cap in watch.caps if were.get(cap.cap.kind) != cap.cap.amount)
    asking = None
    if by is not None and by != after.owner:
        lower = tuple(cap for cap in caps if cap.cap.amount < were.get(cap.cap.kind, NEVER))
        asking = await _ask(ledger, organisation, after, lower, said_by, now)
    await record_reached(ledger, after.key, caps, said_by, now)
    await refresh_alerts(ledger, [watch], now, at_once=True)
    gone = [kind for kind in were if after.caps.of(kind) is None]
    feeds = await feeds_of(ledger, after, now) if caps else ()
    zone = zone_now(after.calendars, now)
    told = cap_notices.told(caps, feeds, zone, begins=not _was_active(before))
    return CapChange((*told, *map(cap_notices.gone, gone)), caps, asking)


async def _ask(
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    lowered: tuple[CapWatch, ...],
    said_by: str,
    now: datetime,
) -> Asking | None:
    if not await ask_of_change(ledger, organisation, workflow, lowered, said_by, now):
        return None
    first = most_urgent_first(lowered)[0]
    follow = await read_follow(ledger, workflow, now, said_by)
    zone = zone_now(workflow.calendars, now)
    return Asking(workflow, first.cap.kind, said_by, follow, zone)


async def _hold(ledger: Ledger, after: Workflow, now: datetime) -> None:
    """Whoever counts usage now waits, and then meets the new caps: none misses the change."""
    periods = [cap.period for cap in caps_in_force(after, (), now)]
    await ledger.spend.hold(after.key, periods)


def _amounts(
    before: Workflow | None, overrides: Iterable[Override], now: datetime
) -> dict[CapKind, Decimal]:
    if before is None:
        return {}
    return {cap.kind: cap.amount for cap in caps_in_force(before, overrides, now)}


def _was_active(before: Workflow | None) -> bool:
    return before is not None and before.status is not Status.PROPOSED
