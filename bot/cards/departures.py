"""What is said when somebody left."""

from collections.abc import Iterator, Sequence

from bot.cards.changed import said as plainly
from bot.cards.kit import actions, button, clip, person, section, when
from bot.cards.terms import titled
from bot.delegations import Acting
from bot.departures import Held, OwnerQuestion
from bot.notices import Card
from bot.workflows import Workflow

_NAMED = 40


def for_channel(question: OwnerQuestion, workflow: Workflow) -> Card:
    return plainly(f"{_what_happened(question, workflow)} {_asked(question)}")


def _what_happened(question: OwnerQuestion, workflow: Workflow) -> str:
    left = (
        f"{person(question.departed)} owned {titled(workflow)} and has left: the Slack account is "
        "deactivated."
    )
    if question.stand_in:
        return f"{left} The backup {person(question.stand_in)} owns it from now on."
    return f"{left} There is no backup, so nobody owns it: it keeps running with its caps."


def _asked(question: OwnerQuestion) -> str:
    if not question.asked:
        return f"An admin names an owner with `/budget edit {question.workflow}`."
    who = " or ".join(map(person, question.asked[:5]))
    return f"{who} was asked to name an owner."


def for_stand_in(question: OwnerQuestion, workflow: Workflow) -> Card:
    text = (
        f"{_what_happened(question, workflow)} That is you: you answer for its bill now, until "
        f"somebody else is named. {_asked(question)}"
    )
    return Card(
        text, (section(text), actions(button("Show contract", "workflow.show", workflow.key)))
    )


def question_for_approver(question: OwnerQuestion, workflow: Workflow) -> Card:
    wanted = (
        f"Confirm {person(question.stand_in)}, or name somebody else."
        if question.stand_in
        else "Please name an owner: until then nobody answers for its bill."
    )
    text = f"{_what_happened(question, workflow)} {wanted}"
    name = button("Name an owner…", "owner.name", question.id)
    row = [name]
    if question.stand_in:
        row = [button("Confirm the backup", "owner.confirm", question.id, style="primary"), name]
    return Card(text, (section(text), actions(*row)))


def settled(question: OwnerQuestion, workflow: Workflow, by: Acting, zone: str) -> Card:
    """For the channel, and instead of the question."""
    at = f", {when(question.settled_at, zone)}" if question.settled_at else ""
    instead = f" (standing in for {person(by.instead_of)})" if by.instead_of else ""
    confirmed = question.owner == question.stand_in
    verb = "confirmed" if confirmed else "named"
    return plainly(
        f"{person(by.person)}{instead} {verb} {person(question.owner)} as the owner of "
        f"{titled(workflow)}{at}. {person(question.departed)} has left."
    )


def replaced(question: OwnerQuestion, workflow: Workflow, by: str) -> Card:
    """For who owned it meanwhile."""
    return plainly(
        f"{person(by)} named {person(question.owner)} as the owner of {titled(workflow)}: you "
        "answer for it no more. Thank you for standing in."
    )


def confirmed(question: OwnerQuestion, workflow: Workflow) -> Card:
    """To who answered."""
    return plainly(f"{person(question.owner)} owns {titled(workflow)}, and is told.")


def for_admins(who: str, held: Held, ended: Sequence[str]) -> Card:
    """All that they held. `ended`: what stood in for whom, in words."""
    lines = "\n".join(f"• {line}" for line in (*_lines(held), *ended))
    return plainly(f"{person(who)} has left: the Slack account is deactivated.\n{lines}")


def _lines(held: Held) -> Iterator[str]:
    teams = ", ".join(f"`{team.key}`" for team in held.teams[:_NAMED])
    known = (
        (held.owned, "owned {}: the backup owns it now, or its approver was asked"),
        (held.backed, "is the backup of {}: name another with `/budget edit`"),
        (held.approved, "is the approver of {}: name another with `/budget edit`"),
    )
    yield from (text.format(_keys(found)) for found, text in known if found)
    if teams:
        yield f"is the approver of team {teams}: name another in the contract file"
    if held.finance:
        yield "stands under `finance` in the contract file: take them out"
    if held.admin:
        yield "stands in `BUDGET_BOT_ADMINS`: take them out, and start the bot again"


def _keys(workflows: Sequence[Workflow]) -> str:
    more = len(workflows) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    return clip(", ".join(f"`{one.key}`" for one in workflows[:_NAMED]), 1_500) + rest


def stood_in(by: str, to: str) -> str:
    return f"{person(to)} stood in for {person(by)}: that has ended"
