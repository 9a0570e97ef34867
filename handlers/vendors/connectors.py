"""Who is asked: those whose credential is set."""

from collections.abc import Iterator, Sequence

from bot.refusal import Unknown
from bot.sources import BILL
from handlers.settings import PREFIX, Settings
from handlers.vendors import anthropic, openai
from handlers.vendors.anthropic import anthropic_cost
from handlers.vendors.claude_code import claude_code
from handlers.vendors.connector import Connector
from handlers.vendors.openai import openai_costs
from handlers.vendors.openai_usage import openai_usage

# What each source wants set.
WANTED = {
    f"{BILL}openai": f"{PREFIX}OPENAI_ADMIN_KEY",
    f"{BILL}openai-usage": f"{PREFIX}OPENAI_ADMIN_KEY",
    f"{BILL}anthropic": f"{PREFIX}ANTHROPIC_ADMIN_KEY",
    f"{BILL}claude-code": f"{PREFIX}ANTHROPIC_ADMIN_KEY",
}


def connectors(settings: Settings) -> tuple[Connector, ...]:
    return (*_openai(settings), *_anthropic(settings))


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
