"""What is said when somebody is asked to take a workflow over."""

from collections.abc import Sequence

from bot.cards.addressing import acted
from bot.cards.changed import reasoned, said
from bot.cards.kit import actions, button, escape, person, section, when
from bot.cards.terms import caps_said, titled
from bot.notices import Card
from bot.reassignments import EXPIRES_DAYS, Reassignment, State
from bot.workflows import Workflow

_LISTED = 12


def offered(offer: Reassignment, workflow: Workflow, zone: str) -> Card:
    """In the channel or the review's thread, while nobody has answered."""
    text = (
        f"{acted(offer.asked_by, offer.instead_of)} asks {person(offer.to)} to take over "
        f"{titled(workflow)}{reasoned(offer.note)}. Until they accept, {_stays(offer)}. "
        f"{_expires(offer, zone)}"
    )
    take_back = button("Take it back", "reassignment.withdraw", offer.id)
    return Card(text, (section(text), actions(take_back)))


def offered_to(offer: Reassignment, workflow: Workflow, zone: str) -> Card:
    """To the person who is asked."""
    text = (
        f"{acted(offer.asked_by, offer.instead_of)} asks you to take over {titled(workflow)}"
        f"{reasoned(offer.note)}. As its owner you answer for its bill. It is {workflow.status}, "
        f"with {caps_said(workflow.caps)}. Until you accept, {_stays(offer)}. "
        f"{_expires(offer, zone)}"
    )
    buttons = (
        button("Accept", "reassignment.accept", offer.id, style="primary"),
        button("Decline…", "reassignment.decline", offer.id),
        button("Show contract", "workflow.show", workflow.key),
    )
    return Card(text, (section(text), actions(*buttons)))


def confirmed(offer: Reassignment, workflow: Workflow, zone: str) -> Card:
    """To whoever asked."""
    return said(
        f"{person(offer.to)} is asked to take over {titled(workflow)}. Until they accept, "
        f"{_stays(offer)}. {_expires(offer, zone)} You are told either way."
    )


def settled(offer: Reassignment, workflow: Workflow) -> Card:
    """How it ended, for everybody it concerns."""
    return said(f"{_how(offer)} {_after(offer, workflow)}")


def former_owner(offer: Reassignment, workflow: Workflow) -> Card:
    return said(
        f"{person(offer.to)} has taken over {titled(workflow)}, as "
        f"{acted(offer.asked_by, offer.instead_of)} asked: you no longer own it. What was asked "
        "for while you did is still not yours to approve."
    )


def in_brief(offer: Reassignment, zone: str) -> str:
    """For the contract, on one line."""
    return (
        f"*Offered to* {person(offer.to)} by {acted(offer.asked_by, offer.instead_of)}, until "
        f"{when(offer.expires_at, zone)}."
    )


def waiting(offer: Reassignment) -> str:
    """For `/budget status`, a line."""
    return f"• {person(offer.asked_by)} asks you to take over `{offer.workflow}`: see our messages"


def waits_already(offer: Reassignment, at: str) -> str:
    """Why a second one is refused; plain text, `at` is when the first runs out."""
    return (
        f"<@{offer.asked_by}> has asked <@{offer.to}> already, and that waits until {at}. Take it "
        "back first, with the button on its message."
    )


def which_workflow(asker: str, to: str, workflows: Sequence[str]) -> Card:
    shown = ", ".join(f"`{key}`" for key in workflows[:_LISTED])
    like = f"like `reassign {workflows[0]} to …`" if workflows else ""
    return said(
        f"{person(asker)} Which one should {person(to)} take over? Name it, {like}: {shown}."
    )


def _stays(offer: Reassignment) -> str:
    return f"{person(offer.owner)} stays its owner" if offer.owner else "nobody owns it"


def _expires(offer: Reassignment, zone: str) -> str:
    return (
        f"Without an answer it expires after {EXPIRES_DAYS} days, {when(offer.expires_at, zone)}, "
        "and nothing changes."
    )


def _how(offer: Reassignment) -> str:
    by, to = person(offer.answered_by), person(offer.to)
    match offer.state:
        case State.ACCEPTED:
            return f"✅ {to} accepted."
        case State.DECLINED:
            return f"❌ {to} declined: “{escape(offer.answer)}”."
        case State.WITHDRAWN:
            return f"↩️ {by} took back the question to {to}."
        case State.EXPIRED:
            return f"⌛ {to} has not answered in {EXPIRES_DAYS} days."
        case _:
            # The bot's own words.
            return f"🔒 The question to {to} is closed: {offer.answer}."


def _after(offer: Reassignment, workflow: Workflow) -> str:
    if offer.state is State.ACCEPTED:
        was = f" (it was {person(offer.owner)})" if offer.owner else ""
        backup = "" if workflow.backup else " It has no backup now: `/budget edit` names one."
        return f"{titled(workflow)} belongs to {person(workflow.owner)}{was}.{backup}"
    return f"{titled(workflow)} stays with {person(workflow.owner)}."
