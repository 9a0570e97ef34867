"""OpenAI's bill: `GET /v1/organization/costs`, a UTC day at a time, by project, key and line item.

US dollars, as a number or as text. Today's bucket grows; when a day is closed is not documented.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from bot.attribution import Clues
from bot.charges import Charge, Stretch
from bot.pulls import Settling, trailing
from bot.sources import BILL
from handlers.settings import PREFIX, Settings
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page, Told
from handlers.vendors.lines import check_currency, line_id, text
from handlers.vendors.paging import by_token
from handlers.vendors.replies import dollars, read_reply
from handlers.vendors.trouble import NotUnderstood
from handlers.vendors.vendor import Vendor

NAME = "OpenAI"
ACCOUNT = "openai"
EVERY = timedelta(hours=1)
SETTLING = Settling(after=timedelta(days=3), surely=timedelta(days=7))
# A day longer than it takes to settle: no day is left behind unsettled.
WINDOW = trailing(often=timedelta(days=3), daily=timedelta(days=8))

_COSTS = "/v1/organization/costs"
# Asked to group by key before this day, OpenAI answers 400 (seen, not documented).
_KEYS_SINCE = datetime(2025, 12, 7, tzinfo=UTC)
_LATEST = 2**33


class _Amount(msgspec.Struct):
    value: Decimal
    currency: str


class _Line(msgspec.Struct):
    amount: _Amount
    line_item: str | None = None
    project_id: str | None = None
    api_key_id: str | None = None


class _Bucket(msgspec.Struct):
    start_time: int
    end_time: int
    results: list[_Line]


class _Page(msgspec.Struct):
    data: list[_Bucket]


def vendor(settings: Settings) -> Vendor | None:
    key = settings.openai_admin_key
    if key is None:
        return None
    return Vendor(
        NAME,
        settings.openai_url,
        f"{PREFIX}OPENAI_ADMIN_KEY",
        "an admin key (sk-admin-…) that may read usage, made by an owner of the organisation at "
        "platform.openai.com/settings/organization/admin-keys; a project's key does not do",
        {"Authorization": f"Bearer {key.get_secret_value()}"},
    )


def openai_costs(vendor: Vendor) -> Connector:
    return Connector(f"{BILL}openai", ACCOUNT, vendor, fetch, parse, EVERY, WINDOW, SETTLING)


def parameters(stretch: Stretch) -> list[tuple[str, str | int]]:
    """What the paths of costs and of usage have in common."""
    return [
        ("start_time", int(stretch.start.timestamp())),
        ("end_time", int(stretch.end.timestamp())),
        ("bucket_width", "1d"),
    ]


async def fetch(asking: Asking, stretch: Stretch) -> Sequence[Page]:
    groups = ["project_id", "line_item"]
    if stretch.start >= _KEYS_SINCE:
        groups.append("api_key_id")
    asked = [*parameters(stretch), *(("group_by[]", group) for group in groups)]

    async def ask(token: str | None) -> Page:
        return await asking.get(_COSTS, [*asked, ("page", token)] if token else asked)

    return await by_token(NAME, ask)


def parse(pages: Sequence[Page], stretch: Stretch, _now: datetime) -> Told:
    buckets = (bucket for page in pages for bucket in read_reply(page, _Page, NAME).data)
    return Told(tuple(_charges(buckets, stretch)))


def _charges(buckets: Iterable[_Bucket], stretch: Stretch) -> Iterator[Charge]:
    for bucket in buckets:
        start, end = day(bucket.start_time, bucket.end_time, stretch)
        for line in bucket.results:
            yield _charge(line, start, end)


def day(start_time: int, end_time: int, stretch: Stretch) -> tuple[datetime, datetime]:
    """The bounds of a bucket. Raises NotUnderstood where it is not of the day that was asked."""
    if not (0 <= start_time < end_time <= _LATEST):
        raise NotUnderstood(f"{NAME} sends a bucket that begins and ends at no time.")
    start = datetime.fromtimestamp(start_time, UTC)
    end = datetime.fromtimestamp(end_time, UTC)
    if not stretch.start <= start < end <= stretch.end:
        raise NotUnderstood(
            f"{NAME} was asked for {stretch.start:%d %b %Y} and sends a bucket from "
            f"{start:%d %b %Y %H:%M} to {end:%d %b %Y %H:%M} UTC."
        )
    return start, end


def _charge(line: _Line, start: datetime, end: datetime) -> Charge:
    check_currency(NAME, line.amount.currency)
    item = text(line.line_item)
    return Charge(
        line_id("costs", start.date(), line.project_id, line.api_key_id, line.line_item),
        ACCOUNT,
        start,
        end,
        dollars(line.amount.value, NAME, "amount.value"),
        final=False,
        provider=ACCOUNT,
        # "gpt-6-astra, input_tokens"; free text otherwise.
        model=item.partition(", ")[0] if ", " in item else "",
        item=item,
        clues=Clues(key=text(line.api_key_id), project=text(line.project_id)),
    )
