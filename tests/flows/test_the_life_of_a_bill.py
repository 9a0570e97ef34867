"""Records, bills and rules in any order: when all is settled, nothing counts twice."""

import asyncio
import shutil
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from bot.attribution import Clue, Clues, Rule
from bot.charges import DAY, Bill, Charge, Stretch
from bot.money import from_nanos
from bot.prices import OwnPrice
from bot.sources import Kind, SourceSetting
from bot.usage import Grain, SentUsage, read_usage
from handlers.flows import reconcile_bills
from tests.billing import FIRST, NOW, ZONES, Act, World, begun

DAYS = 3
KINDS = {"gateway": Kind.GATEWAY, "agent": Kind.TELEMETRY, "program": Kind.API}
BILLS = {
    "bill/openai": ("openai", Kind.BILL),
    "bill/focus-cloud": ("openai", Kind.EXPORT),
    "bill/openai-usage": ("openai", Kind.BILL),
    "bill/anthropic": ("anthropic", Kind.BILL),
}
KEYS = ("k1", "k2", "k3")


def moments(hours: int) -> st.SearchStrategy[datetime]:
    minutes = st.sampled_from((0, 10, 20, 50))
    return st.builds(
        lambda hour, minute: FIRST + timedelta(hours=hour, minutes=minute),
        st.integers(0, hours),
        minutes,
    )


@st.composite
def records(draw) -> Act:
    source, number = draw(st.sampled_from(sorted(KINDS))), draw(st.integers(1, 3))
    cost = draw(st.none() | st.integers(0, 10**10).map(from_nanos))
    sent = SentUsage(
        str(number),
        draw(moments(24 * DAYS - 1)),
        draw(st.sampled_from(("", "unheard", *ZONES))),
        provider=draw(st.sampled_from(("openai", "anthropic", ""))),
        model="own" if cost is None else "gpt-4o",
        input_tokens=1_000,
        output_tokens=100,
        cost=cost,
        key=draw(st.sampled_from(("", *KEYS))),
        grain=draw(st.sampled_from(Grain)),
    )
    usage = msgspec.structs.replace(read_usage(sent, source, NOW), kind=KINDS[source])
    return Act(f"{source}|{number}", usage)


@st.composite
def bills(draw) -> Act:
    source = draw(st.sampled_from(sorted(BILLS)))
    account, kind = BILLS[source]
    day = FIRST + draw(st.integers(0, DAYS - 1)) * DAY
    final = draw(st.booleans())
    lines = []
    for number in range(draw(st.integers(0, 3))):
        start = day + timedelta(hours=draw(st.integers(0, 23)))
        length = draw(st.sampled_from((1, 24, 40)))
        start = day if length == 24 else start
        cost = from_nanos(draw(st.integers(-(10**9), 10**11)))
        clues = draw(
            st.sampled_from((Clues(), *(Clues(key=key) for key in KEYS), Clues(project="p")))
        )
        end = start + timedelta(hours=length)
        name = f"{day:%d}-{number}"
        lines.append(Charge(name, account, start, end, cost, final, clues=clues))
    about = f"{source}|{day:%d}"
    return Act(about, Bill(source, Stretch(day, day + DAY), tuple(lines), None, kind))


@st.composite
def rules(draw) -> Act:
    clue = draw(st.sampled_from((Clue.KEY, Clue.PROJECT)))
    pattern = draw(st.sampled_from(KEYS)) if clue is Clue.KEY else "p"
    rule = Rule(clue, pattern, draw(st.sampled_from(sorted(ZONES))))
    return Act(rule.id, (rule, draw(st.booleans())))


PRICES = st.just(Act("price", OwnPrice("own", Decimal(3), Decimal(7))))
ACCOUNTS = st.sampled_from((None, "anthropic", "openai")).map(
    lambda account: Act("account", SourceSetting("gateway", account=account))
)
LIVES = st.lists(
    st.one_of(records(), records(), bills(), bills(), rules(), PRICES, ACCOUNTS),
    min_size=2,
    max_size=14,
)


