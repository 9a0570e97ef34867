from datetime import datetime

from bot.edits import Wrong, wrong
from bot.people import NO_MEMBER
from bot.periods import local_day, zone_now
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.workflows import Workflow, with_calendar
from storage.ledger import Ledger


async def check_contract(
    ledger: Ledger,
    organisation: Organisation,
    before: Workflow | None,
    after: Workflow,
    now: datetime,
) -> Workflow:
    """`after` with the days of its team counted in its team's zone. Raises Wrong, Unknown."""
    team = await ledger.teams.get(after.team)
    settled = with_calendar(after, team.zone(organisation), organisation.policy.week_start, now)
    today = local_day(now, zone_now(settled.calendars, now))
    found = (*wrong(before, settled, team, today), *await _strangers(ledger, before, settled))
    if found:
        raise Wrong(found)
    return settled


async def _strangers(
    ledger: Ledger, before: Workflow | None, after: Workflow
) -> tuple[Refusal, ...]:
    """People who left, guests and bots answer for nothing; nobody is their own backup."""
    found: list[Refusal] = []
    for field in ("owner", "backup", "approver"):
        user = getattr(after, field)
        if user is None or (before is not None and user == getattr(before, field)):
            continue
        if not await _is_member(ledger, user):
            found.append(Refusal(NO_MEMBER, field=field))
        elif field == "backup" and user == after.owner:
            found.append(Refusal("The backup is somebody else than the owner.", field=field))
    return tuple(found)


async def _is_member(ledger: Ledger, user: str) -> bool:
    """Also somebody the bot has not met."""
    person = await ledger.people.find(user)
    return person is None or person.is_member
