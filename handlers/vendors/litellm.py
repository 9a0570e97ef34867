"""LiteLLM's own log of spend, asked for by the hour: it fills what its push has lost.

It is a log of calls, not a bill. A call has the same id here as where it was pushed, so what came
both ways counts once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from bot import health
from bot.charges import Stretch
from bot.gateway_calls import read_call
from bot.health import Finding
from bot.litellm import LogRow
from bot.pulls import Settling
from bot.usage import NotUsage, Usage
from handlers.settings import PREFIX, Settings
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page, Told
from handlers.vendors.paging import Pages
from handlers.vendors.replies import read_reply
from handlers.vendors.vendor import Vendor

NAME = "LiteLLM"
HOUR = timedelta(hours=1)
# Earlier versions refuse more.
PAGE = 100
_LOGS = "/spend/logs/v2"
_OFTEN, _DAILY = 3 * HOUR, 48 * HOUR
# Calls are logged when they end, and written some seconds later.
_WRITTEN = timedelta(minutes=5)

log = structlog.get_logger()


def vendor(settings: Settings) -> Vendor | None:
    key, url = settings.litellm_key, settings.litellm_url
    if key is None or url is None:
        return None
    return Vendor(
        NAME,
        url,
        f"{PREFIX}LITELLM_KEY",
        "a key of a proxy_admin or proxy_admin_viewer, and LiteLLM must have a database",
        {"Authorization": f"Bearer {key.get_secret_value()}"},
    )


def known_by(settings: Settings) -> tuple[Finding, ...]:
    """Whether what it pushes and what it is asked for are one source, where both may be."""
    if vendor(settings) is None or not settings.api_keys:
        return ()
    return (health.litellm_source(settings.litellm_source, settings.api_keys),)


def litellm_logs(vendor: Vendor, source: str) -> Connector:
    """`source`: the name of the API key under which it pushes, so that both are one source."""

    def parse(pages: Sequence[Page], _: Stretch, now: datetime) -> Told:
        return parse_logs(pages, source, now)

    return Connector(
        source,
        "",
        vendor,
        fetch,
        parse,
        every=HOUR,
        window=window,
        settling=Settling(after=timedelta(), surely=timedelta()),
        step=HOUR,
    )


def window(now: datetime, is_daily: bool) -> datetime:  # noqa: FBT001 - a Window
    """Long answers, and a database that was away, bring rows late."""
    since = now - (_DAILY if is_daily else _OFTEN)
    return since.replace(minute=0, second=0, microsecond=0)


class _Logs(msgspec.Struct):
    data: list[LogRow | str | int | float | bool | None]
    page_size: int = PAGE


async def fetch(asking: Asking, stretch: Stretch) -> Sequence[Page]:
    """The oldest first, so that a call which is logged meanwhile moves no other to another page.

    Raises Trouble.
    """
    pages = Pages(NAME)
    while True:
        page = await asking.get(_LOGS, _asked(stretch, len(pages.all) + 1))
        # What is not kept of a row is let go here, before the next page comes.
        kept = read_reply(page, _Logs, NAME)
        pages.add(kept, page["data"])
        # How many pages there are in all is a guess where there are many.
        if len(kept.data) < min(PAGE, kept.page_size):
            return pages.all


def _asked(stretch: Stretch, page: int) -> list[tuple[str, str | int]]:
    """Both ends belong to it; a call on the edge is told twice, and counts once."""
    return [
        ("start_date", f"{stretch.start:%Y-%m-%d %H:%M:%S}"),
        ("end_date", f"{stretch.end:%Y-%m-%d %H:%M:%S}"),
        ("sort_by", "startTime"),
        ("sort_order", "asc"),
        ("page", page),
        ("page_size", PAGE),
    ]


def parse_logs(pages: Sequence[Page], source: str, now: datetime) -> Told:
    """A row that cannot be booked does not keep the others from it. Raises NotUnderstood."""
    known: dict[str, Usage] = {}
    refused: list[NotUsage] = []
    for page in pages:
        for row in read_reply(page, _Logs, NAME).data:
            try:
                usage = _read(row, source, now)
            except NotUsage as no:
                refused.append(no)
            else:
                known[usage.id] = usage
    if refused:
        log.warning("rows not booked", source=source, rows=len(refused), field=refused[0].field)
    return Told(usage=tuple(known.values()), through=now - _WRITTEN)


def _read(row: Any, source: str, now: datetime) -> Usage:  # noqa: ANN401 - JSON
    if not isinstance(row, LogRow):
        raise NotUsage("A row is an object.")
    return read_call(row.call(), source, now)
