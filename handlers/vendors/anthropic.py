"""Anthropic's bill: `GET /v1/organizations/analytics/cost`, by key, workspace, model, product and
identity. Amounts are fractional cents as text, after discounts and before credits.

Of Claude Enterprise there are no keys and workspaces, of the Console no products.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from bot.attribution import Clues
from bot.charges import Charge, Stretch, utc_day
from bot.pulls import Settling, trailing
from bot.sources import BILL
from handlers.settings import PREFIX, Settings
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page, Told
from handlers.vendors.lines import check_currency, line_id, merged, text
from handlers.vendors.paging import by_token
from handlers.vendors.replies import cents, count, read_reply
from handlers.vendors.trouble import NotUnderstood
from handlers.vendors.vendor import Vendor

NAME = "Anthropic"
ACCOUNT = "anthropic"
EVERY = timedelta(hours=1)

_COST = "/v1/organizations/analytics/cost"
_BETA = "analytics-usage-cost-2026-08-24"
# At most five. Groups of people overlap, so they are not asked for.
_GROUPS = ("api_key_id", "workspace_id", "model", "product", "actor")
_LARGEST_PAGE = 1000
# Rows before `data_refreshed_at` stand, as far as is documented.
_SETTLING = Settling(after=timedelta(), surely=timedelta(days=30))
_WINDOW = trailing(often=timedelta(days=2), daily=timedelta(days=4))
# How late it may be where the mark is missing.
_UNMARKED = timedelta(days=2)
_OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
_REACH = timedelta(days=364)


class _Actor(msgspec.Struct):
    """A user, a service account, a cloud's identity, or the key itself."""

    type: str
    user_id: str | None = None
    email_address: str | None = None
    service_account_id: str | None = None
    subject: str | None = None
    api_key_id: str | None = None


class _Group(msgspec.Struct):
    actor: _Actor | None = None
    api_key_id: str | None = None
    workspace_id: str | None = None
    model: str | None = None
    product: str | None = None


class _Cost(msgspec.Struct):
    amount: Decimal
    currency: str
    list_amount: Decimal | None = None
    requests: Decimal | None = None


class _Row(msgspec.Struct):
    starting_at: datetime
    ending_at: datetime
    group: _Group
    cost: _Cost


class _Page(msgspec.Struct):
    data: list[_Row]
    data_refreshed_at: datetime | None = None


def vendor(settings: Settings) -> Vendor | None:
    key = settings.anthropic_admin_key
    if key is None:
        return None
    return Vendor(
        NAME,
        settings.anthropic_url,
        f"{PREFIX}ANTHROPIC_ADMIN_KEY",
        "an Admin key (sk-ant-admin…), or a key with the scope read:analytics, of an organisation: "
        "platform.claude.com → Settings → Admin keys",
        {"x-api-key": key.get_secret_value(), "anthropic-version": "2023-06-01"},
    )


def anthropic_cost(vendor: Vendor) -> Connector:
    return Connector(
        f"{BILL}anthropic", ACCOUNT, vendor, fetch, parse, EVERY, _WINDOW, _SETTLING, oldest=oldest
    )


def oldest(now: datetime) -> datetime:
    """Before it the vendor answers 400."""
    return max(_OLDEST, utc_day(now - _REACH))


async def fetch(asking: Asking, stretch: Stretch) -> Sequence[Page]:
    asked: list[tuple[str, str | int]] = [
        ("starting_at", _written(stretch.start)),
        ("ending_at", _written(stretch.end)),
        ("time_bucket_width", "1d"),
        ("limit", _LARGEST_PAGE),
        *(("group_by[]", group) for group in _GROUPS),
    ]

    async def ask(token: str | None) -> Page:
        parameters = [*asked, ("page", token)] if token else asked
        return await asking.get(_COST, parameters, {"anthropic-beta": _BETA})

    return await by_token(NAME, ask)


def parse(pages: Sequence[Page], stretch: Stretch, now: datetime) -> Told:
    read = [read_reply(page, _Page, NAME) for page in pages]
    marks = [page.data_refreshed_at for page in read if page.data_refreshed_at is not None]
    # A null actor may be several who cannot be named, each with a row of their own.
    charges = merged(charge for page in read for charge in _charges(page, stretch))
    return Told(charges, through=min([*map(_aware, marks), now]) if marks else now - _UNMARKED)


def _charges(page: _Page, stretch: Stretch) -> Iterator[Charge]:
    for row in page.data:
        start, end = _aware(row.starting_at), _aware(row.ending_at)
        if not stretch.start <= start < end <= stretch.end:
            raise NotUnderstood(
                f"{NAME} was asked for {stretch.start:%d %b %Y} and sends a row of "
                f"{start:%d %b %Y %H:%M} to {end:%d %b %Y %H:%M} UTC."
            )
        yield _charge(row, start, end)


def _charge(row: _Row, start: datetime, end: datetime) -> Charge:
    cost, group = row.cost, row.group
    actor = group.actor or _Actor("")
    check_currency(NAME, cost.currency)
    who = actor.user_id or actor.service_account_id or actor.subject or actor.api_key_id
    groups = (group.api_key_id, group.workspace_id, group.model, group.product, actor.type, who)
    return Charge(
        line_id("cost", start.date(), *groups),
        ACCOUNT,
        start,
        end,
        cents(cost.amount, NAME, "cost.amount"),
        final=False,
        provider=ACCOUNT,
        model=text(group.model),
        item=text(group.product),
        person=text(actor.email_address or actor.user_id),
        clues=_clues(group, actor),
        list_cost=None
        if cost.list_amount is None
        else cents(cost.list_amount, NAME, "cost.list_amount"),
        requests=count(cost.requests, NAME, "cost.requests"),
    )


def _clues(group: _Group, actor: _Actor) -> Clues:
    return Clues(
        key=text(group.api_key_id or actor.api_key_id),
        project=text(group.workspace_id),
        service=text(actor.service_account_id or actor.subject),
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
