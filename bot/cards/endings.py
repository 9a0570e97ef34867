"""What is said when a workflow, or an experiment, comes to its end."""

from collections.abc import Sequence

from bot.cards.changed import reasoned, said
from bot.cards.kit import actions, button, person
from bot.cards.terms import day_said, titled
from bot.changes import BOT
from bot.money import say
from bot.notices import Card
from bot.overrides import Override
from bot.workflows import Workflow

_NOT_CUT = (
    "budget-bot does not cut access: revoke its keys where they were issued. "
    "Spend that still arrives is reported."
)


def before_retiring(workflow: Workflow) -> str:
    return (
        f"{titled(workflow)}\nRetiring closes its open requests and exceptions and cannot be "
        f"undone. {_NOT_CUT}"
    )


def retired(workflow: Workflow, by: str, reason: str) -> Card:
    who = "" if by == BOT else f" by {person(by)}"
    return said(f"{titled(workflow)} was *retired*{who}{reasoned(reason)}. {_NOT_CUT}")


def retiring(workflow: Workflow, by: str, reason: str) -> Card:
    return said(
        f"{titled(workflow)} will be *retired* by {person(by)}{reasoned(reason)}. "
        f"It stays {workflow.status} through {_last_day(workflow)}."
    )


def kept(workflow: Workflow, by: str) -> Card:
    return said(f"{titled(workflow)} stays: {person(by)} took its last day back.")


def retire_confirmed(workflow: Workflow) -> Card:
    """To the person; until its last day is over it can be taken back."""
    if workflow.retire_on is None:
        return said(f"{titled(workflow)} is retired. {_NOT_CUT}")
    text = (
        f"{titled(workflow)} stays {workflow.status} through {_last_day(workflow)} and is retired "
        "after it. Until then you can keep it."
    )
    undo = actions(button("Keep it", "workflow.keep", workflow.key))
    return Card(text, (*said(text).blocks, undo))


def overrides_closed(workflow: Workflow, overrides: Sequence[Override]) -> Card:
    extra = " and ".join(f"+{say(one.amount)} on the {one.cap} cap" for one in overrides[:10])
    return said(f"{titled(workflow)} was retired. Its exceptions end with it: {extra}.")


def ended(workflow: Workflow, *, for_owner: bool) -> Card:
    decides = "Please decide" if for_owner else f"{person(workflow.owner)} decides"
    text = (
        f"The experiment {titled(workflow)} has *ended*: its last day was {_ends(workflow)}. "
        f"It no longer counts as approved. {decides}: retire it, or give it a new last day "
        f"(`/budget edit {workflow.key}`) and activate it again. {_NOT_CUT}"
    )
    if not for_owner:
        return said(text)
    buttons = (
        button("Edit…", "workflow.edit", workflow.key),
        button("Retire…", "workflow.retire", workflow.key),
    )
    return Card(text, (*said(text).blocks, actions(*buttons)))


def _last_day(workflow: Workflow) -> str:
    return "its last day" if workflow.retire_on is None else day_said(workflow.retire_on)


def _ends(workflow: Workflow) -> str:
    return "reached" if workflow.ends_on is None else day_said(workflow.ends_on)
