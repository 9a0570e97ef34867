"""The weekly review's thread: its parent, and a reply per workflow."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from bot.cards.addressing import addressed_said
from bot.cards.freshness import freshness
from bot.cards.kit import actions, button, named, person, said, section
from bot.cards.review_decisions import decided_said, still_said
from bot.cards.review_figures import figures_said, suggested
from bot.cards.review_lines import flat, key_said, lines
from bot.cards.review_months import months_question
from bot.cards.review_summary import summary
from bot.freshness import together
from bot.money import say
from bot.notices import Block, Card
from bot.policy import Policy
from bot.review_answers import may_be_taken_back
from bot.review_clock import PAGE, minutes_to_post, steps
from bot.review_decisions import Choice, Retire
from bot.review_weeks import say_week
from bot.reviews import Item, Review
from bot.teams import Team

_HOW = (
    "Each owner decides here: press a button, or reply `keep`, `cap 400 monthly`, `cap 80/week`, "
    "`reroute cheap` or `retire 30 Nov`."
)
_WHY = 200
_LISTED = 5
_HALF_A_DAY = timedelta(hours=12)


def parent(review: Review, team: Team, zone: str, policy: Policy) -> Card:
    if not review.items:
        return lines([_title(review, team, zone), _nothing(team)])
    if review.closed_at is not None:
        return lines([f"{_progress(review, team, zone)} · closed", *summary(review)])
    shown = [_progress(review, team, zone), _spent_in_all(review), *months_question(review, zone)]
    shown += [_freshness(review, zone), *_on_their_way(review)]
    return lines(shown, f"{_HOW} {_clocks(review, zone, policy)}")


def _freshness(review: Review, zone: str) -> str:
    """Of all the sums above it, as it was when the thread was opened."""
    feeds = together(feed for item in review.items for feed in item.figures.feeds)
    return freshness(feeds, zone, at=said)


def _on_their_way(review: Review) -> Iterable[str]:
    left = 0 if review.posted is None else len(review.items) - review.posted
    if left and len(review.items) > PAGE:
        minutes = minutes_to_post(len(review.items))
        yield (
            f"Posting {len(review.items):,} replies, about {minutes} minutes. Typed answers are "
            "taken from the start."
        )


def _clocks(review: Review, zone: str, policy: Policy) -> str:
    """When somebody is reminded, and what silence means."""
    found = steps(review, policy)
    reminders = " and ".join(said(one.at, zone) for one in found if not one.asks_approver)
    asks = next(said(one.at, zone) for one in found if one.asks_approver)
    reminds = f"Owners are reminded {reminders}; the" if reminders else "The"
    return (
        f"{reminds} approver is asked {asks}. What nobody decides before the next review is kept, "
        "unreviewed; silence retires nothing."
    )


def closing(review: Review, team: Team, zone: str) -> Card:
    """The last word in the thread. It mentions nobody."""
    return lines([f"{_progress(review, team, zone)} · this review is closed", *summary(review)])


def reply(review: Review, item: Item, zone: str) -> Card:
    """One workflow: the figures of the day the thread was opened, and what was decided."""
    shown = [_heading(item, zone), *figures_said(item.figures, zone)]
    shown += suggested(item.figures.recommendation)
    if item.decided is not None:
        shown += [decided_said(item.decided, item.owner), *still_said(item, item.decided)]
    blocks = [section("\n".join(shown))]
    buttons = _buttons(review, item)
    return Card(flat(shown), tuple([*blocks, actions(*buttons)] if buttons else blocks))


def opened(review: Review, team: Team, zone: str, *, new: bool) -> Card:
    """To the admin who asked for it."""
    if not review.items:
        return lines([_title(review, team, zone), _nothing(team)])
    state = "closed" if review.closed_at else "open"
    before = "" if new else " already"
    return lines(
        [f"{_progress(review, team, zone)} · it is {state} in <#{review.channel}>{before}."]
    )


def _nothing(team: Team) -> str:
    what = "no active or paused workflow waits for a decision"
    return f"{named(team.name)} has nothing to review: {what}."


def _progress(review: Review, team: Team, zone: str) -> str:
    title = _title(review, team, zone)
    return f"{title} · {review.decided} of {len(review.items)} decided"


def _title(review: Review, team: Team, zone: str) -> str:
    early = " so far" if review.opened_at < review.week.end else ""
    return f"*Weekly review of {named(team.name)}* · week {say_week(review.week, zone)}{early}"


def _spent_in_all(review: Review) -> str:
    spent = sum((item.figures.week for item in review.items), Decimal(0))
    return f"Spent in the week: {say(spent)}" if spent else "Nothing was spent in the week."


def _heading(item: Item, zone: str) -> str:
    return f"*{named(item.figures.name)}* ({key_said(item.workflow)}) · {_whom(item, zone)}"


def _whom(item: Item, zone: str) -> str:
    """The owner, or who was spoken to for them, unless another has it since."""
    if item.owner is None:
        return "nobody owns it"
    whom = item.figures.addressed
    if whom is None or item.owner not in {whom.person, whom.instead_of}:
        return person(item.owner)
    return addressed_said(whom, zone)


def _buttons(review: Review, item: Item) -> list[Block]:
    undo = _undo(item)
    if review.closed_at is not None:
        return undo
    return [
        *(_choice(item, *one) for one in _CHOICES),
        button("Reassign…", "reassignment.open", item.notice),
        *undo,
    ]


_CHOICES = (
    (Choice.KEEP, "Keep"),
    (Choice.CAP, "Cap…"),
    (Choice.REROUTE, "Reroute…"),
    (Choice.RETIRE, "Retire…"),
)


def _choice(item: Item, choice: Choice, label: str) -> Block:
    """What is recommended stands out until something is decided."""
    found = item.figures.recommendation
    meant = found.choice if found else Choice.KEEP
    style = "primary" if choice is meant and item.decided is None else None
    return button(label, f"review.{choice}", item.notice, style=style)


def _undo(item: Item) -> list[Block]:
    if item.decided is None or not may_be_taken_back(item, item.decided.at):
        return []
    label = "Keep after all" if isinstance(item.decided.decision, Retire) else "Undo (for a day)"
    return [button(label, "review.undo", item.notice)]
