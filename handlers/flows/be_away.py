from datetime import datetime

from bot.absences import read_away
from bot.cards import standing_in as cards
from bot.cards.terms import days_said
from bot.changes import Change
from bot.delegations import Absence
from bot.handovers import not_over, says_of, stretch
from bot.notices import Card
from bot.periods import local_day
from bot.policy import Organisation
from bot.workflows import Status, Workflow
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.zone_of import zone_of
from storage.ledger import Ledger


async def be_away(
    words: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Away from the first day through the last, in the person's own zone; it replaces what they
    said of those days before. Raises NoSuchDays.
    """
    held = await ledger.organisation.hold(organisation.admins)
    zone = await zone_of(ledger, held, by)
    days = read_away(words, local_day(now, zone))
    absence = Absence(by, *stretch(days.first, days.last, zone))
    kept = tuple(one for one in held.absences if one.end > now and not _same(one, absence))
    await ledger.organisation.stand_in(not_over(held.delegations, now), (*kept, absence))
    what = f"is away {days_said(absence.start, absence.end, zone)}"
    await ledger.changes.add(Change(now, by, f"person:{by}", what))
    owned = [one for one in await ledger.workflows.of_person(by) if _owned(one, by)]
    await _tell_backups(ledger, held, absence, owned, now)
    teams, workflows = await ledger.teams.all(), await ledger.workflows.all()
    approves = {"approver", "finance"} & {*says_of(by, held, teams, workflows)}
    covered = any(one.by == by and one.end >= absence.end for one in held.delegations)
    return cards.away(absence, owned, zone, approves=bool(approves) and not covered)


def _same(known: Absence, absence: Absence) -> bool:
    overlaps = known.start < absence.end and absence.start < known.end
    return known.person == absence.person and overlaps


def _owned(workflow: Workflow, by: str) -> bool:
    return workflow.owner == by and workflow.status is not Status.RETIRED


async def _tell_backups(
    ledger: Ledger,
    organisation: Organisation,
    absence: Absence,
    owned: list[Workflow],
    now: datetime,
) -> None:
    for backup in dict.fromkeys(one.backup for one in owned if one.backup):
        covered = [one for one in owned if one.backup == backup]
        zone = await zone_of(ledger, organisation, backup)
        card = cards.for_backup(absence, covered, zone)
        edges = f"{int(absence.start.timestamp())}:{int(absence.end.timestamp())}"
        key = f"away:{absence.person}:{edges}:{int(now.timestamp())}:{backup}"
        await tell_person(ledger, organisation, Word(key, backup, card), now)


async def be_back(by: str, ledger: Ledger, organisation: Organisation, now: datetime) -> Card:
    """Every absence of theirs is taken back."""
    held = await ledger.organisation.hold(organisation.admins)
    running = [one for one in held.absences if one.end > now]
    gone = [one for one in running if one.person == by]
    zone = await zone_of(ledger, held, by)
    if gone:
        left = (one for one in running if one.person != by)
        await ledger.organisation.stand_in(not_over(held.delegations, now), left)
        await ledger.changes.add(Change(now, by, f"person:{by}", "is back"))
    return cards.back(gone, zone)
