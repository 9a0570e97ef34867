from bot.cards.kit import clip, escape, section
from bot.notices import Card

_LINES = (
    "`/budget status` – your workflows at a glance, and what waits for you",
    "`/budget list [TEAM|mine]` – the registry · `/budget show KEY` · `/budget history KEY`",
    "`/budget why KEY` – where a cap comes from, and what is spent",
    "`/budget request [KEY]` – ask for more",
    "`/budget register [KEY]` – a new workflow · `/budget edit KEY` · `/budget activate KEY`",
    "`/budget pause KEY [reason]` · `/budget resume KEY` · `/budget retire KEY`",
    "`/budget review now [TEAM]` – open the weekly review early (admins)",
)


def all_of_it() -> Card:
    text = "\n".join(("*What budget-bot understands*", *_LINES))
    return Card(text, (section(text),))


def unknown(verb: str, nearest: str | None) -> Card:
    shown = escape(clip(verb, 40))
    hint = f" Did you mean `/budget {nearest}`?" if nearest else ""
    text = f"“{shown}” is nothing `/budget` knows.{hint} `/budget help` shows what it does."
    return Card(text, (section(text),))
