"""`/budget deliveries`: what was sent, what waits, what failed and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.alerts import Alert
from bot.cards.changed import said as plainly
from bot.cards.kit import actions, button, clip, context, escape, person, section, when
from bot.cards.notices import kind_of, place, why
from bot.cards.pages import page
from bot.notices import Act, Block, Card, Sending
from bot.sendings import Delivery, Quiet, Tally
from bot.snoozes import Snooze

_STATES = {
    Sending.WAITING: "waiting since",
    Sending.LEASED: "being sent since",
    Sending.SENT: "sent",
    Sending.SET_ASIDE: "*not sent*, set aside",
}


@dataclass(frozen=True)
class Seen:
    """What one person may see. `words` is the workflow's key, '' for all of theirs; `more`: there
    are older ones than these.
    """

    words: str
    tally: Tally
    deliveries: Sequence[Delivery]
    zone: str
    start: int
    more: bool
    skipped: Sequence[str] = ()
    quiet: Sequence[Quiet] = ()


def listed(seen: Seen) -> Card:
    entries = [_entry(one, seen.zone) for one in seen.deliveries]
    shown, following = page(entries, 0)
    head = _head(seen)
    blocks: list[Block] = [section(head)]
    blocks += [
        section(entry, _again(one) if one.refused else None)
        for entry, one in zip(shown, seen.deliveries, strict=False)
    ]
    if following is not None or seen.more:
        value = f"{seen.start + len(shown)} {seen.words}".strip()
        blocks.append(actions(button("Show older", "delivery.list", value)))
    return Card(clip("\n".join((head, *shown)), 3_900), tuple(blocks))


def _head(seen: Seen) -> str:
    about = f" of `{seen.words}`" if seen.words else ""
    tally = seen.tally
    counts = (
        f"{tally.sent} sent today · {tally.waiting} waiting · {tally.held} held by trouble · "
        f"{tally.set_aside} set aside · {tally.quiet} waiting for somebody's quiet hours or digest"
    )
    lines = [f"*Deliveries{about}*: {counts}"]
    if seen.start == 0:
        lines += [*seen.skipped, *(_waits(one, seen.zone) for one in seen.quiet)]
    if len(seen.quiet) < tally.quiet and seen.quiet and seen.start == 0:
        lines.append(f"and {tally.quiet - len(seen.quiet)} more that wait so")
    return "\n".join(lines if seen.deliveries else [*lines, "Nothing was said yet."])


def _waits(one: Quiet, zone: str) -> str:
    about = f" `{one.topic}`" if one.topic else ""
    until = when(one.due_at, zone)
    return f"Waits until {until}: {kind_of(one.key)}{about} → {place(one.person)}"


def _entry(one: Delivery, zone: str) -> str:
    state = "held since" if one.held and not one.refused else _STATES[one.state]
    about = f" `{one.topic}`" if one.topic else ""
    line = f"{when(one.at, zone)} · {state} · {_kind(one)}{about} → {place(one.channel)}"
    if one.refused or one.held:
        return f"{line}\n{why(one.reason)}"
    return f"{line} ({escape(clip(one.reason, 120))})" if one.reason else line


def _kind(one: Delivery) -> str:
    kind = kind_of(one.key)
    return f"rewrite of: {kind}" if one.act is Act.UPDATE else kind


def _again(one: Delivery) -> Block:
    return button("Send again", "delivery.again", one.key)


def jumped(together: Sequence[Alert], zone: str) -> Iterator[str]:
    """The thresholds of one cap that were crossed at once: only the highest was said."""
    said, *lower = sorted(together, key=lambda one: -one.threshold)
    for one in lower:
        yield (
            f"Skipped {when(one.at, zone)}: {one.threshold} % of the {one.cap} cap; the alert at "
            f"{said.threshold} % said it in the same moment."
        )


def snoozed(snooze: Snooze, zone: str) -> str:
    return (
        f"Skipped until {when(snooze.until, zone)}: alerts up to {snooze.threshold} %, snoozed by "
        f"{person(snooze.by)}."
    )


_LATE = "As of"
_MOST_BLOCKS = 50


def late(card: Card, one: Delivery, zone: str) -> Card:
    """What a message says that comes after its time: of when it is."""
    if one.act is not Act.POST or card.text.startswith(_LATE):
        return card
    as_of = f"{_LATE} {when(one.at, zone)}: it could not be sent then."
    blocks = card.blocks if len(card.blocks) >= _MOST_BLOCKS else (*card.blocks, context(as_of))
    return Card(f"{as_of} {card.text}", blocks if card.blocks else ())


def sent_again(one: Delivery) -> Card:
    return plainly(
        f"It goes to {place(one.channel)} again. `/budget deliveries` says what becomes of it."
    )
