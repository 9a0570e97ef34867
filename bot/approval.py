"""Who may say yes now, and to how much of what was asked."""

from dataclasses import replace
from datetime import datetime

from bot.askable import LENGTHS
from bot.chain import Chain, Link, barred, chain_for
from bot.delegations import Acting
from bot.money import CENT, say
from bot.names import tidy
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.request_effects import end_of
from bot.requests import Less, Request, RequestDraft, Standing, Step

_SHOWN = 5


class Outdated(Refusal):
    """What was answered is no longer what is asked."""


def approvers_for(
    draft: RequestDraft, standing: Standing, organisation: Organisation, now: datetime
) -> Link:
    """The step whose turn it is, with those who may answer it. Raises NobodyMayApprove."""
    return chain_for(draft, standing, organisation, now).running


def check_may_answer(by: str, request: Request, standing: Standing, chain: Chain) -> Acting:
    """Who this person acts as. Raises NotAllowed saying why not, and who may."""
    found = chain.running.find(by)
    if found is not None:
        return found
    people = chain.running.people
    who = " or ".join(f"<@{one}>" for one in people[:_SHOWN])
    raise NotAllowed(f"{_why_not(by, request, standing, chain)} {who} may answer.")


def _why_not(by: str, request: Request, standing: Standing, chain: Chain) -> str:
    if by == request.asked_by:
        return "Nobody answers their own request."
    if by in barred(request, standing):
        return "An owner does not approve more for their own workflow."
    if any(one.by == by for one in request.approvals):
        return "You have approved it already; it waits for the next step."
    if any(link.find(by) for link in chain.links):
        return "It comes to you after the step before."
    if chain.running.step is Step.FINANCE:
        return "This one is for finance."
    return "You are not its approver."


def check_current(request: Request, edition: int | None, terms: str = "") -> None:
    """`edition`: the one that was looked at, where the button says; `terms`: what a yes would do
    now. Raises Outdated.
    """
    if edition is not None and edition != request.edition:
        would = f"A yes would do this now: {terms}. " if terms else ""
        raise Outdated(
            f"It was changed while you looked at it: it is for {say(request.more)} now. {would}"
            "Look at the card again, then answer."
        )


def lessened(request: Request, less: Less, standing: Standing, now: datetime) -> Request:
    """The request as far as it is granted. Raises Refusal naming the field that asks for more."""
    if less.amount > request.more:
        raise Refusal(f"That is not less than {say(request.more)}; use Approve.", field="amount")
    if less.amount < CENT:
        raise Refusal(f"From {say(CENT)} to {say(request.more)}.", field="amount")
    smaller = replace(request, until=less.until, days=less.days)
    if _lasts_longer(smaller, request, standing, now):
        raise Refusal("That would last longer than was asked.", field="until")
    if less.amount == request.more and _lasts_as_long(smaller, request, standing, now):
        raise Refusal(f"That is not less than {say(request.more)}; use Approve.", field="amount")
    return replace(smaller, granted=less.amount, edition=request.edition + 1)


def _lasts_as_long(
    smaller: RequestDraft, asked: RequestDraft, standing: Standing, now: datetime
) -> bool:
    end, most = (end_of(one, standing.workflow, now) for one in (smaller, asked))
    return end == most


def _lasts_longer(
    smaller: RequestDraft, asked: RequestDraft, standing: Standing, now: datetime
) -> bool:
    end, most = (end_of(one, standing.workflow, now) for one in (smaller, asked))
    return most is not None and (end is None or end > most)


def read_denial(text: str) -> str:
    """The reason on one line. Raises Refusal: a no without one helps nobody."""
    reason = read_reason(text)
    if not reason:
        raise Refusal("Say why: the requester is told.", field="reason")
    return reason


def read_reason(text: str) -> str:
    reason = tidy(text)
    if len(reason) > LENGTHS["reason"]:
        raise Refusal(f"At most {LENGTHS['reason']} characters.", field="reason")
    return reason
