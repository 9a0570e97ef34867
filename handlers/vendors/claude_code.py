"""What Claude Code is estimated to have cost, by person and day:
`GET /v1/organizations/usage_report/claude_code`. The bill itself is Anthropic's, so this informs
and counts nowhere.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from bot.attribution import Clues
from bot.charges import Charge, Stretch
from bot.money import ZERO
from bot.pulls import Settling, trailing
from bot.sources import BILL
from handlers.vendors.anthropic import ACCOUNT, EVERY, NAME
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page, Told
from handlers.vendors.lines import check_currency, line_id, merged, text
from handlers.vendors.paging import by_token
from handlers.vendors.replies import cents, count, read_reply
from handlers.vendors.vendor import Vendor

_PATH = "/v1/organizations/usage_report/claude_code"
_LARGEST_PAGE = 1000
_SETTLING = Settling(after=timedelta(days=2), surely=timedelta(days=7))
_WINDOW = trailing(often=timedelta(days=2), daily=timedelta(days=8))


class _Actor(msgspec.Struct):
    type: str = ""
    email_address: str | None = None
    api_key_name: str | None = None


class _Tokens(msgspec.Struct):
    input: Decimal = ZERO
    output: Decimal = ZERO
    cache_read: Decimal = ZERO
    cache_creation: Decimal = ZERO


class _Estimate(msgspec.Struct):
    amount: Decimal
    currency: str


class _Model(msgspec.Struct):
    model: str
    tokens: _Tokens
    estimated_cost: _Estimate


class _Record(msgspec.Struct):
    actor: _Actor
    customer_type: str | None = None
    model_breakdown: list[_Model] | None = None


class _Page(msgspec.Struct):
    data: list[_Record]


def claude_code(vendor: Vendor) -> Connector:
    return Connector(f"{BILL}claude-code", ACCOUNT, vendor, fetch, parse, EVERY, _WINDOW, _SETTLING)


async def fetch(asking: Asking, stretch: Stretch) -> Sequence[Page]:
    asked: list[tuple[str, str | int]] = [
        ("starting_at", f"{stretch.start:%Y-%m-%d}"),
        ("limit", _LARGEST_PAGE),
    ]

    async def ask(token: str | None) -> Page:
        return await asking.get(_PATH, [*asked, ("page", token)] if token else asked)

    return await by_token(NAME, ask)


def parse(pages: Sequence[Page], stretch: Stretch, _now: datetime) -> Told:
    """A person with two terminals has two records."""
    read = (read_reply(page, _Page, NAME) for page in pages)
    return Told(merged(charge for page in read for charge in _charges(page, stretch)))


def _charges(page: _Page, stretch: Stretch) -> Iterator[Charge]:
    for record in page.data:
        for model in record.model_breakdown or ():
            yield _charge(record, model, stretch)


def _charge(record: _Record, model: _Model, stretch: Stretch) -> Charge:
    actor, tokens = record.actor, model.tokens
    check_currency(NAME, model.estimated_cost.currency)
    estimate = cents(model.estimated_cost.amount, NAME, "estimated_cost.amount")
    # A subscription is not billed by the token.
    in_plan = record.customer_type == "subscription"
    who = actor.email_address or actor.api_key_name
    given = tokens.input + tokens.cache_read + tokens.cache_creation
    return Charge(
        line_id("claude-code", stretch.start.date(), who, record.customer_type, model.model),
        ACCOUNT,
        stretch.start,
        stretch.end,
        ZERO if in_plan else estimate,
        final=False,
        provider=ACCOUNT,
        model=text(model.model),
        item="claude_code",
        person=text(actor.email_address),
        clues=Clues(key_name=text(actor.api_key_name)),
        list_cost=estimate,
        input_tokens=count(given, NAME, "tokens"),
        output_tokens=count(tokens.output, NAME, "tokens.output"),
    )
