"""The expedited path: a workflow is put on it, or taken off."""

from bot.cards.changed import said
from bot.cards.kit import clip, escape, person
from bot.cards.terms import titled
from bot.money import say
from bot.notices import Card
from bot.policy import Policy
from bot.proven import Proven
from bot.requests import Request
from bot.workflows import Workflow

_SHOWN = 200


def marked(workflow: Workflow, proven: Proven, policy: Policy) -> Card:
    return said(
        f"⏩ {person(proven.by)} put {titled(workflow)} on the expedited path: “{_why(proven)}”. "
        f"{_means(policy)}"
    )


def unmarked(workflow: Workflow, by: str) -> Card:
    return said(
        f"{person(by)} took {titled(workflow)} off the expedited path: its requests need "
        "everybody again, those that wait, too."
    )


def _means(policy: Policy) -> str:
    if policy.expedited_over <= policy.finance_over:
        return (
            f"That changes nothing yet: expedited_over ({say(policy.expedited_over)}) is not above "
            f"finance_over ({say(policy.finance_over)}) in the policy."
        )
    return (
        f"What is asked from now on needs only the approver up to {say(policy.expedited_over)} "
        f"(else {say(policy.finance_over)}), but nothing that whoever marked it asks for or owns; "
        "finance is told. What waits already goes on as it was asked."
    )


def on_card(proven: Proven) -> str:
    """On the card of a request that goes this way."""
    return (
        f"⏩ Expedited: its return is proven (“{_why(proven)}”, says {person(proven.by)}). "
        "Only the approver is asked; finance is told."
    )


def for_finance(request: Request, workflow: Workflow, proven: Proven) -> Card:
    return said(
        f"⏩ For your information: {person(request.answered_by)} approved "
        f"{say(request.more)} more on the {request.cap} cap of {titled(workflow)} for "
        f"{person(request.asked_by)} on the expedited path (“{_why(proven)}”). Its card is in "
        f"<#{request.channel}>. Nothing waits for you."
    )


def on_contract(proven: Proven) -> str:
    return f"Expedited: “{_why(proven)}”, says {person(proven.by)}"


def _why(proven: Proven) -> str:
    return escape(clip(proven.reason, _SHOWN))
