from bot.cards.kit import named
from bot.names import nearest, slug, tidy
from bot.refusal import Refusal, Unknown
from bot.workflows import Status, Workflow
from storage.ledger import Ledger


async def find_workflow(ledger: Ledger, words: str, *, by: str, verb: str) -> Workflow:
    """The workflow a person means: its key or name; without words the only one they answer for.

    Raises Refusal with the nearest key, or with examples of what to type.
    """
    typed = tidy(words.strip("`'\"“”‘’ "))
    if not typed:
        return _only_one(await ledger.workflows.of_person(by), verb)
    known = await ledger.workflows.names()
    key = _meant(typed, known)
    if key is None:
        raise Unknown(_unknown(typed, known))
    return await ledger.workflows.get(key)


def _meant(typed: str, known: dict[str, str]) -> str | None:
    if typed.lower() in known:
        return typed.lower()
    by_name = [key for key, name in known.items() if tidy(name).casefold() == typed.casefold()]
    if len(by_name) == 1:
        return by_name[0]
    return slug(typed) if slug(typed) in known else None


def _unknown(typed: str, known: dict[str, str]) -> str:
    guess = nearest(slug(typed), known)
    hint = f"Did you mean `{guess}`?" if guess else "`/budget list` shows them all."
    return f"There is no workflow “{named(typed, 40)}”. {hint}"


def _only_one(mine: tuple[Workflow, ...], verb: str) -> Workflow:
    living = [one for one in mine if one.status is not Status.RETIRED]
    if len(living) == 1:
        return living[0]
    example = living[0].key if living else "search-ranking"
    yours = ", ".join(f"`{one.key}`" for one in living[:20])
    raise Refusal(
        f"Which workflow? Write its key, for example `/budget {verb} {example}`. "
        + (f"Yours: {yours}." if yours else "`/budget list` shows them all.")
    )
