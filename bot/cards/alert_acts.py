"""What can be done about an alert, and how it stands: who is asked next, who has acted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.acknowledgements import Acknowledgement, Ask, Role, Standing
from bot.cards import kit
from bot.cards.terms import titled
from bot.explanations import Explanation
from bot.notices import Block, Card
from bot.periods import CapKind
from bot.snoozes import Snooze
from bot.tier_drops import TierDrop
from bot.workflows import Tier, Workflow

ACTS = "alert-acts"
STANDING = "alert-standing"
OVER = "alert-over"
# An escaped sign takes five, and a section holds 3,000.
_ROOM = 2_500
NO_MODELS = (
    "budget-bot switches no models: tools that read the tier follow, whatever names its model "
    "itself does not."
)


@dataclass(frozen=True)
class Follow:
    """What follows an alert: who waits for whom, and whether it is snoozed. `ahead`: who is still
    to be asked; `asked`: the roles that were, since nobody acted.
    """

    waiting: Acknowledgement | None = None
    ahead: tuple[Ask, ...] = ()
    snooze: Snooze | None = None
    asked: tuple[Role, ...] = ()

    @property
    def waits(self) -> bool:
        return self.waiting is not None and self.waiting.standing is Standing.WAITING

    def stated_in(self, notice: str) -> "Follow":
        """As the message `notice` says it: of acknowledgements only what is stated there."""
        if self.waiting is None or notice in self.waiting.notices:
            return self
        return Follow(snooze=self.snooze)


def buttons(workflow: Workflow, asks: str, notice: str, follow: Follow) -> Block:
    """`asks`: the cap that more is asked for, and `|` how much, where that is known; `notice`: the
    message the buttons stand on.
    """
    value = f"{workflow.key}|{notice}"
    row = [kit.button("Ask for more…", "request.open", f"{workflow.key}|{asks}")]
    if workflow.tier is not Tier.CHEAP:
        row.append(kit.button("Drop a tier", "alert.drop", f"{value}|{workflow.tier}"))
    row.append(kit.button("Pause…", "workflow.pause", workflow.key, confirm=_sure(workflow)))
    row.append(_explain(value))
    row.append(
        kit.button("End snooze", "alert.wake", f"{value}|{follow.snooze.id}")
        if follow.snooze
        else kit.button("Snooze…", "alert.snooze", value)
    )
    if follow.waits:
        row.append(kit.button("I've seen it", "alert.seen", value))
    return kit.actions(*row, block_id=ACTS)


def explain_only(workflow: Workflow, notice: str) -> Block:
    """Under an alert whose periods are over."""
    return kit.actions(_explain(f"{workflow.key}|{notice}"), block_id=OVER)


def _explain(value: str) -> Block:
    return kit.button("Explain…", "alert.explain", value)


@dataclass(frozen=True)
class Asking:
    """What a message asks that says a cap was lowered below what is spent."""

    workflow: Workflow
    cap: CapKind
    notice: str
    follow: Follow
    zone: str


def asked(card: Card, asking: Asking) -> Card:
    """That message, with the clock and the buttons of an alert instead of its own."""
    lines = standing(asking.follow, asking.zone)
    kept = tuple(block for block in card.blocks if block["type"] != "actions")
    row = buttons(asking.workflow, asking.cap.value, asking.notice, asking.follow)
    text = kit.clip("\n".join((card.text, *lines)), kit.SECTION_TEXT)
    return Card(text, (*kept, *standing_block(asking.follow, asking.zone), row))


def _sure(workflow: Workflow) -> Block:
    return kit.confirm(
        "Pause this workflow?",
        f"The caps of {workflow.key} become $0.00 until it is resumed, and its team is told. This "
        "release stops no calls: spend that still arrives is reported.",
        "Pause it",
        "Leave it active",
    )


def standing(follow: Follow, zone: str) -> tuple[str, ...]:
    """At most two lines: the clock, and the snooze."""
    lines = []
    if follow.waiting is not None:
        lines.append(_clock(follow.waiting, follow, zone))
    if follow.snooze is not None:
        snooze = follow.snooze
        lines.append(
            f"Snoozed by {kit.person(snooze.by)} until {kit.when(snooze.until, zone)}: nothing at "
            f"or below {snooze.threshold} % is said until then; what is higher is."
        )
    return tuple(line for line in lines if line)


def _clock(waiting: Acknowledgement, follow: Follow, zone: str) -> str:
    if waiting.standing is Standing.OVER:
        return "Nobody has to act on this any more."
    if waiting.standing is Standing.SEEN:
        at = f", {kit.when(waiting.seen_at, zone)}" if waiting.seen_at else ""
        return f"{acted(waiting)}{at}. Nobody else is asked."
    if waiting.paused_until is not None:
        return "While it is snoozed nobody else is asked."
    return f"{_asked(waiting, follow, zone)} {_ahead(follow, zone)}".strip()


def _asked(waiting: Acknowledgement, follow: Follow, zone: str) -> str:
    """One clock runs for all alerts of a workflow, so others may have been asked of an earlier."""
    if not follow.asked:
        return "" if follow.ahead else "Waits for somebody to act;"
    *others, last = map(_role, follow.asked)
    roles = f"{', '.join(others)} and {last}" if others else last
    were = "were" if others else "was"
    since = f"since {kit.when(waiting.asked_at, zone)}"
    said = f"{roles[0].upper()}{roles[1:]} {were} asked already about this workflow, {since}"
    return f"{said}." if follow.ahead else f"{said};"


def _ahead(follow: Follow, zone: str) -> str:
    if not follow.ahead:
        return "nobody else is asked." if not follow.asked else "nobody else is left to ask."
    first, *others = follow.ahead
    asked = f"{_role(first.role)} is asked {kit.when(first.at, zone)}"
    then = "".join(f", then {_role(one.role)} {kit.when(one.at, zone)}" for one in others)
    return f"Unless somebody acts, {asked}{then}. It stops when anyone acts."


def acted(seen: Acknowledgement) -> str:
    return f"{speaker(seen.by, seen.instead_of)} {kit.named(seen.how, 200)}"


def speaker(by: str | None, instead_of: str | None) -> str:
    """`<@U0MIA> (for <@U0OWEN>)`."""
    return f"{kit.person(by)} (for {kit.person(instead_of)})" if instead_of else kit.person(by)


def _role(role: Role) -> str:
    return "finance" if role is Role.FINANCE else f"the {role}"


def restated(card: Card, workflow: Workflow, follow: Follow, zone: str) -> Card:
    """A message that was sent, its figures as they were, standing as it does now."""
    old, new = _standing_of(card), "\n".join(standing(follow, zone))
    row = next((block for block in card.blocks if block.get("block_id") == ACTS), None)
    if row is None:
        return card
    text = card.text.replace(old, new) if old else f"{card.text}\n{new}".rstrip()
    kept = [b for b in card.blocks if b.get("block_id") not in {ACTS, STANDING}]
    asks, notice = _about(row)
    below = (*standing_block(follow, zone), buttons(workflow, asks, notice, follow))
    return Card(kit.clip(text, kit.SECTION_TEXT), (*kept, *below))


def standing_block(follow: Follow, zone: str) -> tuple[Block, ...]:
    lines = standing(follow, zone)
    return ({**kit.context("\n".join(lines)), "block_id": STANDING},) if lines else ()


def _standing_of(card: Card) -> str:
    found = [block for block in card.blocks if block.get("block_id") == STANDING]
    return str(found[0]["elements"][0]["text"]) if found else ""


def _about(row: Block) -> tuple[str, str]:
    values = {one["action_id"]: str(one["value"]) for one in row["elements"]}
    asks = values["request.open"].partition("|")[2] or CapKind.WEEKLY.value
    return asks, values["alert.explain"].partition("|")[2]


def waiting(workflow: Workflow, channel: str) -> str:
    """For `/budget status`, a line."""
    return f"• the alert of {titled(workflow)} in <#{channel}> waits for somebody to act"


def nobody_acted(
    waiting: Acknowledgement, due: Iterable[Ask], ahead: Iterable[Ask], now: datetime, zone: str
) -> Card:
    """A reply under the alert, when somebody else is asked."""
    known = tuple(due)
    asked = " and ".join(f"{', '.join(map(kit.person, one.people))} ({one.role})" for one in known)
    is_asked = "is asked" if sum(len(one.people) for one in known) == 1 else "are asked"
    after = next((f"{_role(one.role)} {kit.when(one.at, zone)}" for one in ahead), None)
    text = (
        f"No one has acted for {_hours(now - waiting.asked_at)}: {asked} {is_asked}. "
        f"{f'Next: {after}.' if after else 'Nobody else is left to ask.'} "
        "It stops when anyone acts."
    )
    return Card(text, (kit.section(text),))


def unanswered(workflow: Workflow, waiting: Acknowledgement, now: datetime, role: str) -> str:
    """How the alert opens for somebody who is asked later."""
    return (
        f"No one has acted on this alert for {_hours(now - waiting.asked_at)}, and you are its "
        f"{role}. Owner: {kit.person(workflow.owner)}."
    )


def _hours(passed: timedelta) -> str:
    hours = passed // timedelta(hours=1)
    return f"{hours} h" if hours >= 1 else "less than an hour"


def dropped(workflow: Workflow, drop: TierDrop, zone: str) -> Card:
    """A reply under the alert, with *Undo* for a day."""
    who = speaker(drop.by, drop.instead_of)
    text = (
        f"{who} dropped the default tier of {titled(workflow)} to *{drop.becomes}*, was "
        f"{drop.was}. {NO_MODELS} It can be undone until {kit.when(drop.undo_until, zone)}."
    )
    return Card(text, (kit.section(text), kit.actions(kit.button("Undo", "alert.undo", drop.id))))


def dropped_for(workflow: str, drop: TierDrop) -> Card:
    """To whoever pressed it where the team's thread is not in sight, with the way back."""
    text = (
        f"`{workflow}` runs on the {drop.becomes} tier from now on. The team's thread says so, "
        "and it can be undone for a day."
    )
    return Card(text, (kit.section(text), kit.actions(kit.button("Undo", "alert.undo", drop.id))))


