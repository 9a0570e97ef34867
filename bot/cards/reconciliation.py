"""`/budget reconcile`: bills beside what was seen, and whether it adds up."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.account_months import AccountMonth, BilledDay, Corrected, LineSum, Reconciled
from bot.attribution import Clue, Trace, exactly, values_of
from bot.cards.changed import said
from bot.cards.kit import actions, button, clip, context, named, section
from bot.cards.kit import said as moment
from bot.cards.pages import page
from bot.cards.rule_words import CLUES, rule_value
from bot.charges import DAY, NAMES, Charge
from bot.money import CENT, ZERO, say, say_however_little, say_parts
from bot.notices import Block, Card
from bot.source_words import last_whole_day

_ROUNDED = Decimal("0.1")
_SHOWN = 5
_FOOT = (
    "Days are UTC, as vendors bill. A workflow that a bill names costs what is billed; for the "
    "others realtime records stand, and the rest of the bill is charged to nobody."
)
# Of these rules can be made.
_TOLD_BY = (Clue.KEY, Clue.TEAM, Clue.PROJECT, Clue.DECLARED, Clue.PERSON)


def accounts(found: Sequence[AccountMonth], month: datetime) -> Card:
    if not found:
        return said(
            f"No bill tells of {month:%B %Y}. `/budget reconcile {_before(month):%Y-%m}` shows the "
            "month before, `budget-bot source list` what is pulled."
        )
    head = f"*Bills of {month:%B %Y}*"
    entries = ["\n".join(_sums(one)) for one in found]
    buttons = [_opens(one.account, "Days", "reconcile.days", month) for one in found]
    shown = entries[:20]
    blocks = [section(head), *(section(*pair) for pair in zip(shown, buttons, strict=False))]
    return Card(clip("\n".join((head, *entries)), 3_900), (*blocks, context(_FOOT)))


def _before(month: datetime) -> datetime:
    return (month - DAY).replace(day=1)


def _opens(account: str, label: str, action: str, month: datetime) -> Block:
    return button(label, action, f"{month:%Y-%m} 0 {account}")


def account(seen: AccountMonth, month: datetime, start: int) -> Card:
    """Its days, from the `start`-th on."""
    head = "\n".join((f"*{month:%B %Y}*", *_sums(seen)))
    entries = [_day(one) for one in seen.days]
    shown, following = page(entries, min(start, max(len(entries) - 1, 0)))
    buttons = [_opens(seen.account, "What no rule matches", "reconcile.lines", month)]
    if following is not None:
        value = f"{month:%Y-%m} {following} {seen.account}"
        buttons.append(button("Show more", "reconcile.days", value))
    blocks = [section(head), *([section("\n".join(shown))] if shown else [])]
    text = clip("\n".join((head, *shown)), 3_900)
    return Card(text, (*blocks, actions(*buttons), context(_FOOT)))


def _sums(seen: AccountMonth) -> list[str]:
    through = f", told through {_end(seen.through)}" if seen.through else ""
    lines = [f"*{named(seen.account)}*: billed {say(seen.of('billed'))}{through}"]
    if seen.settled:
        lines.append(_settled(seen))
    if len(seen.days) > seen.settled:
        lines.append(
            f"Realtime records stand for {_days(len(seen.days) - seen.settled)}: "
            f"{say(seen.of('realtime', settled=False))}, billed so far "
            f"{say(seen.of('billed', settled=False))}"
        )
    lines.append(f"Realtime sources saw {say(seen.of('realtime'))}{_drift(seen.drift)}")
    lines.append(
        f"{_days(len(seen.days) - seen.provisional)} settled, {seen.provisional} provisional, "
        f"{seen.waiting} waiting{f', {seen.ahead} still ahead' if seen.ahead else ''}"
    )
    return lines


def _end(through: datetime) -> str:
    day = last_whole_day(through)
    return f"{day:%-d %b} (UTC)" if day else f"{through:%-d %b %H:%M} UTC"


def _settled(seen: AccountMonth) -> str:
    parts = [seen.of(name, settled=True) for name in ("workflows", "unattributed", "unmetered")]
    billed = seen.of("billed", settled=True)
    summed = f"{_added(*parts)} = {say(sum(parts, ZERO))}"
    if seen.wrong:
        return f"{summed}, but {say(billed)} is billed ✗ – it does not add up: {_off(seen.wrong)}"
    if seen.unsettled:
        return f"{summed}, {say(billed)} is billed – to be settled again: {_off(seen.unsettled)}"
    return f"{summed}: as billed ✓"


def _off(days: Sequence[Reconciled]) -> str:
    shown = [f"{say_however_little(one.off)} on {one.day:%-d %b}" for one in days[:_SHOWN]]
    more = len(days) - len(shown)
    return ", ".join((*shown, *([f"and {more} more days"] if more else [])))


def _added(workflows: Decimal, unattributed: Decimal, unmetered: Decimal) -> str:
    """What was billed and not seen is unmetered; a discount is what was seen and not billed."""
    said = say_parts((workflows, unattributed, unmetered))
    names = "workflows", "unattributed", "discount" if unmetered < ZERO else "unmetered"
    return " + ".join(f"{name} {amount}" for name, amount in zip(names, said, strict=True))


def _drift(per_cent: Decimal | None) -> str:
    if per_cent is None:
        return ""
    size = abs(per_cent).quantize(_ROUNDED)
    if not size:
        return ", as much as billed on settled days"
    return f", {size} % {'above' if per_cent > ZERO else 'below'} the bill on settled days"


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _day(one: Reconciled) -> str:
    head = f"{one.day:%a %-d %b} · billed {say(one.billed)}"
    if not one.settled:
        return f"{head} · provisional: {say(one.realtime)} seen stands {_mark(one)}"
    state = "" if one.final else " · provisional"
    parts = _added(one.workflows, one.unattributed, one.unmetered)
    return f"{head} = {parts} {_mark(one)} · seen {say(one.realtime)}{state}"


def _mark(one: Reconciled) -> str:
    if one.waits and one.off:
        return f"({say_however_little(one.off)} off until it is settled again)"
    return "✓" if one.adds_up else f"✗ does not add up: {say_however_little(one.off)} off"


def unmatched(account: str, month: datetime, sums: Sequence[LineSum], start: int) -> Card:
    """Lines by what they are told by, the dearest first."""
    which = f"{named(account)} in {month:%B %Y}"
    if not sums:
        return said(f"A rule matches every line of the bill of {which}.")
    whole = sum((one.cost for one in sums), ZERO)
    head = f"*No rule matches {say(whole)} of the bill of {which}*, the dearest first"
    costs = _costs([one.cost for one in sums])
    texts = [
        f"• {cost} · {_told_by(one.trace, one.item)}" for one, cost in zip(sums, costs, strict=True)
    ]
    buttons = [_makes_rule(one.trace) for one in sums]
    start = min(start, len(sums) - 1)
    # What stands in a button takes room of the message, too.
    weighed = [f"{text}{made or ''}" for text, made in zip(texts, buttons, strict=True)]
    shown, following = page(weighed, start)
    end = start + len(shown)
    blocks = [section(*pair) for pair in zip(texts[start:end], buttons[start:end], strict=True)]
    if following is not None:
        value = f"{month:%Y-%m} {following} {account}"
        blocks.append(actions(button("Show more", "reconcile.lines", value)))
    text = clip("\n".join((head, *texts[start:end])), 3_900)
    return Card(text, (section(head), *blocks))


def _makes_rule(trace: Trace) -> Block | None:
    """By the most trusted of what the lines are told by."""
    for clue in _TOLD_BY:
        value = next(filter(None, values_of(clue, trace)), None)
        if value:
            return button("Make a rule…", "rule.new", rule_value(clue, exactly(value), ""))
    return None


def _told_by(trace: Trace, item: str) -> str:
    told = [f"{CLUES[clue]} {values}" for clue in _TOLD_BY if (values := _values(clue, trace))]
    return " · ".join((*told, *([named(item)] if item else []))) or "nothing else is told"


def _values(clue: Clue, trace: Trace) -> str:
    """The first two. A tag that only says the declared name again says nothing."""
    again = f"{NAMES}{trace.declared}"
    values = dict.fromkeys(one for one in values_of(clue, trace) if one and one != again)
    return ", ".join(f"“{named(value, 40)}”" for value in [*values][:2])


def day(seen: BilledDay, start: int, zone: str) -> Card:
    head = [f"*{named(seen.account)}, {seen.day:%a %-d %b %Y}* (UTC)"]
    head += [_day(seen.came_to)] if seen.came_to else ["No bill tells of this day."]
    if seen.corrected and start == 0:
        head += ["*Corrected*", *(_corrected(one, zone) for one in seen.corrected[:15])]
        more = len(seen.corrected) - 15
        head += [f"and {more} more"] if more > 0 else []
    costs = _costs([charge.cost for charge, _ in seen.lines])
    entries = [_line(*line, cost) for line, cost in zip(seen.lines, costs, strict=True)]
    return _listed("\n".join(head), entries, start, "reconcile.day", f"{seen.day:%F}", seen.account)


def _corrected(one: Corrected, zone: str) -> str:
    now = "gone" if one.now is None else f"{say(one.now)} now"
    return f"• {_name(one)}: {now}, was {say(one.was)} until {moment(one.until, zone)}"


def _name(one: Corrected) -> str:
    return named(one.item or one.id)


def _costs(costs: Sequence[Decimal]) -> Sequence[str]:
    """So that lines add up to the sum beside them; where some are below a cent, each as it is."""
    if any(ZERO < abs(one) < CENT for one in costs):
        return [say(one) for one in costs]
    return say_parts(costs)


def _line(charge: Charge, workflow: str, cost: str) -> str:
    whose = f"`{workflow}`" if workflow else "no rule matches"
    told = _told_by(charge.trace(""), charge.item or charge.model)
    return f"• {cost} · {whose} · {told}{'' if charge.final else ' · provisional'}"


def _listed(
    head: str, entries: Sequence[str], start: int, action: str, when: str, account: str
) -> Card:
    shown, following = page(entries, min(start, max(len(entries) - 1, 0)))
    blocks = [section(head), *([section("\n".join(shown))] if shown else [])]
    if following is not None:
        value = f"{when} {following} {account}"
        blocks.append(actions(button("Show more", action, value)))
    return Card(clip("\n".join((head, *shown)), 3_900), tuple(blocks))
