"""Who is asked: those whose credential is set."""

from collections.abc import Iterator, Sequence

from bot.refusal import Unknown
from bot.sources import BILL
from handlers.settings import PREFIX, Settings
from handlers.vendors import anthropic, cursor, github, litellm, openai, openrouter
from handlers.vendors.anthropic import anthropic_cost
from handlers.vendors.claude_code import claude_code
from handlers.vendors.connector import Connector
from handlers.vendors.cursor import cursor_events
from handlers.vendors.github import copilot_credits
from handlers.vendors.litellm import litellm_logs
from handlers.vendors.openai import openai_costs
from handlers.vendors.openai_usage import openai_usage
from handlers.vendors.openrouter import openrouter_activity

# What each source wants set.
WANTED = {
    f"{BILL}openai": f"{PREFIX}OPENAI_ADMIN_KEY",
    f"{BILL}openai-usage": f"{PREFIX}OPENAI_ADMIN_KEY",
    f"{BILL}anthropic": f"{PREFIX}ANTHROPIC_ADMIN_KEY",
    f"{BILL}claude-code": f"{PREFIX}ANTHROPIC_ADMIN_KEY",
    f"{BILL}github": f"{PREFIX}GITHUB_TOKEN and {PREFIX}GITHUB_ORGANISATION",
    f"{BILL}cursor": f"{PREFIX}CURSOR_KEY",
    f"{BILL}openrouter": f"{PREFIX}OPENROUTER_KEY",
    "litellm": f"{PREFIX}LITELLM_URL and {PREFIX}LITELLM_KEY",
}


def connectors(settings: Settings) -> tuple[Connector, ...]:
    return (
        *_openai(settings),
        *_anthropic(settings),
        *_github(settings),
        *_cursor(settings),
        *_openrouter(settings),
        *_litellm(settings),
    )


def named(name: str, known: Sequence[Connector]) -> Connector:
    """By its name, with or without `bill/`. Raises Unknown."""
    names = (name, f"{BILL}{name}")
    for connector in known:
        if connector.source in names:
            return connector
    wanted = next((WANTED[one] for one in names if one in WANTED), None)
    if wanted is not None:
        raise Unknown(f"{name} is not set up: set {wanted}.")
    there = ", ".join(sorted({*WANTED, *(one.source for one in known)}))
    raise Unknown(f"There is no source of that name to ask. There are: {there}.")


def _openai(settings: Settings) -> Iterator[Connector]:
    vendor = openai.vendor(settings)
    if vendor is not None:
        yield openai_costs(vendor)
        yield openai_usage(vendor)


def _anthropic(settings: Settings) -> Iterator[Connector]:
    vendor = anthropic.vendor(settings)
    if vendor is not None:
        yield anthropic_cost(vendor)
        yield claude_code(vendor)


def _github(settings: Settings) -> Iterator[Connector]:
    vendor = github.vendor(settings)
    if vendor is not None and settings.github_organisation is not None:
        yield copilot_credits(vendor, settings.github_organisation)


def _cursor(settings: Settings) -> Iterator[Connector]:
    vendor = cursor.vendor(settings)
    if vendor is not None:
        yield cursor_events(vendor)


def _openrouter(settings: Settings) -> Iterator[Connector]:
    vendor = openrouter.vendor(settings)
    if vendor is not None:
        yield openrouter_activity(vendor)


def _litellm(settings: Settings) -> Iterator[Connector]:
    vendor = litellm.vendor(settings)
    if vendor is not None:
        yield litellm_logs(vendor, settings.litellm_source)
