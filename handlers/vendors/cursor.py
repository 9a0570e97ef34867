"""Cursor's bill: `POST /teams/filtered-usage-events`, of a team and all its members."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx

from bot.charges import DAY, Stretch
from bot.pulls import Settling, trailing
from bot.sources import BILL
from handlers.settings import PREFIX, Settings
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page
from handlers.vendors.cursor_events import ACCOUNT, EPOCH, HOUR, NAME, Events, parse
from handlers.vendors.paging import Pages
from handlers.vendors.replies import read_reply
from handlers.vendors.trouble import NotUnderstood, Unanswered
from handlers.vendors.vendor import Vendor

# 20 questions a minute, of all keys of a team together.
PACE = timedelta(seconds=3)

_EVENTS = "/teams/filtered-usage-events"
_PAGE_SIZE = 500
_LOOKS = 3


def vendor(settings: Settings) -> Vendor | None:
    if settings.cursor_key is None:
        return None
    return Vendor(
        NAME,
        settings.cursor_url,
        f"{PREFIX}CURSOR_KEY",
        "an Admin API key of the team, made by a team admin in Cursor's dashboard; a user's key or "
        "an organisation's does not do",
        auth=httpx.BasicAuth(settings.cursor_key.get_secret_value(), ""),
    )


def cursor_events(vendor: Vendor, pace: timedelta = PACE) -> Connector:
    return Connector(
        f"{BILL}cursor",
        ACCOUNT,
        vendor,
        Team(Pace(pace)).fetch,
        parse,
        # It adds up by the hour, and wishes not to be asked more often.
        every=HOUR,
        window=trailing(often=timedelta(hours=48), daily=timedelta(days=7)),
        settling=Settling(after=timedelta(hours=6), surely=DAY),
        # At its pace, a busy team's day takes longer than a step may.
        step=timedelta(hours=6),
    )


class Pace:
    """Questions keep their distance, over all steps of a pull."""

    def __init__(self, apart: timedelta) -> None:
        self._apart = apart.total_seconds()
        self._next = 0.0

    async def keep(self) -> None:
        now = asyncio.get_running_loop().time()
        wait = self._next - now
        self._next = max(self._next, now) + self._apart
        if wait > 0:
            await asyncio.sleep(wait)


class Team:
    """Every page of a stretch, as one moment saw it: events that come in between move the rest."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def fetch(self, asking: Asking, stretch: Stretch) -> Sequence[Page]:
        """Raises Trouble."""
        for _ in range(_LOOKS):
            pages = await self._pages(asking, stretch)
            if _is_whole(pages):
                return pages
        raise Unanswered(
            f"{NAME} says of {stretch.start:%d %b %Y} that there are more or fewer events than it "
            "sends."
        )

    async def _pages(self, asking: Asking, stretch: Stretch) -> list[Page]:
        pages = Pages(NAME)
        while True:
            await self._pace.keep()
            page = await asking.post(_EVENTS, _question(stretch, len(pages.all) + 1))
            read = read_reply(page, Events, NAME)
            pages.add(page, page["usageEvents"])
            if not read.pagination.has_next_page:
                return pages.all
            if not read.usage_events:
                raise NotUnderstood(f"{NAME} sends an empty page and says that more follow.")


def _question(stretch: Stretch, page: int) -> dict[str, int]:
    """Both dates are part of it."""
    return {
        "startDate": _milliseconds(stretch.start),
        "endDate": _milliseconds(stretch.end) - 1,
        "page": page,
        "pageSize": _PAGE_SIZE,
    }


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _is_whole(pages: Sequence[Page]) -> bool:
    totals = {page.get("totalUsageEventsCount") for page in pages}
    had = sum(len(page["usageEvents"]) for page in pages)
    return totals in ({None}, {had})