def undone(workflow: Workflow, drop: TierDrop) -> Card:
    text = (
        f"~{drop.was} → {drop.becomes}~ {kit.person(drop.undone_by)} undid it: the default tier of "
        f"{titled(workflow)} is *{drop.was}* again."
    )
    return Card(text, (kit.section(text),))


def explained(explanation: Explanation) -> Card:
    who = speaker(explanation.by, explanation.instead_of)
    said = kit.escape(explanation.text)
    if len(said) > _ROOM:
        said = kit.escape(kit.clip(explanation.text, _ROOM // 5))
    text = f"{who} explained: “{said}” It is shown in the weekly review."
    return Card(text, (kit.section(text),))


def snoozed(workflow: Workflow, snooze: Snooze, notice: str, zone: str) -> Card:
    """A reply under the alert, with the way back."""
    text = (
        f"{speaker(snooze.by, snooze.instead_of)} snoozed the alerts of {titled(workflow)} until "
        f"{kit.when(snooze.until, zone)}. Nothing at or below {snooze.threshold} % of any of its "
        "caps is said until then; a higher threshold breaks through. What was kept back and "
        "still holds is said at the end."
    )
    end = kit.button("End snooze", "alert.wake", f"{workflow.key}|{notice}|{snooze.id}")
    return Card(text, (kit.section(text), kit.actions(end)))


def woken(workflow: Workflow, snooze: Snooze) -> Card:
    """What the reply becomes when the snooze has ended."""
    what = f"the snooze of {titled(workflow)} by {kit.person(snooze.by)}"
    ended = f"{kit.person(snooze.ended_by)} ended {what}" if snooze.ended_by else f"Over: {what}"
    text = f"{ended}. Its alerts come again."
    return Card(text, (kit.section(text),))
