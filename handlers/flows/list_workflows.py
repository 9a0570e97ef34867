from collections.abc import Mapping

from bot.cards import kit, registry
from bot.names import nearest, tidy
from bot.notices import Card
from bot.refusal import Unknown
from bot.teams import Team
from bot.workflows import Workflow
from storage.ledger import Ledger

MINE = "mine"
_SHOWN = 20


async def list_workflows(words: str, *, by: str, start: int, ledger: Ledger) -> Card:
    """`words`: '' for all, `mine`, or a team's key or name. Raises Unknown."""
    teams = {team.key: team for team in await ledger.teams.all()}
    wanted = _wanted(tidy(words), teams)
    return registry.listed(await _of(wanted, by, ledger), teams, wanted=wanted, start=start)


async def _of(wanted: str, by: str, ledger: Ledger) -> tuple[Workflow, ...]:
    if wanted == MINE:
        return await ledger.workflows.of_person(by)
    return await ledger.workflows.all(team=wanted or None)


def _wanted(words: str, teams: Mapping[str, Team]) -> str:
    typed = words.casefold().removeprefix("team ")
    if typed in {"", MINE, *teams}:
        return typed
    named = [key for key, team in teams.items() if team.name.casefold() == typed]
    if len(named) == 1:
        return named[0]
    guess = nearest(typed, [*teams, MINE])
    hint = f" Did you mean `/budget list {guess}`?" if guess else ""
    raise Unknown(f"There is no team “{kit.named(words, 40)}”.{hint} {_known(teams)}")


def _known(teams: Mapping[str, Team]) -> str:
    known = ", ".join(f"`{key}`" for key in [*teams][:_SHOWN]) or "none is registered yet"
    return f"Teams: {known}. `/budget list` shows the workflows of all."
