"""A changed contract: what holds at once, what somebody must approve first, what cannot be."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bot.labels import label
from bot.people import approvers_of, check_may_edit, may_activate
from bot.periods import CapKind
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.teams import Team
from bot.workflows import NotARecord, NotThatWay, Status, Workflow, contradictions, missing

# Before activation a cap is a proposal; raising it costs nobody anything.
_CAPS_ARE_AGREED = (Status.ACTIVE, Status.PAUSED, Status.ENDED)


class NoLimit(Refusal):
    """Without a cap there is nothing an approver could say yes to."""


class Wrong(Refusal):
    """Everything that is wrong with what was entered, each naming its field."""

    def __init__(self, found: Sequence[Refusal]) -> None:
        super().__init__(str(found[0]), field=found[0].field)
        self.found = tuple(found)


def at_once(before: Workflow, wanted: Workflow) -> Workflow:
    """`wanted` with every raised cap left as it is: an approver decides those.

    Raises NoLimit for a cap that is taken away, NotARecord for a new one that only fits below a
    raised one.
    """
    if before.status not in _CAPS_ARE_AGREED:
        return wanted
    caps = wanted.caps
    for kind, base in before.caps.present():
        caps = caps.having(kind, min(base, _wanted(before, wanted, kind)))
    after = replace(wanted, caps=caps)
    for problem in contradictions(after):
        raise NotARecord(f"{problem} Add it once that raise is approved.", field=problem.field)
    return after


def _wanted(before: Workflow, wanted: Workflow, kind: CapKind) -> Decimal:
    cap = wanted.caps.of(kind)
    if cap is None:
        raise NoLimit(
            f"Without its {kind} cap {before.key} could spend without a limit. Enter a higher "
            "cap to ask for more, or ask an admin to remove it with `contract apply`.",
            field=f"{kind}_cap",
        )
    return cap


def unasked(before: Workflow, wanted: Workflow, reason: str) -> Iterator[Refusal]:
    """What keeps the raises in an edit from being asked for, each naming its field."""
    if before.status not in _CAPS_ARE_AGREED:
        return
    raised = False
    for kind, base in before.caps.present():
        try:
            raised = _wanted(before, wanted, kind) > base or raised
        except NoLimit as refusal:
            yield refusal
    if raised and not reason.strip():
        yield NotARecord("Say why: the approver decides by it.", field="reason")


def check_edit(
    before: Workflow,
    wanted: Workflow,
    teams: tuple[Team, Team],
    by: str,
    organisation: Organisation,
    now: datetime,
) -> None:
    """`teams`: the one it belongs to, and the one it is to belong to. Raises Refusal: who may, or
    what cannot be.
    """
    team, _ = teams
    check_may_edit(by, before, team, organisation, now)
    if before.status is Status.RETIRED:
        raise NotThatWay(f"{before.key} is retired; its contract is closed.")
    if wanted.owner != before.owner and not may_activate(by, before, team, organisation, now):
        raise NotAllowed(
            "Only the owner, the approver or an admin may name another owner.", field="owner"
        )
    if before.status in _CAPS_ARE_AGREED and by not in organisation.admins:
        _check_approver(before, wanted, teams, by, organisation)


def _check_approver(
    before: Workflow,
    wanted: Workflow,
    teams: tuple[Team, Team],
    by: str,
    organisation: Organisation,
) -> None:
    """Whoever asks for more does not choose who says yes, by name or by moving to another team."""
    approvers = set(approvers_of(before, teams[0])) - {before.owner}
    if by in approvers or (not approvers and by in {*organisation.finance} - {before.owner}):
        return
    may = f"Only {'the approver' if approvers else 'finance'} or an admin may"
    if wanted.approver != before.approver:
        raise NotAllowed(f"{may} name another approver.", field="approver")
    if approvers_of(before, teams[0]) != approvers_of(wanted, teams[1]):
        raise NotAllowed(
            f"{may} move it to team {teams[1].key}: somebody else approves there.", field="team"
        )


def wrong(before: Workflow | None, after: Workflow, team: Team, today: date) -> tuple[Refusal, ...]:
    """Everything that keeps the record from being saved, each naming its field."""
    return (
        *contradictions(after),
        *_past_dates(before, after, today),
        *_emptied(before, after, team),
    )


def _past_dates(before: Workflow | None, after: Workflow, today: date) -> Iterator[NotARecord]:
    for field in ("review_date", "ends_on"):
        day = getattr(after, field)
        if before is not None and day == getattr(before, field):
            continue
        if day is not None and day < today:
            yield NotARecord(f"The {label(field)} {day:%-d %b %Y} has passed.", field=field)


def _emptied(before: Workflow | None, after: Workflow, team: Team) -> Iterator[NotARecord]:
    if before is None or after.status not in _CAPS_ARE_AGREED:
        return
    lacked = missing(before, team)
    for name in (one for one in missing(after, team) if one not in lacked):
        yield NotARecord(
            f"It is {after.status}: {after.kind.noun} cannot be without its {label(name)}.",
            field=name.split()[0],
        )
