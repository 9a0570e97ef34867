"""`/budget help`, and where else lives what is asked of `/budget`."""

from bot.cards.kit import clip, escape, section
from bot.names import slug
from bot.notices import Card

_KEY = "search-ranking"

# Each line begins with an example to copy, and may hold a second command.
_GROUPS = {
    "See budgets": (
        "`/budget status` – your workflows at a glance, and what waits for you",
        "`/budget list` – every workflow; `/budget list mine` or `/budget list search` – some",
        "`/budget show search-ranking` – its contract, and buttons to change it",
        "`/budget why search-ranking` – where each cap comes from, and what is spent",
        "`/budget history search-ranking` – who changed what, and why",
        "`/budget sources` – where spend is heard of, how far, and what is not well",
    ),
    "Ask for money": (
        "`/budget request 100 search-ranking` – ask for more; `/budget requests` – all that wait",
        "`/budget break-glass search-ranking` – money at once in an incident, reviewed next day",
    ),
    "Decide": (
        "`/budget review why` – what the weekly review's recommendations rest on",
        "`/budget delegate` – name who stands in; `/budget away to 1 Dec` – your backups step in",
    ),
    "Registry": (
        "`/budget register search-ranking` – new; `/budget activate search-ranking` – agree to it",
        "`/budget edit search-ranking` – change its contract",
        "`/budget pause search-ranking it loops` – no budget; `/budget resume search-ranking`",
        "`/budget reassign search-ranking` – ask somebody else to own it; they accept or decline",
        "`/budget retire search-ranking` – end it for good, now or after a day",
    ),
    "Messages": (
        "`/budget settings` – your quiet hours and digest",
        "`/budget deliveries search-ranking` – what was sent, what waits or failed and why",
        "`/budget test-alert search-ranking` – see where its alerts go",
    ),
    "Attribution": (
        "`/budget whose` – spend that belongs to nobody; `/budget whose key oct` – in October",
        "`/budget rules` – the rules that say whose spend is whose, and buttons to change them",
        "`/budget gaps` – what nobody answers for, and what to do about it",
    ),
    "Finance and admins": (
        "`/budget adjust search-ranking -120` – book by hand; `/budget adjust list` – with *Undo*",
        "`/budget reconcile openai` – its bill beside what was seen; `/budget reconcile` – all",
    ),
    "Admins": (
        "`/budget review now search` – open a team's weekly review early",
        "`/budget expedite search-ranking 3 of 3 outcomes met` – only the approver is asked",
    ),
}
# What a command takes besides, where somebody asks for that one alone.
_MORE = {
    "whose": "A month may stand behind it, `/budget whose oct`, `/budget whose last month`, and "
    "what spend is known by, `/budget whose key oct`: key, team, project, declared, service, "
    "repository, person or source.",
    "reconcile": "A month or a day may stand behind it: `/budget reconcile openai oct`, `/budget "
    "reconcile openai last month`, `/budget reconcile openai 14 nov`.",
}
_LINES = tuple(line for group in _GROUPS.values() for line in group)

# What people type for what is no command; {key} is what they named.
_ELSEWHERE = {
    "explain": "*Explain…* is a button on the alert. `/budget why {key}` says where money went.",
    "snooze": "*Snooze…* is a button on the alert. `/budget settings` has your quiet hours.",
    "who": "`/budget show {key}` says who owns, backs up and approves it; `/budget history {key}` "
    "who changed what.",
    "undo": "What can be taken back has its own *Undo* button on its message. `/budget history "
    "{key}` shows what was changed; `/budget edit {key}` changes it again.",
    "cap": "`/budget edit {key}` lowers a cap; `/budget request {key}` asks for a higher one.",
    "approve": "*Approve* is a button on the request: `/budget requests` lists those that wait.",
    "deny": "*Deny…* is a button on the request: `/budget requests` lists those that wait.",
    "keep": "*Keep* is a button in the weekly review's thread, and a reply to it.",
    "reroute": "*Reroute…* is a button in the review's thread; `/budget edit {key}` has the tier.",
}


def all_of_it() -> Card:
    shown = ["*What budget-bot understands* (put in your own workflow or team)"]
    for group, group_lines in _GROUPS.items():
        shown += [f"*{group}*", *group_lines]
    shown.append("`/budget help request` – one command alone")
    text = "\n".join(shown)
    return Card(text, (section(text),))


def of_command(verb: str) -> Card | None:
    """None where nothing is called so."""
    found = [line for line in _LINES if f"`/budget {verb}`" in line or f"`/budget {verb} " in line]
    if found:
        shown = [f"{line}{_only(line)}" for line in found]
        shown += [_MORE[verb]] if verb in _MORE else []
        text = "\n".join([f"*`/budget {verb}`* (put in your own workflow or team)", *shown])
        return Card(text, (section(text),))
    return elsewhere(verb, "")


def _only(line: str) -> str:
    groups = ("Finance and admins", "Admins")
    return next((f" ({one.lower()} only)" for one in groups if line in _GROUPS[one]), "")


def elsewhere(verb: str, words: str) -> Card | None:
    """Where that is done which is no command."""
    if verb not in _ELSEWHERE:
        return None
    # An amount beside the workflow is no part of its key.
    named = " ".join(word for word in words.split() if not word.strip("$").isdecimal())
    where = _ELSEWHERE[verb].format(key=slug(named) or _KEY)
    text = f"“{verb}” is no command. {where}"
    return Card(text, (section(text),))


def unknown(verb: str, nearest: str | None) -> Card:
    shown = escape(clip(verb, 40))
    hint = f" Did you mean `/budget {nearest}`?" if nearest else ""
    text = f"“{shown}” is nothing `/budget` knows.{hint} `/budget help` shows what it does."
    return Card(text, (section(text),))


def status_of(words: str) -> str:
    """Status is about a person; what is behind it may be a workflow."""
    key = slug(words) or _KEY
    return (
        "`/budget status` shows all workflows of yours and takes nothing after it. "
        f"For one workflow: `/budget why {key}`."
    )
