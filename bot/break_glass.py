"""Money at once in an incident: who may take it, how much, and who looks at it afterwards."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from bot.delegations import Acting, acting
from bot.money import CENT, say
from bot.names import tidy
from bot.people import approvers_of
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.teams import Team
from bot.workflows import Workflow
from bot.working_days import next_morning

ASKED_AT = time(9)
LENGTH = 700


class Review(StrEnum):
    """Where the look at it stands. `OPEN`: nobody was asked yet."""

    OPEN = "open"
    ASKED = "asked"
    REMINDED = "reminded"
    RIGHT = "right"
    WRONG = "wrong"
    NOT_REVIEWED = "not_reviewed"

    @property
    def answered(self) -> bool:
        return self in {Review.RIGHT, Review.WRONG}

    @property
    def waits(self) -> bool:
        return self in {Review.ASKED, Review.REMINDED}

    @property
    def words(self) -> str:
        return {"right": "it was right", "wrong": "it was not right"}.get(
            self, "not reviewed" if self is Review.NOT_REVIEWED else "not reviewed yet"
        )


class AlreadyReviewed(Refusal):
    """The first answer counts."""


@dataclass(frozen=True)
class BreakGlass:
    """The request of that id was taken by `by` without asking. `due_at`: when the clock acts."""

    request: str
    workflow: str
    by: str
    at: datetime
    state: Review = Review.OPEN
    due_at: datetime | None = None
    note: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = None

    @property
    def notice(self) -> str:
        """The outbox key of the question about it."""
        return f"break-glass:{self.request}:review"


_NEXT = {
    Review.OPEN: Review.ASKED,
    Review.ASKED: Review.REMINDED,
    Review.REMINDED: Review.NOT_REVIEWED,
}


def moved_on(one: BreakGlass, zone: str, now: datetime) -> BreakGlass:
    """What the clock makes of it: asked, reminded a working day later, then left as it is."""
    state = _NEXT[one.state]
    due = next_morning(now, zone, ASKED_AT) if state.waits else None
    return replace(one, state=state, due_at=due)


def may_break(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> bool:
    """The owner, the backup, the approver, an admin, or who stands in for one of them."""
    named = (workflow.owner, workflow.backup, *approvers_of(workflow, team), *organisation.admins)
    able = acting((one for one in named if one), organisation.delegations, now)
    return any(by == one.person for one in able)


def check_may_break(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> None:
    """Raises NotAllowed naming who may."""
    if may_break(by, workflow, team, organisation, now):
        return
    named = (workflow.owner, workflow.backup, *approvers_of(workflow, team))
    who = " or ".join(f"<@{one}>" for one in dict.fromkeys(named) if one)
    may = f"{who} (or an admin)" if who else "an admin"
    raise NotAllowed(f"Only {may} may break the glass for {workflow.key}.")


@dataclass(frozen=True)
class Reach:
    """How many of a cap's own periods, each a `noun`, get the whole amount."""

    periods: int
    noun: str

    def each_of(self, most: Decimal) -> Decimal:
        """The largest amount, in whole cents, that stays within `most` in all of them."""
        return (most / self.periods).quantize(CENT, ROUND_DOWN)

    def in_all(self, amount: Decimal) -> str:
        """`$250.00 in each of 2 weeks, $500.00 in all`"""
        if self.periods == 1:
            return say(amount)
        each = f"{say(amount)} in each of {self.periods} {self.noun}s"
        return f"{each}, {say(amount * self.periods)} in all"


def check_amount(amount: Decimal, most: Decimal, reach: Reach) -> None:
    """Raises Refusal naming the field."""
    if amount < CENT:
        raise Refusal(f"Take {say(CENT)} or more.", field="amount")
    if amount * reach.periods > most:
        raise Refusal(
            f"At most {say(most)} in an incident{_too_much(amount, most, reach)} "
            "(break_glass_up_to of the policy, which an admin changes in the contract file). Ask "
            "for more with /budget request.",
            field="amount",
        )


def _too_much(amount: Decimal, most: Decimal, reach: Reach) -> str:
    if reach.periods == 1:
        return ""
    return f", and this is {reach.in_all(amount)}: take {say(reach.each_of(most))} or less"


def read_incident(text: str) -> str:
    """The incident on one line. Raises Refusal."""
    return _read(text, "Say which incident it is: approver and finance read it.", "reason")


def read_note(text: str) -> str:
    """Raises Refusal: a no without a reason helps nobody."""
    return _read(text, "Say why not: whoever took it is told.", "note")


def _read(text: str, empty: str, field: str) -> str:
    words = tidy(text)
    if not words:
        raise Refusal(empty, field=field)
    if len(words) > LENGTH:
        raise Refusal(f"At most {LENGTH} characters.", field=field)
    return words


def reviewers(
    one: BreakGlass,
    owner_then: str | None,
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
) -> tuple[Acting, ...]:
    """The approver and finance, and who stands in for them; nobody who took it, owned the workflow
    then or owns it now. Admins where nobody is left.
    """
    barred = {one.by, owner_then, workflow.owner}
    group = (*approvers_of(workflow, team), *organisation.finance)
    for people in (group, organisation.admins):
        able = tuple(person for person in people if person not in barred)
        found = acting(able, organisation.delegations, now)
        left = tuple(each for each in found if each.person not in barred)
        if left:
            return left
    return ()


def check_may_review(by: str, one: BreakGlass, may: tuple[Acting, ...]) -> Acting:
    """Who answers, and for whom. Raises NotAllowed, AlreadyReviewed."""
    for each in may:
        if each.person == by:
            _check_waits(one)
            return each
    own = "Nobody reviews what they took themselves. " if by == one.by else ""
    who = " or ".join(f"<@{each.person}>" for each in may[:5]) or "nobody (no other is set)"
    raise NotAllowed(f"{own}{who} may say whether it was right.")


def _check_waits(one: BreakGlass) -> None:
    if one.state.answered:
        raise AlreadyReviewed(f"Already answered by <@{one.answered_by}>: {one.state.words}.")
    if not one.state.waits:
        raise AlreadyReviewed("Nobody answered in time: it stands as not reviewed.")


def reviewed(one: BreakGlass, verdict: Review, by: str, note: str, now: datetime) -> BreakGlass:
    words = read_note(note) if verdict is Review.WRONG else tidy(note)
    return replace(one, state=verdict, due_at=None, note=words, answered_by=by, answered_at=now)