def shuffled(acts: list[Act], random: Random) -> list[Act]:
    """In another order; what is said about the same keeps its own."""
    places = list(range(len(acts)))
    random.shuffle(places)
    by_thing: dict[str, list[int]] = defaultdict(list)
    for place, act in zip(places, acts, strict=True):
        by_thing[act.about].append(place)
    ordered = {about: iter(sorted(found)) for about, found in by_thing.items()}
    return [act for _, act in sorted((next(ordered[act.about]), act) for act in acts)]


async def lives(urls: tuple[str, str], acts: list[Act], random: Random) -> None:
    note("\n".join(map(str, acts)))
    one, other = map(World, urls)
    try:
        for world in (one, other):
            await world.begin()
        await one.live(acts, random)
        await one.check()
        await other.live(shuffled(acts, random), random)
        await other.check()
        assert await one.totals() == await other.totals()
        await repeats(one, acts, random)
    finally:
        await one.database.close()
        await other.database.close()


async def repeats(world: World, acts: list[Act], random: Random) -> None:
    """What was said last is said again."""
    tables = ("corrected_usage", "corrected_charges", "usage", "charges")
    size = " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables)
    before, rows = await world.totals(), await world.read(size)
    last = {act.about: act for act in acts}
    await world.live((act for act in last.values() if act.about != "price"), random)
    assert await world.totals() == before
    assert await world.read(size) == rows


async def test_an_account_that_is_taken_back_leaves_each_record_its_own(database):
    """The account given is one that the source has brought by its own word, too."""
    world = await begun(database, {})
    for act in (
        *(Act(provider, a_call(provider)) for provider in ("openai", "anthropic")),
        Act("account", SourceSetting("gateway", account="openai")),
        *(Act(f"{provider} then", a_call(provider, "2")) for provider in ("openai", "anthropic")),
    ):
        await world.do(act)
    await world.run_dry()
    assert await accounts(world) == {"openai"}

    await world.do(Act("account", SourceSetting("gateway")))
    await world.run_dry()

    assert await accounts(world) == {"openai", "anthropic"}
    assert await world.read("SELECT count(*) FROM usage WHERE account <> provider") == [(0,)]


def a_call(provider, number="1"):
    sent = SentUsage(f"{provider}-{number}", FIRST, provider=provider, cost=Decimal(1))
    return msgspec.structs.replace(read_usage(sent, "gateway", NOW), kind=Kind.GATEWAY)


async def accounts(world: World) -> set[str]:
    return {account for (account,) in await world.read("SELECT DISTINCT account FROM usage")}


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few records each, so that days are settled in several."""
    monkeypatch.setattr(reconcile_bills, "_BOOKED_AT_ONCE", 3)


LOOKING = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


@settings(
    max_examples=12,
    deadline=None,
    phases=LOOKING,
    suppress_health_check=list(HealthCheck),
)
@given(acts=LIVES, random=st.randoms(use_true_random=False))
def test_whatever_comes_in_whatever_order_adds_up_on_sqlite(
    migrated_sqlite, tmp_path_factory, acts, random
):
    folder = tmp_path_factory.mktemp("life")
    one, other = (shutil.copy(migrated_sqlite, folder / f"{n}.db") for n in "ab")
    asyncio.run(lives((f"sqlite:///{one}", f"sqlite:///{other}"), acts, random))


@settings(
    max_examples=3, deadline=None, phases=LOOKING[:3], suppress_health_check=list(HealthCheck)
)
@given(acts=LIVES, random=st.randoms(use_true_random=False))
def test_whatever_comes_in_whatever_order_adds_up_on_postgres(
    migrated_postgres, postgres_url, acts, random
):
    urls = postgres_url(migrated_postgres), postgres_url(migrated_postgres)
    asyncio.run(lives(urls, acts, random))
