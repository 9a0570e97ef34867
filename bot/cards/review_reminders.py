"""What is said while a weekly review waits for answers."""

from collections.abc import Callable, Iterable, Sequence

from bot.addressing import Addressed
from bot.cards.addressing import absent
from bot.cards.kit import named, person, section
from bot.cards.review_lines import key_said, lines
from bot.notices import Card
from bot.review_weeks import say_week
from bot.reviews import Review
from bot.teams import Team
from bot.workflows import Workflow

_LISTED = 12

Telling = Callable[[Review, Team, str, Sequence[Workflow]], Card]


def reminder(review: Review, team: Team, zone: str, waiting: Sequence[Workflow]) -> Card:
    """To one person, about all they have to decide."""
    title = f"{_title(review, team, zone)} waits for your answer on {_keys(waiting)}."
    silence = "What nobody decides before the next review is kept, unreviewed."
    return lines([title, f"{_how(review, waiting)} {silence}"])


def in_place_of(card: Card, whom: Iterable[Addressed], zone: str) -> Card:
    """The same, with for whom the person is asked."""
    said = [f"You are spoken to in place of {absent(one, zone)}." for one in whom]
    if not said:
        return card
    text = " ".join(said)
    return Card(f"{card.text} · {text}", (*card.blocks, section(text)))


def asked(review: Review, team: Team, zone: str, waiting: Sequence[Workflow]) -> Card:
    """To an approver, when owners did not answer."""
    title = f"{_title(review, team, zone)}: nobody has answered for {_keys(waiting)}. You may."
    return lines([title, f"{_how(review, waiting)} Owners: {_owners(waiting)}."])


def _how(review: Review, waiting: Sequence[Workflow]) -> str:
    return (
        f"Answer in its thread in <#{review.channel}>: press a button, or reply "
        f"`keep {waiting[0].key}`."
    )


def still_undecided(waiting: Sequence[Workflow], people: Iterable[str]) -> Card:
    """In the thread, when the approvers are asked."""
    who = " and ".join(map(person, people))
    asked = f"{who} may decide now." if who else "Nobody is left to ask: an admin may decide."
    return lines([f"Still undecided: {_keys(waiting)}. {asked}"])


def _title(review: Review, team: Team, zone: str) -> str:
    return f"*Weekly review of {named(team.name)}*, week {say_week(review.week, zone)}"


def _keys(waiting: Sequence[Workflow]) -> str:
    more = f" and {len(waiting) - _LISTED} more" if len(waiting) > _LISTED else ""
    return f"{', '.join(key_said(one.key) for one in waiting[:_LISTED])}{more}"


def _owners(waiting: Sequence[Workflow]) -> str:
    owners = dict.fromkeys(one.owner for one in waiting)
    return ", ".join(person(one) for one in list(owners)[:_LISTED])
