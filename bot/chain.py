"""Whose yes a request needs, one after the other: today's groups and whoever stands in for them,
never the requester, never the owner.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.delegations import Acting, acting
from bot.people import approvers_of
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.request_size import granted_already, is_expedited, size
from bot.requests import Approval, Request, RequestDraft, Standing, Step

_ORDER = (Step.APPROVER, Step.FINANCE, Step.ADMINS)


class NobodyMayApprove(Refusal):
    """Every group is empty once the requester and the owner are left out."""


@dataclass(frozen=True)
class Group:
    """Those of one step who may answer today; never empty."""

    step: Step
    acting: tuple[Acting, ...]

    def find(self, by: str) -> Acting | None:
        return next((one for one in self.acting if one.person == by), None)


@dataclass(frozen=True)
class Link:
    """One yes of the chain. `beyond` is the next group: once the link has `escalated`, it may
    answer as well.
    """

    group: Group
    beyond: Group | None = None
    escalated: bool = False
    approval: Approval | None = None

    @property
    def step(self) -> Step:
        return self.group.step

    @property
    def acting(self) -> tuple[Acting, ...]:
        """Everybody who may answer it now, each once."""
        helping = self.beyond.acting if self.escalated and self.beyond else ()
        known: dict[str, Acting] = {}
        for one in (*self.group.acting, *helping):
            known.setdefault(one.person, one)
        return tuple(known.values())

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(one.person for one in self.acting)

    def find(self, by: str) -> Acting | None:
        return next((one for one in self.acting if one.person == by), None)

    def agreed(self, approval: Approval) -> "Link":
        """A yes counts for its own step, and wherever else its giver would be asked."""
        counts = approval.step is self.step or self.group.find(approval.by) is not None
        return replace(self, approval=approval) if counts and self.approval is None else self


@dataclass(frozen=True)
class Chain:
    links: tuple[Link, ...]

    @property
    def waits(self) -> Link | None:
        """The link that lacks a yes; None when all is said."""
        return next((one for one in self.links if one.approval is None), None)

    @property
    def running(self) -> Link:
        """Whose turn it is. Where everybody left has said yes already, the last may say it again:
        groups can change while a request waits.
        """
        return self.waits or self.links[-1]

    @property
    def number(self) -> int:
        return self.links.index(self.running) + 1

    def agreed(self, approval: Approval) -> "Chain":
        return Chain(tuple(link.agreed(approval) for link in self.links))


def chain_for(
    draft: RequestDraft, standing: Standing, organisation: Organisation, now: datetime
) -> Chain:
    """The approver, and above `finance_over` (for proven return `expedited_over`) finance after
    them; the first group with anybody in
    it stands in for one that has nobody. Raises NobodyMayApprove naming what to set.
    """
    ladder = _ladder(draft, standing, organisation, now)
    wanted = _wanted(draft, standing, organisation, now)
    groups = dict.fromkeys(_first(ladder, step, standing) for step in wanted)
    escalated = isinstance(draft, Request) and draft.escalated_at is not None
    chain = Chain(tuple(Link(group, _beyond(ladder, group)) for group in groups))
    for approval in _approvals(draft):
        chain = chain.agreed(approval)
    turn = chain.running
    return Chain(tuple(replace(one, escalated=escalated and one is turn) for one in chain.links))


def _approvals(draft: RequestDraft) -> tuple[Approval, ...]:
    return draft.approvals if isinstance(draft, Request) else ()


def _wanted(
    draft: RequestDraft, standing: Standing, organisation: Organisation, now: datetime
) -> tuple[Step, ...]:
    """A request that has gone on to finance stays there."""
    together = size(draft, standing.workflow, now) + granted_already(draft, standing, now)
    if _approvals(draft):
        return (Step.APPROVER, Step.FINANCE)
    policy = organisation.policy
    if together > policy.finance_over and not is_expedited(draft, standing, policy, now):
        return (Step.APPROVER, Step.FINANCE)
    return (Step.APPROVER,)


def _ladder(
    draft: RequestDraft, standing: Standing, organisation: Organisation, now: datetime
) -> tuple[Group, ...]:
    """Every group with anybody left in it, in order."""
    no = barred(draft, standing)
    named = {
        Step.APPROVER: approvers_of(standing.workflow, standing.team),
        Step.FINANCE: organisation.finance,
        Step.ADMINS: organisation.admins,
    }
    groups = (Group(step, _left(named[step], no, organisation, now)) for step in _ORDER)
    return tuple(group for group in groups if group.acting)


def _left(
    named: Iterable[str], no: frozenset[str | None], organisation: Organisation, now: datetime
) -> tuple[Acting, ...]:
    """Whoever is barred passes nothing on, and stands in for nobody."""
    own = [one for one in named if one not in no]
    standing_in = acting(own, organisation.delegations, now)
    return tuple(one for one in standing_in if one.person not in no)


def _first(ladder: tuple[Group, ...], step: Step, standing: Standing) -> Group:
    at = _ORDER.index(step)
    found = next((group for group in ladder if _ORDER.index(group.step) >= at), None)
    if found is None:
        raise NobodyMayApprove(
            "Nobody may approve this: ask an admin to set an approver for team "
            f"{standing.team.key}, or `finance`, in the contract file.",
            field="workflow",
        )
    return found


def _beyond(ladder: tuple[Group, ...], group: Group) -> Group | None:
    after = ladder[ladder.index(group) + 1 :]
    return next(iter(after), None)


def barred(draft: RequestDraft, standing: Standing) -> frozenset[str | None]:
    """The requester, today's owner, and whoever owned it when it was asked."""
    then = draft.owner if isinstance(draft, Request) else None
    return frozenset({draft.asked_by, standing.workflow.owner, then})
