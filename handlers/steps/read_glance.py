from datetime import datetime

from bot.attribution import UNATTRIBUTED, UNMETERED
from bot.break_glass import BreakGlass, reviewers
from bot.calendars import running_month
from bot.glances import Glance, Uncharged
from bot.outcomes import Outcome
from bot.policy import Organisation
from bot.review_answers import is_asked
from bot.revocations import Revocation
from bot.workflows import Status, Workflow
from handlers.steps.read_feeds import read_all_feeds
from handlers.steps.read_open_requests import read_open_requests
from handlers.steps.read_positions import read_positions
from handlers.steps.take_forecast import with_forecasts
from storage.ledger import Ledger

_NAMES = 5


async def read_glance(
    ledger: Ledger, organisation: Organisation, user: str, now: datetime
) -> Glance:
    """The person's workflows, and what waits for them."""
    mine = await ledger.workflows.of_person(user)
    living = [one for one in mine if one.status is not Status.RETIRED]
    positions = await read_positions(ledger, living, now)
    requests = await read_open_requests(ledger, organisation, user, now)
    return Glance(
        positions=await with_forecasts(ledger, positions, now, only_near=True),
        asked=tuple(one.request for one in requests.asked),
        to_answer=tuple(one.request for one in requests.to_answer),
        reviews=await _reviews(ledger, organisation, user, now),
        uncharged=await _uncharged(ledger, organisation, user, now),
        keys=await _keys(ledger, user),
        offers=await ledger.reassignments.to_answer(user),
        outcomes=await _outcomes(ledger, user),
        broken=await _broken(ledger, organisation, user, now),
        alerts=await _alerts(ledger, user, now),
    )


async def _alerts(ledger: Ledger, user: str, now: datetime) -> tuple[tuple[Workflow, str], ...]:
    """Those the person was told of and that nobody has acted on, with the workflow's channel."""
    keys = [one.workflow for one in await ledger.acknowledgements.asking(now) if user in one.told]
    if not keys:
        return ()
    known = await ledger.workflows.find(keys)
    channels = {team.key: team.channel for team in await ledger.teams.all()}
    return tuple((known[key], known[key].channel or channels[known[key].team]) for key in keys)


async def _reviews(
    ledger: Ledger, organisation: Organisation, user: str, now: datetime
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By channel, the workflows the person is asked about."""
    undecided = await ledger.reviews.undecided()
    workflows = await ledger.workflows.find(key for _, key in undecided)
    teams = {team.key: team for team in await ledger.teams.all()} if undecided else {}
    found: dict[str, list[str]] = {}
    for channel, key in undecided:
        workflow = workflows[key]
        if is_asked(user, workflow, teams[workflow.team], organisation, now):
            found.setdefault(channel, []).append(key)
    return tuple((channel, tuple(keys)) for channel, keys in found.items())


async def _outcomes(ledger: Ledger, user: str) -> tuple[tuple[Outcome, str], ...]:
    found = await ledger.outcomes.waiting_for(user)
    known = await ledger.workflows.find(one.workflow for one in found)
    return tuple((one, known[one.workflow].name) for one in found)


async def _broken(
    ledger: Ledger, organisation: Organisation, user: str, now: datetime
) -> tuple[tuple[BreakGlass, str, str], ...]:
    """Those the person may judge."""
    found = []
    for one in await ledger.break_glass.waiting():
        workflow = await ledger.workflows.get(one.workflow)
        team = await ledger.teams.get(workflow.team)
        request = await ledger.requests.get(one.request)
        may = reviewers(one, request.owner, workflow, team, organisation, now)
        if any(user == each.person for each in may):
            found.append((one, workflow.name, request.channel))
    return tuple(found)


async def _keys(ledger: Ledger, user: str) -> tuple[tuple[Revocation, str], ...]:
    found = await ledger.revocations.waiting_for(user)
    known = await ledger.workflows.find(one.workflow for one in found)
    return tuple((one, known[one.workflow].name) for one in found)


async def _uncharged(
    ledger: Ledger, organisation: Organisation, user: str, now: datetime
) -> Uncharged | None:
    """For those who see everybody's names."""
    if user not in {*organisation.admins, *organisation.finance}:
        return None
    month = running_month(organisation.policy, now)
    return Uncharged(
        await ledger.spend.of(UNATTRIBUTED, month),
        await ledger.traces.declared(month.start, month.end, _NAMES),
        await ledger.spend.of(UNMETERED, month),
        await read_all_feeds(ledger, month.start, now),
        organisation.policy.timezone,
    )
