"""A trace of real calls as the demo's spend: its first row happens now."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bot.usage import SENT_BASES, NotUsage, Usage
from handlers.desk import Desk
from handlers.files.usage_csv import Reading, UsageFile, open_usage

# What a trace that says only times and tokens is taken for.
STAND_IN = {"workflow": "code-assistant", "provider": "anthropic", "model": "claude-sonnet-4-5"}
_BATCH_SECONDS = 1.0
_AT_MOST = 2_000


def open_trace(path: Path) -> UsageFile:
    """Raises Refusal saying what the file lacks."""
    known = open_usage(path, Reading(zone="UTC")).columns.fields
    lacking = {name: value for name, value in STAND_IN.items() if name not in known}
    if "model" in known:
        lacking.pop("provider", None)
    return open_usage(path, Reading(constants=lacking, zone="UTC"))


async def replay(trace: UsageFile, speed: float, machine: httpx.AsyncClient, desk: Desk) -> None:
    """Send each row when its time has come, `speed` times as fast as it happened."""
    start = desk.now()
    rows = _rows(trace, start)
    waiting = next(rows, None)
    first = waiting.at if waiting else start
    while waiting is not None:
        due: list[dict[str, Any]] = []
        while waiting is not None and len(due) < _AT_MOST:
            at = start + (waiting.at - first) / speed
            if at > desk.now():
                break
            due.append(_record(waiting, at, start))
            waiting = next(rows, None)
        if due:
            (await machine.post("/v1/usage", json=due)).raise_for_status()
        await asyncio.sleep(_BATCH_SECONDS)


def _rows(trace: UsageFile, now: datetime) -> Iterator[Usage]:
    for _line, row in trace.rows(now, lambda _: None):
        if isinstance(row, NotUsage):
            continue
        yield row


def _record(row: Usage, at: datetime, start: datetime) -> dict[str, Any]:
    sent = {
        "id": f"{start:%Y%m%d%H%M%S}-{row.id}",
        "at": at.isoformat(),
        **{name: getattr(row, name) for name in ("workflow", "provider", "model", "user", "run")},
        **{
            name: getattr(row, name)
            for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
            if getattr(row, name) is not None
        },
    }
    return sent | ({"cost": str(row.cost)} if row.basis in SENT_BASES else {})
