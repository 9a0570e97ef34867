"""GitHub Copilot's bill: `GET …/billing/ai_credit/usage` of an organisation, a day at a time, and
then of each person with a seat until nothing of it is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

import msgspec

from bot.charges import DAY, Stretch, utc_day
from bot.pulls import Settling
from bot.sources import BILL
from handlers.settings import PREFIX, Settings
from handlers.vendors.asking import Asking, Parameters
from handlers.vendors.connector import Connector, Glance, Page
from handlers.vendors.copilot_credits import (
    ACCOUNT,
    NAME,
    asked,
    less,
    outline,
    outline_of,
    parse,
    report_of,
    sums_of,
)
from handlers.vendors.paging import Pages
from handlers.vendors.replies import read_reply
from handlers.vendors.trouble import NotThere, Unfit
from handlers.vendors.vendor import Vendor

_VERSION = "2026-03-10"
_SEATS_A_PAGE = 100
# Until then the month before is asked again.
_MONTH_CLOSES_ON = 5


class _Assignee(msgspec.Struct):
    login: str


class _Seat(msgspec.Struct):
    """Nobody is assigned where the account is gone."""

    assignee: _Assignee | None = None
    last_activity_at: str | None = None


class _Seats(msgspec.Struct):
    seats: list[_Seat]
    total_seats: int | None = None


def vendor(settings: Settings) -> Vendor | None:
    token = settings.github_token
    if token is None or settings.github_organisation is None:
        return None
    return Vendor(
        NAME,
        settings.github_url,
        f"{PREFIX}GITHUB_TOKEN",
        f"a fine-grained token of an owner of the organisation {settings.github_organisation} "
        f"({PREFIX}GITHUB_ORGANISATION), with it as resource owner and the organisation "
        "permission “Administration: read”",
        {
            "Authorization": f"Bearer {token.get_secret_value()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": _VERSION,
        },
        hides=True,
    )


def copilot_credits(vendor: Vendor, organisation: str) -> Connector:
    reports = Organisation(organisation)
    return Connector(
        f"{BILL}github",
        ACCOUNT,
        vendor,
        reports.fetch,
        partial(parse, organisation),
        every=timedelta(hours=6),
        window=window,
        settling=Settling(after=2 * DAY, surely=3 * DAY),
        glance=Glance(reports.again, outline),
    )


def window(now: datetime, is_daily: bool) -> datetime:  # noqa: FBT001 - a Window
    """Once a day the month to date, and the month before it until it closes."""
    today = utc_day(now)
    if not is_daily:
        return today - 2 * DAY
    first = today.replace(day=1)
    return (first - DAY).replace(day=1) if today.day <= _MONTH_CLOSES_ON else first


@dataclass(frozen=True)
class Organisation:
    name: str

    @property
    def _usage(self) -> str:
        return f"/organizations/{quote(self.name, safe='')}/settings/billing/ai_credit/usage"

    @property
    def _seats(self) -> str:
        return f"/orgs/{quote(self.name, safe='')}/copilot/billing/seats"

    async def fetch(self, asking: Asking, stretch: Stretch) -> Sequence[Page]:
        """`{user, report}` of a day, the organisation's first. Raises Trouble."""
        return await self._people(asking, stretch, await asking.get(self._usage, asked(stretch)))

    async def again(self, asking: Asking, stretch: Stretch, settled: str) -> Sequence[Page] | None:
        """The same; None where the organisation's report is as it was. Raises Trouble."""
        whole = await asking.get(self._usage, asked(stretch))
        if outline_of(whole, stretch) == settled:
            return None
        return await self._people(asking, stretch, whole)

    async def _people(self, asking: Asking, stretch: Stretch, whole: Page) -> Sequence[Page]:
        day, pages = asked(stretch), [{"user": None, "report": whole}]
        left = sums_of(report_of(whole, None, stretch))
        for login in await self._logins(asking) if any(map(any, left.values())) else ():
            report = await self._of(login, asking, day)
            if report is None:
                continue
            pages.append({"user": login, "report": report})
            left = less(left, sums_of(report_of(report, login, stretch)))
            if not any(map(any, left.values())):
                break
        return pages

    async def _of(self, login: str, asking: Asking, day: Parameters) -> Page | None:
        """None where GitHub reports on no such person; the organisation's report was just had."""
        try:
            return await asking.get(self._usage, [*day, ("user", login)])
        except (NotThere, Unfit):
            return None

    async def _logins(self, asking: Asking) -> list[str]:
        """Who has a seat, the last to be active first: they are likely to account for most."""
        pages, had = Pages(NAME), list[_Seat]()
        while True:
            asked = [("per_page", _SEATS_A_PAGE), ("page", len(pages.all) + 1)]
            page = await asking.get(self._seats, asked)
            read = read_reply(page, _Seats, NAME)
            if not read.seats:
                break
            pages.add(page, page["seats"])
            had += read.seats
            if read.total_seats is not None and len(had) >= read.total_seats:
                break
        had.sort(key=lambda seat: seat.last_activity_at or "", reverse=True)
        return list(dict.fromkeys(seat.assignee.login for seat in had if seat.assignee))
