"""Cursor's usage events as charges.

An event has no id, and two equal ones within a millisecond do happen: equal events are told apart
by their number, which is why a stretch is always read whole.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import msgspec

from bot.attribution import NO_CLUES, Clues
from bot.charges import Charge, Stretch
from bot.money import ZERO
from handlers.vendors.connector import Page, Told
from handlers.vendors.lines import text
from handlers.vendors.replies import cents, count, read_reply
from handlers.vendors.trouble import NotUnderstood

NAME = "Cursor"
ACCOUNT = "cursor"
HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_LONGEST_INSTANT = 14


class _Tokens(msgspec.Struct, rename="camel"):
    input_tokens: Decimal | None = None
    output_tokens: Decimal | None = None
    cache_write_tokens: Decimal | None = None
    cache_read_tokens: Decimal | None = None
    total_cents: Decimal | None = None


class _Event(msgspec.Struct, rename="camel"):
    """Older events say less. Money is in cents, the time in milliseconds."""

    timestamp: str | int
    user_email: str | None = None
    service_account_id: str | None = None
    service_account_name: str | None = None
    model: str | None = None
    kind: str | None = None
    is_chargeable: bool | None = None
    is_headless: bool | None = None
    token_usage: _Tokens | None = None
    charged_cents: Decimal | None = None
    cursor_token_fee: Decimal | None = None


class _Place(msgspec.Struct, rename="camel"):
    has_next_page: bool


class Events(msgspec.Struct, rename="camel"):
    usage_events: list[_Event]
    pagination: _Place
    total_usage_events_count: int | None = None


def parse(pages: Sequence[Page], _: Stretch, now: datetime) -> Told:
    """Raises NotUnderstood."""
    events = [event for page in pages for event in read_reply(page, Events, NAME).usage_events]
    seen = Counter[str]()
    charges = tuple(
        _charge(event, f"usageEvents[{place}]", seen) for place, event in enumerate(events)
    )
    # The hour that runs is not added up yet.
    return Told(charges, through=now.replace(minute=0, second=0, microsecond=0))


def _charge(event: _Event, where: str, seen: Counter[str]) -> Charge:
    hour = _instant(event.timestamp, where).replace(minute=0, second=0, microsecond=0)
    worth = _worth(event, where)
    cost, tokens = _cost(event, worth, where), event.token_usage or _Tokens()
    return Charge(
        id=_id(event, seen),
        account=ACCOUNT,
        start=hour,
        end=hour + HOUR,
        cost=cost,
        list_cost=None if worth == cost else worth,
        final=False,
        provider=ACCOUNT,
        model=text(event.model),
        item=text(event.kind),
        person=text(event.user_email),
        clues=_clues(event),
        tags=("headless",) if event.is_headless else (),
        input_tokens=_read_tokens(tokens, where),
        output_tokens=count(tokens.output_tokens, NAME, f"{where}.tokenUsage.outputTokens"),
        requests=1,
    )


def _instant(said: str | int, where: str) -> datetime:
    plain = str(said)
    if not plain.isascii() or not plain.isdigit() or len(plain) > _LONGEST_INSTANT:
        raise NotUnderstood(
            f"{NAME} sends {where}.timestamp as no number of milliseconds.",
            field=f"{where}.timestamp",
        )
    return EPOCH + timedelta(milliseconds=int(plain))


def _worth(event: _Event, where: str) -> Decimal | None:
    """What was used, in dollars, charged or not: the model's price with Cursor's own fee."""
    if event.charged_cents is not None:
        return cents(event.charged_cents, NAME, f"{where}.chargedCents")
    tokens = event.token_usage
    if tokens is None or tokens.total_cents is None:
        return None
    fee = cents(event.cursor_token_fee or ZERO, NAME, f"{where}.cursorTokenFee")
    return cents(tokens.total_cents, NAME, f"{where}.tokenUsage.totalCents") + fee


def _cost(event: _Event, worth: Decimal | None, where: str) -> Decimal:
    """What a plan includes, and what failed, carries an amount too, and is not charged."""
    if not _is_charged(event):
        return ZERO
    if worth is None:
        field = f"{where}.chargedCents"
        raise NotUnderstood(f"{NAME} charges for an event without {field}.", field=field)
    return worth


def _is_charged(event: _Event) -> bool:
    kind = "".join(filter(str.isalpha, event.kind or "")).lower()
    if "notcharged" in kind:
        return False
    return event.is_chargeable if event.is_chargeable is not None else "included" not in kind


def _clues(event: _Event) -> Clues:
    if not event.service_account_id and not event.service_account_name:
        return NO_CLUES
    return Clues(key=text(event.service_account_id), key_name=text(event.service_account_name))


def _read_tokens(tokens: _Tokens, where: str) -> int | None:
    """What was read, cache reads and writes with it; None where nothing is said."""
    said = {
        "inputTokens": tokens.input_tokens,
        "cacheReadTokens": tokens.cache_read_tokens,
        "cacheWriteTokens": tokens.cache_write_tokens,
    }
    read = [count(one, NAME, f"{where}.tokenUsage.{name}") for name, one in said.items()]
    known = [one for one in read if one is not None]
    return sum(known) if known else None


def _id(event: _Event, seen: Counter[str]) -> str:
    """Made of all that is told, and the number among equal ones."""
    known = sha256(msgspec.json.encode(event)).hexdigest()
    seen[known] += 1
    return f"{known}#{seen[known]}"
