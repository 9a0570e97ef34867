"""Whatever JSON comes, it is read or refused in words; nothing else is raised."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charges import DAY, Stretch
from handlers.vendors import copilot_credits, cursor_events, openrouter
from handlers.vendors.connector import Parse
from handlers.vendors.lines import check
from handlers.vendors.trouble import NotUnderstood

START = datetime(2026, 11, 19, tzinfo=UTC)
STRETCH = Stretch(START, START + DAY)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers() | st.decimals() | st.sampled_from([Decimal("1e999999"), 10**400])
scalars = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
moments = st.sampled_from(["1795095912408", "2026-11-19", 1795095912408]) | anything


def said(*names: str, **known: st.SearchStrategy) -> st.SearchStrategy:
    """An object of these fields, most of them of some use."""
    amount = st.decimals(-5, 5, places=4) | anything
    return st.fixed_dictionaries({}, optional={**dict.fromkeys(names, amount), **known})


events = said(
    "chargedCents",
    "cursorTokenFee",
    timestamp=moments,
    isChargeable=st.booleans() | anything,
    kind=texts | anything,
    tokenUsage=said("inputTokens", "outputTokens", "cacheReadTokens", "totalCents") | anything,
    serviceAccountId=texts | anything,
)
rows = said(
    "usage", "byok_usage_inference", "requests", "prompt_tokens", date=moments, endpoint_id=texts
)
items = said("grossAmount", "netAmount", product=texts, sku=texts, model=texts | anything)
PERIOD = {"year": 2026, "month": 11, "day": 19}

PAGES = {
    "cursor": st.builds(
        lambda some: {"usageEvents": some, "pagination": {"hasNextPage": False}}, st.lists(events)
    ),
    "openrouter": st.builds(lambda some: {"data": some}, st.lists(rows)),
    "github": st.builds(
        lambda some: {"user": None, "report": {"timePeriod": PERIOD, "usageItems": some}},
        st.lists(items),
    ),
}
PARSERS: dict[str, Parse] = {
    "cursor": cursor_events.parse,
    "openrouter": openrouter.parse,
    "github": partial(copilot_credits.parse, "acme"),
}


@pytest.mark.parametrize("vendor", PARSERS)
@settings(max_examples=40)
@given(data=st.data())
def test_what_comes_is_read_or_refused(vendor, data):
    page = data.draw(PAGES[vendor])

    with suppress(NotUnderstood):
        told = PARSERS[vendor]([page], STRETCH, NOW)
        check(vendor, told.charges, STRETCH)
        assert all("\0" not in charge.model + charge.person for charge in told.charges)


@pytest.mark.parametrize("vendor", ["cursor", "openrouter"])
@settings(max_examples=40)
@given(page=anything)
def test_an_answer_of_any_shape_is_read_or_refused(vendor, page):
    with suppress(NotUnderstood):
        PARSERS[vendor]([page], STRETCH, NOW)
