from bot.names import nearest, tidy
from bot.refusal import Unknown
from bot.teams import Team
from storage.ledger import Ledger

_EXAMPLE = "Write its key, like `/budget review now search`. "


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
    guess = nearest(wanted, [one.key for one in teams])
    hint = f"Did you mean `/budget review now {guess}`? " if guess else ""
    known = ", ".join(f"`{one.key}`" for one in teams[:20]) or "none is registered yet"
    raise Unknown(f"Which team? {hint or _EXAMPLE}Teams: {known}.")
