"""Changing the rules of attribution: one at a time, and the first who changes one wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.attribution import Attribution, Clue, NotARule, Rule
from bot.charges import utc_day
from bot.delegations import acting
from bot.names import quoted, tidy
from bot.periods import Period, open_since
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal, TooLate
from bot.usage import OLDEST

PATTERN_LENGTH = 200
# In the audit trail.
ABOUT = "attribution"


class Reach(StrEnum):
    """How far back records are attributed anew. Closed periods only where somebody says so."""

    OPEN = "open"
    LAST_MONTH = "last_month"
    ALL = "all"

    @classmethod
    def of(cls, month: Period, running: Period) -> "Reach":
        """The least that moves spend of the month."""
        if month.start >= running.start:
            return cls.OPEN
        return cls.LAST_MONTH if month.end == running.start else cls.ALL

    @property
    def label(self) -> str:
        return {
            "open": "Only months that still run",
            "last_month": "Last month, too, though it is closed",
            "all": "All records ever, though their periods are closed",
        }[self.value]

    def since(self, now: datetime) -> datetime:
        running = open_since(now)
        if self is Reach.LAST_MONTH:
            return open_since(running - timedelta(days=1))
        return OLDEST if self is Reach.ALL else running


def reaches_closed(since: datetime, asked_at: datetime) -> bool:
    """Whether records since then are asked for on purpose of months that are over."""
    return since < open_since(asked_at)


def settled_since(since: datetime, asked_at: datetime, months: Iterable[datetime]) -> datetime:
    """The first UTC day of bills that is settled anew: it holds some of an open month, of which
    each began at one of `months`; or of what was asked for beyond.
    """
    return utc_day(since if reaches_closed(since, asked_at) else min(months))


@dataclass(frozen=True)
class RuleChange:
    """`before` None: a new rule; `after` None: it is removed; both alike: it takes another place.

    `place`: among the rules of its clue, from 0; None keeps it, and puts a new one last.
    """

    before: Rule | None
    after: Rule | None
    place: int | None = None

    @property
    def verb(self) -> str:
        if self.before is None:
            return "made"
        if self.after is None:
            return "removed"
        return "moved" if self.before == self.after else "changed"

    @property
    def rule(self) -> Rule:
        rule = self.after or self.before
        if rule is None:
            raise NotARule("A change needs a rule.")
        return rule


@dataclass(frozen=True)
class Undone:
    """A recount that reached months that were closed, of records since an instant: of months that
    are over, what it moved goes back to whom it belonged, and nothing else moves.
    """

    recount: int
    since: datetime


@dataclass(frozen=True)
class MadeChange:
    """A change that was saved, and what it was found to move: USD and records.

    `place`: where its rule stood before. `said`: the last word about its progress, in per cents.
    `undoes`: the recount whose moves this takes back.
    """

    id: int
    before: Rule | None
    after: Rule | None
    place: int | None
    recount: int
    reach: Reach
    cost: Decimal
    records: int
    made_by: str
    made_at: datetime
    notice: str
    said: int = 0
    told: bool = False
    undone_by: str | None = None
    undoes: int | None = None

    @property
    def change(self) -> RuleChange:
        return RuleChange(self.before, self.after)

    def check_stands(self) -> None:
        """Raises TooLate naming who took it back."""
        if self.undone_by is not None:
            raise TooLate(f"<@{self.undone_by}> has taken this back already.")

    @property
    def taken_back(self) -> RuleChange:
        return RuleChange(self.after, self.before, self.place)


def keepers(organisation: Organisation, now: datetime) -> frozenset[str]:
    """Who may change the rules: admins and finance, and who stands in for one of them."""
    group = (*organisation.admins, *organisation.finance)
    return frozenset(one.person for one in acting(group, organisation.delegations, now))


def check_keeper(by: str, organisation: Organisation, now: datetime) -> None:
    """Raises NotAllowed."""
    if by not in keepers(organisation, now):
        raise NotAllowed(
            "Only finance or an admin may change the rules by which spend is attributed. "
            "`/budget rules` shows them to everybody."
        )


def read_rule(clue: str, pattern: str, workflow: str) -> Rule:
    """As a person or a file writes it. Raises NotARule naming the field."""
    if clue not in set(Clue):
        raise NotARule(f"{quoted(clue)} is none of {', '.join(Clue)}.", field="clue")
    plain = tidy(pattern)
    if not plain:
        raise NotARule("Write what it looks for, exactly or with * and ?.", field="pattern")
    if plain != pattern.strip():
        raise NotARule(
            "It holds a sign that cannot be seen, or several spaces in a row: write * there.",
            field="pattern",
        )
    if len(plain) > PATTERN_LENGTH:
        raise NotARule(f"At most {PATTERN_LENGTH} characters.", field="pattern")
    if not workflow:
        raise NotARule("Choose the workflow whose spend it is.", field="workflow")
    return Rule(Clue(clue), plain, workflow)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(Attribution(rules).rules)


def place_of(rule: Rule, rules: Iterable[Rule]) -> int:
    """Among those of its clue, from 0. Raises TooLate where it is gone."""
    alike = [one for one in in_order(rules) if one.clue is rule.clue]
    if rule not in alike:
        raise TooLate(
            f"The rule for {rule.clue} {_pattern(rule)} was changed or removed by somebody "
            "else meanwhile. `/budget rules` shows what holds now."
        )
    return alike.index(rule)


def moved(rule: Rule, rules: Sequence[Rule], step: int) -> RuleChange:
    """Up by a negative step, down by another. Raises Refusal where it stands at the end."""
    place = place_of(rule, rules) + step
    if not 0 <= place < sum(one.clue is rule.clue for one in rules):
        raise Refusal(
            f"It is the {'first' if step < 0 else 'last'} of its kind already. Which kind of "
            "clue is asked first cannot be changed: a key is harder to claim than a name."
        )
    return RuleChange(rule, rule, place)


def applied(change: RuleChange, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules with it. Raises TooLate where the rule is not any more what was looked at."""
    before, after = change.before, change.after
    place = change.place
    if before is not None:
        stood = place_of(before, rules)
        stays = after is not None and after.clue is before.clue
        place = stood if place is None and stays else place
    others = [one for one in in_order(rules) if one != before]
    if after is None:
        return tuple(others)
    _check_new(after, others)
    alike = [one for one in others if one.clue is after.clue]
    rest = [one for one in others if one.clue is not after.clue]
    alike.insert(len(alike) if place is None else max(place, 0), after)
    return in_order([*alike, *rest])


def _pattern(rule: Rule) -> str:
    """In quotes, with a star that formats nothing, and is not lost."""
    return quoted(rule.pattern.replace("*", "\u2217"), PATTERN_LENGTH)


def _check_new(rule: Rule, others: Iterable[Rule]) -> None:
    same = next((one for one in others if one.id == rule.id), None)
    if same is not None:
        raise TooLate(
            f"There is a rule for {rule.clue} {_pattern(rule)} already: it leads to "
            f"{same.workflow}. Change that one in `/budget rules`.",
            field="pattern",
        )
