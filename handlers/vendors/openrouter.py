"""OpenRouter's activity: what each endpoint cost in each workspace, by completed UTC day.

What runs on a customer's own key is billed by the vendor behind it: it costs nothing here.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain

import msgspec

from bot.attribution import NO_CLUES, Clues
from bot.charges import DAY, Charge, Stretch, utc_day
from bot.money import ZERO
from bot.pulls import Settling, trailing
from bot.sources import BILL
from handlers.settings import PREFIX, Settings
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page, Told
from handlers.vendors.lines import line_id, text
from handlers.vendors.replies import count, dollars, read_reply
from handlers.vendors.trouble import NotUnderstood
from handlers.vendors.vendor import Vendor

NAME = "OpenRouter"
ACCOUNT = "openrouter"
_ACTIVITY = "/api/v1/activity"
OWN_KEY = "own key"

# Calls count for the day they began in, and some take minutes.
_COMPLETED_AFTER = timedelta(minutes=30)
_MOST_DAYS = 30
_DAY_LENGTH = len("2026-11-20")


def vendor(settings: Settings) -> Vendor | None:
    key = settings.openrouter_key
    if key is None:
        return None
    return Vendor(
        NAME,
        settings.openrouter_url,
        f"{PREFIX}OPENROUTER_KEY",
        "a management key, made at openrouter.ai/settings/management-keys; a key that calls models "
        "does not do",
        {"Authorization": f"Bearer {key.get_secret_value()}"},
    )


def openrouter_activity(vendor: Vendor) -> Connector:
    return Connector(
        f"{BILL}openrouter",
        ACCOUNT,
        vendor,
        fetch,
        parse,
        every=timedelta(hours=1),
        window=trailing(often=2 * DAY, daily=7 * DAY),
        # It tells only of days that are over.
        settling=Settling(after=timedelta(), surely=timedelta()),
    )


class _Row(msgspec.Struct):
    date: str
    endpoint_id: str
    usage: Decimal
    model: str | None = None
    model_permaslug: str | None = None
    provider_name: str | None = None
    workspace_id: str | None = None
    byok_usage_inference: Decimal | None = None
    requests: Decimal | None = None
    prompt_tokens: Decimal | None = None
    completion_tokens: Decimal | None = None


class _Activity(msgspec.Struct):
    data: list[_Row]


async def fetch(asking: Asking, stretch: Stretch) -> Sequence[Page]:
    """No page of a day that is not over, or longer ago than it is told. Raises Trouble."""
    through = completed(asking.now())
    if not through - _MOST_DAYS * DAY <= stretch.start < through:
        return ()
    asked = [("date", f"{stretch.start:%Y-%m-%d}"), ("group_by", "workspace")]
    return (await asking.get(_ACTIVITY, asked),)


def completed(now: datetime) -> datetime:
    return utc_day(now - _COMPLETED_AFTER)


def parse(pages: Sequence[Page], _: Stretch, now: datetime) -> Told:
    """Raises NotUnderstood."""
    if not pages:
        # It was not asked, which is not to say that nothing was spent: what is booked stays.
        return Told(usage=(), through=completed(now))
    rows = [row for page in pages for row in read_reply(page, _Activity, NAME).data]
    charges = chain.from_iterable(_charges(row, f"data[{place}]") for place, row in enumerate(rows))
    return Told(tuple(charges), through=completed(now))


def _charges(row: _Row, where: str) -> Iterator[Charge]:
    spent = _spent(row, where)
    yield spent
    own = dollars(row.byok_usage_inference or ZERO, NAME, f"{where}.byok_usage_inference")
    if own:
        yield Charge(
            id=line_id(spent.id, OWN_KEY),
            account=ACCOUNT,
            start=spent.start,
            end=spent.end,
            cost=ZERO,
            list_cost=own,
            final=False,
            provider=ACCOUNT,
            model=spent.model,
            item=OWN_KEY,
            clues=spent.clues,
        )


def _spent(row: _Row, where: str) -> Charge:
    day = _day(row.date, f"{where}.date")
    told = (row.model_permaslug, row.model, row.provider_name)
    return Charge(
        id=line_id("act", f"{day:%Y-%m-%d}", row.endpoint_id, row.workspace_id, *told),
        account=ACCOUNT,
        start=day,
        end=day + DAY,
        cost=dollars(row.usage, NAME, f"{where}.usage"),
        final=False,
        provider=ACCOUNT,
        model=text(row.model_permaslug or row.model),
        item=text(row.provider_name),
        clues=Clues(project=text(row.workspace_id)) if row.workspace_id else NO_CLUES,
        input_tokens=count(row.prompt_tokens, NAME, f"{where}.prompt_tokens"),
        output_tokens=count(row.completion_tokens, NAME, f"{where}.completion_tokens"),
        requests=count(row.requests, NAME, f"{where}.requests"),
    )


def _day(said: str, field: str) -> datetime:
    """Some answers have a midnight behind the day."""
    try:
        day = date.fromisoformat(said[:_DAY_LENGTH])
    except ValueError:
        raise NotUnderstood(f"{NAME} sends {field} as no day.", field=field) from None
    return datetime.combine(day, time(), UTC)
