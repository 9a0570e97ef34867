from datetime import datetime

from bot.addressing import answerers, entitled
from bot.cards import first_reviews as cards
from bot.cards.edits import changes_said
from bot.changes import BOT, Change
from bot.first_reviews import Choice, FirstReview, State, decided, lapsed
from bot.labels import label
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.save_workflow import differing
from storage.ledger import Ledger


async def settle_first_review(  # noqa: PLR0913
    ledger: Ledger,
    organisation: Organisation,
    workflow: Workflow,
    choice: Choice,
    *,
    by: str,
    now: datetime,
    detail: str = "",
) -> FirstReview | None:
    """What somebody does about a workflow answers its first review, where that is open and they
    may; None otherwise.
    """
    one = await ledger.first_reviews.of(workflow.key)
    if one is None or one.state is not State.ASKED:
        return None
    team = await ledger.teams.get(workflow.team)
    acting = entitled(by, answerers(workflow, team, organisation), organisation, now)
    if acting is None:
        return None
    saved = await ledger.first_reviews.save(decided(one, choice, acting, now, detail=detail))
    if saved is not None:
        await end_first_review(ledger, saved, workflow, now)
    return saved


async def settle_by_edit(
    ledger: Ledger,
    organisation: Organisation,
    sides: tuple[Workflow, Workflow],
    by: str,
    now: datetime,
) -> None:
    """A changed contract answers it: lower caps are a cut. What is only asked for is no change."""
    before, saved = sides
    was, becomes = differing(before, saved)
    if not becomes:
        return
    cut = all(name.endswith("_cap") for name in becomes)
    detail = ", ".join(changes_said(was, becomes) if cut else map(label, becomes))
    choice = Choice.CUT if cut else Choice.CHANGE
    await settle_first_review(ledger, organisation, saved, choice, by=by, now=now, detail=detail)


async def lapse_first_review(
    ledger: Ledger, workflow: Workflow, why: str, now: datetime
) -> FirstReview | None:
    """Nobody is asked any more; None where nobody was to be."""
    one = await ledger.first_reviews.of(workflow.key)
    if one is None or one.state not in {State.AHEAD, State.ASKED}:
        return None
    saved = await ledger.first_reviews.save(lapsed(one))
    if saved is not None and one.state is State.ASKED:
        await end_first_review(ledger, saved, workflow, now, why)
    return saved


async def end_first_review(
    ledger: Ledger, one: FirstReview, workflow: Workflow, now: datetime, why: str = ""
) -> None:
    """Its messages lose their buttons and say how it ended; the trail keeps who decided what."""
    what = f"first review: {one.choice or why or 'nobody decided'}"
    await ledger.changes.add(Change(now, one.by or BOT, one.workflow, what, {}, {}, one.detail))
    posted = await ledger.notices.card(one.notice)
    card = cards.settled(posted, one, workflow, why)
    await ledger.notices.update(one.notice, card, now)
    await ledger.notices.update(f"{one.notice}:dm", card, now)
    end = cards.ended(one, workflow, why)
    await ledger.notices.post(f"{one.notice}:ended", one.channel, end, now, under=one.notice)
