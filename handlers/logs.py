"""Structured logs. What people write and what keys are made of never reaches them."""

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET = ("token", "secret", "key", "authorization", "password", "text", "blocks", "reason")
_QUIET = ("slack_bolt", "slack_sdk", "apscheduler", "httpx", "httpcore", "alembic", "aiosqlite")


def set_up(
    shape: Literal["json", "pretty"], level: int = logging.INFO, *, to: TextIO | None = None
) -> None:
    """`json`: a line each. `pretty`: for a terminal. Libraries speak from WARNING on."""
    shown: Processor = (
        structlog.processors.JSONRenderer()
        if shape == "json"
        # Its own way of showing a traceback prints local variables, secrets among them.
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    _set_up_standard(shown, before, level, to or sys.stderr)


def _set_up_standard(shown: Processor, before: list[Processor], level: int, to: TextIO) -> None:
    handler = logging.StreamHandler(to)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                shown,
            ],
            foreign_pre_chain=before,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {
        name: "…" if name != "event" and name.rpartition("_")[2] in _SECRET else value
        for name, value in event.items()
    }
