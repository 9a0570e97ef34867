from datetime import datetime

from bot.addressing import answerers, entitled
from bot.cards import first_reviews as cards
from bot.first_reviews import Choice, FirstReview, State
from bot.policy import Organisation
from bot.refusal import NotAllowed, TooLate
from bot.workflows import Workflow
from handlers.steps.settle_first_review import settle_first_review
from storage.ledger import Ledger


async def check_first_review(
    key: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Workflow:
    """The workflow whose first review is open to this person. Raises Refusal: who may, or who was
    first.
    """
    workflow = await ledger.workflows.get(key)
    group = answerers(workflow, await ledger.teams.get(workflow.team), organisation)
    if entitled(by, group, organisation, now) is None:
        who = ", ".join(f"<@{one}>" for one in group if one not in organisation.admins)
        raise NotAllowed(f"For {key} may decide: {who or 'nobody yet'} (or an admin).")
    one = await ledger.first_reviews.of(key)
    if one is None or one.state is not State.ASKED:
        raise _too_late(one, workflow)
    return workflow


async def find_fine(
    key: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> None:
    """It stays as it is, and somebody has said so. Raises Refusal."""
    workflow = await check_first_review(
        key, by=by, ledger=ledger, organisation=organisation, now=now
    )
    await settle_first_review(ledger, organisation, workflow, Choice.FINE, by=by, now=now)
    await check_mine(key, by=by, ledger=ledger)


async def check_mine(key: str, *, by: str, ledger: Ledger) -> None:
    """Raises TooLate where somebody else's answer came first."""
    one = await ledger.first_reviews.of(key)
    if one is None or one.by != by:
        raise _too_late(one, await ledger.workflows.get(key))


def _too_late(one: FirstReview | None, workflow: Workflow) -> TooLate:
    if one is None or one.state is State.AHEAD:
        return TooLate(f"The first review of {workflow.key} is not open.")
    return TooLate(cards.ended(one, workflow).text)
