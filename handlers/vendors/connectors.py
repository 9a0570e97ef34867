"""Who is asked: those whose credential is set."""

from handlers.settings import Settings
from handlers.vendors.connector import Connector


def connectors(settings: Settings) -> tuple[Connector, ...]:
    return ()
