"""Who stands in for whom, and when: added to them, never instead of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Delegation:
    """`to` may do in `[start, end)` (UTC) what `by` may. People are Slack ids."""

    id: str
    by: str
    to: str
    start: datetime
    end: datetime
    reason: str

    def in_force(self, now: datetime) -> bool:
        return self.start <= now < self.end


@dataclass(frozen=True)
class Absence:
    """`person` is away in `[start, end)` (UTC): backups are addressed beside them."""

    person: str
    start: datetime
    end: datetime

    def in_force(self, now: datetime) -> bool:
        return self.start <= now < self.end


@dataclass(frozen=True)
class Acting:
    """`person` acts, for `instead_of` where that is somebody else."""

    person: str
    instead_of: str | None = None


def acting(
    group: Iterable[str], delegations: Iterable[Delegation], now: datetime
) -> tuple[Acting, ...]:
    """The group, then whoever stands in for one of it; each person once, as themselves first. Who
    stands in passes that on to nobody.
    """
    own = tuple(dict.fromkeys(group))
    known = {person: Acting(person) for person in own}
    for one in delegations:
        if one.by in own and one.in_force(now):
            known.setdefault(one.to, Acting(one.to, one.by))
    return tuple(known.values())
