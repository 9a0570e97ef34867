from bot.names import slug
from bot.refusal import Refusal
from bot.teams import Team
from storage.ledger import Ledger
from storage.workflows import TakenKey


async def begin_registration(
    words: str, *, channel: str, ledger: Ledger
) -> tuple[tuple[Team, ...], str | None]:
    """The teams to choose from, and the one whose channel it is asked in.

    Raises Refusal when there is no team yet, TakenKey for a workflow that is there.
    """
    teams = await ledger.teams.all()
    if not teams:
        raise Refusal(
            "There is no team yet. An admin adds teams with `budget-bot contract apply FILE.yaml`."
        )
    key = slug(words)
    if key and key in await ledger.workflows.names():
        raise TakenKey(f"There is a workflow `{key}` already. `/budget edit {key}` changes it.")
    here = next((team.key for team in teams if team.channel == channel), None)
    return teams, here or (teams[0].key if len(teams) == 1 else None)
