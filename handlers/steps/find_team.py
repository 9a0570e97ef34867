from bot.names import tidy
from bot.refusal import Unknown
from bot.teams import Team
from storage.ledger import Ledger


async def find_team(ledger: Ledger, words: str, channel: str) -> Team:
    """The team a person means: by key or name; without words the one whose channel this is.

    Raises Unknown naming those there are.
    """
    teams = await ledger.teams.all()
    wanted = tidy(words.strip("`'\"“”‘’ ")).casefold()
    if wanted:
        found = [one for one in teams if wanted in {one.key.casefold(), tidy(one.name).casefold()}]
    else:
        found = [one for one in teams if one.channel == channel]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"`{one.key}`" for one in teams[:20]) or "none is registered yet"
    raise Unknown(f"Which team? Write `/budget review now TEAM`. Teams: {known}.")
