"""Who is asked: those whose credential is set."""

from collections.abc import Iterator

from handlers.settings import Settings
from handlers.vendors import anthropic, openai
from handlers.vendors.anthropic import anthropic_cost
from handlers.vendors.claude_code import claude_code
from handlers.vendors.connector import Connector
from handlers.vendors.openai import openai_costs
from handlers.vendors.openai_usage import openai_usage


def connectors(settings: Settings) -> tuple[Connector, ...]:
    return (*_openai(settings), *_anthropic(settings))


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
