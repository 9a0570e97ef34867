from bot.cards.kit import clip, escape, section
from bot.names import slug
from bot.notices import Card

_LINES = (
    "`/budget status` – your workflows at a glance, and what waits for you",
    "`/budget list` – every workflow; `/budget list mine` or `/budget list search` – some of them",
    "`/budget show search-ranking` – its contract, and buttons to change it",
    "`/budget why search-ranking` – where each cap comes from, and what is spent",
    "`/budget history search-ranking` – who changed what, and why",
    "`/budget request search-ranking` – ask for more; `/budget requests` – all that wait",
    "`/budget register search-ranking` – new; `/budget activate search-ranking` – agree to it",
    "`/budget edit search-ranking` – change its contract",
    "`/budget pause search-ranking it loops` – no budget; `/budget resume search-ranking` – again",
    "`/budget reassign search-ranking` – ask somebody else to own it; they accept or decline",
    "`/budget retire search-ranking` – end it for good, now or after a day",
    "`/budget expedite search-ranking 3 of 3 outcomes met` – only the approver is asked (admins)",
    "`/budget break-glass search-ranking` – money at once in an incident, reviewed next day",
    "`/budget delegate` – name who stands in; `/budget away to 1 Dec` – your backups step in",
    "`/budget test-alert search-ranking` – see where its alerts go",
    "`/budget deliveries search-ranking` – what was sent, what failed and why",
    "`/budget settings` – your quiet hours and digest",
    "`/budget review now search` – open a team's weekly review (admins); `/budget review why`",
)


def all_of_it() -> Card:
    text = "\n".join(("*What budget-bot understands* (put in your own workflow or team)", *_LINES))
    return Card(text, (section(text),))


def unknown(verb: str, nearest: str | None) -> Card:
    shown = escape(clip(verb, 40))
    hint = f" Did you mean `/budget {nearest}`?" if nearest else ""
    text = f"“{shown}” is nothing `/budget` knows.{hint} `/budget help` shows what it does."
    return Card(text, (section(text),))


def status_of(words: str) -> str:
    """Status is about a person; what is behind it may be a workflow."""
    key = slug(words) or "search-ranking"
    return (
        "`/budget status` shows all workflows of yours and takes nothing after it. "
        f"For one workflow: `/budget why {key}`."
    )
