"""The keys of a retired workflow: who revokes them, by when, and that something still spends."""

from collections.abc import Sequence

from bot.cards.addressing import acted
from bot.cards.freshness import freshness
from bot.cards.kit import actions, button, clip, named, person, section, when
from bot.cards.terms import day_said, titled
from bot.freshness import Feed
from bot.money import say
from bot.notices import Block, Card
from bot.revocations import LONGEST_DAYS, Revocation, SpentSince, State, reminders
from bot.workflows import Workflow

_ONLY_TELLS = "budget-bot revokes no keys and cuts nothing off; it tells of spend that still comes."


def asked(one: Revocation, workflow: Workflow) -> Card:
    """In the channel: it says who, and is edited to say how it went."""
    return _card(f"{titled(workflow)} is retired. {_who(one)} {_ONLY_TELLS}", one)


def asked_person(one: Revocation, workflow: Workflow) -> Card:
    """To whoever is to do it."""
    text = (
        f"{titled(workflow)} is retired. Please revoke its keys by {day_said(one.due_on)}, where "
        f"they were issued, and say so here. {_clock(one)} {_ONLY_TELLS}"
    )
    return _card(text, one)


def done(one: Revocation, workflow: Workflow) -> Card:
    again = "Spend that comes after that opens this again."
    text = f"✅ {titled(workflow)} is retired. {_by(one)} {again}"
    return Card(text, (section(text),))


def settled(posted: Card, one: Revocation) -> Card:
    """A reminder or an alarm, without its buttons, once it is done."""
    kept = tuple(block for block in posted.blocks if block["type"] != "actions")
    line = f"✅ {_by(one)}"
    return Card(clip(f"{line}\n{posted.text}", 3_000), (*kept, section(line)))


def _by(one: Revocation) -> str:
    who = acted(one.answered_by, one.instead_of)
    at = f", {when(one.answered_at, one.zone)}" if one.answered_at else ""
    return f"{who} says its keys are revoked{at}."


def passed_on(one: Revocation, workflow: Workflow) -> Card:
    """To whoever was to do it before."""
    text = f"{_whose(one)} revokes the keys of {titled(workflow)} now: nothing is left for you."
    return Card(text, (section(text),))


def state(one: Revocation, workflow: Workflow) -> Card:
    return asked(one, workflow) if one.state is State.OPEN else done(one, workflow)


def reminder(one: Revocation, workflow: Workflow, *, for_approver: bool) -> Card:
    act = f"{_whose(one)} is to do it." if for_approver else "Press the button once they are."
    text = (
        f"⏰ The keys of {titled(workflow)}, which is retired, are to be revoked by "
        f"{day_said(one.due_on)}, and nobody has said that they are. {act} {_clock(one)}"
    )
    return _card(text, one)


def still_spending(
    one: Revocation,
    workflow: Workflow,
    spent: SpentSince,
    feeds: Sequence[Feed],
    *,
    reopened: bool,
) -> Card:
    """To owner, approver and admins, once a day while it goes on."""
    lines = [_headline(one, workflow, spent)]
    if spent.model or spent.source:
        lines.append(f"Most of it: {_most(spent)}.")
    lines.append(freshness(feeds, one.zone, spent.last_at))
    if reopened and one.still:
        lines.append(
            f"Its keys were said to be revoked, {when(one.still, one.zone)}, and it still spends: "
            "the check is open again."
        )
    lines += [_who(one) if one.state is State.OPEN else "", _ONLY_TELLS]
    return _card(clip("\n".join(filter(None, lines)), 2_900), one)


def in_brief(one: Revocation) -> str:
    """For the contract, on one line."""
    if one.state is State.REVOKED:
        at = f", {when(one.answered_at, one.zone)}" if one.answered_at else ""
        return f"*Keys:* revoked, says {acted(one.answered_by, one.instead_of)}{at}."
    return f"*Keys:* {_whose(one)} revokes them by {day_said(one.due_on)}; nobody has said so yet."


def waiting(one: Revocation, name: str) -> str:
    """For `/budget status`, a line."""
    return f"• revoke the keys of *{named(name)}* (`{one.workflow}`) by {day_said(one.due_on)}"


def buttons(one: Revocation) -> tuple[Block, ...]:
    if one.state is State.REVOKED:
        return ()
    return (
        actions(
            button("Keys are revoked", "revocation.done", one.workflow, style="primary"),
            button("Assign…", "revocation.assign", one.workflow),
        ),
    )


def before_assigning(one: Revocation, workflow: Workflow) -> str:
    return f"{titled(workflow)}\n{_who(one)} Choose a day within {LONGEST_DAYS} days."


def _card(text: str, one: Revocation) -> Card:
    return Card(text, (section(text), *buttons(one)))


def _whose(one: Revocation) -> str:
    return person(one.person) if one.person else "nobody (assign somebody)"


def _who(one: Revocation) -> str:
    who = person(one.person) if one.person else "Nobody is assigned, and somebody"
    verb = "revokes" if one.person else "has to revoke"
    return f"{who} {verb} its keys by {day_said(one.due_on)}. {_clock(one)}"


def _clock(one: Revocation) -> str:
    first, second = (when(each, one.zone) for each in reminders(one))
    match one.reminded:
        case 0:
            return f"Reminded {first}; the approver {second}."
        case 1:
            return f"The approver is told {second}."
        case _:
            return "The reminders are over."


def _headline(one: Revocation, workflow: Workflow, spent: SpentSince) -> str:
    used = f"{say(spent.amount)} was spent" if spent.amount else f"{spent.records} calls were made"
    return f"🚨 {titled(workflow)} is retired, and {used} since {when(one.retired_at, one.zone)}."


def _most(spent: SpentSince) -> str:
    model = named(spent.model) if spent.model else "no model named"
    return f"{model}, sent by {named(spent.source)}" if spent.source else model
