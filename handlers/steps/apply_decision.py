from datetime import datetime

from bot.changes import Change
from bot.policy import Organisation
from bot.review_weeks import say_week
from bot.reviews import Decision, Review, Said, answered, words
from handlers.steps.save_workflow import save_workflow
from storage.ledger import Ledger


async def apply_decision(
    ledger: Ledger, organisation: Organisation, review: Review, said: Said, now: datetime
) -> Decision:
    """Change the registry as the answer says, and say what it replaced. Raises Refusal."""
    before = await ledger.workflows.get(said.workflow)
    team = await ledger.teams.get(review.team)
    reason = f"weekly review {say_week(review.week, team.zone(organisation))}"
    after, applied = answered(before, review.item(said.workflow), said.decision, now)
    what = words(applied)
    saved = await save_workflow(
        ledger, before, after, by=said.by, what=what, reason=reason, now=now
    )
    if saved is before:
        # Nothing differs, and still somebody answered for it.
        await ledger.changes.add(Change(now, said.by, before.key, what, reason=reason))
    return applied
