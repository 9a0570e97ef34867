"""A bill is pulled over HTTP from a vendor that pages, throttles, changes its mind, lies and breaks
off: nothing is lost, nothing counts twice.
"""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from bot.attribution import Clues
from bot.charges import DAY, Charge
from bot.pulls import Pull
from handlers.desk import Desk
from handlers.vendors import pulling
from handlers.vendors.asking import Patience
from handlers.vendors.lines import NOTHING, fingerprint
from handlers.vendors.openai import openai_costs
from handlers.vendors.pulling import Puller
from handlers.vendors.trouble import NotUnderstood
from handlers.vendors.vendor import Vendor
from tests.vendors.standin import (
    KEY,
    OpenAI,
    Standin,
    breaks_off,
    bucket,
    changed,
    cut,
    instead,
    line,
    status,
    web_page,
)

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
SINCE = TODAY - 5 * DAY
HURRIED = Patience(attempts=2, first=0, longest=1, silence=5, whole=5)
pytestmark = pytest.mark.usefixtures("clock")


def a_bill(days=6, lines=7):
    """Of the last days, today among them; each line costs something of its own."""
    return {
        TODAY - ago * DAY: [
            (f"proj_{at % 2}", f"key_{at}", "gpt-6, input", Decimal(f"{at}.{ago}01"))
            for at in range(1, lines + 1)
        ]
        for ago in range(days)
    }


@pytest.fixture(scope="module")
def server() -> Iterator[Standin]:
    with Standin(OpenAI()).open() as server:
        yield server


@pytest.fixture(autouse=True)
def vendor(server):
    server.answer = OpenAI(a_bill())
    server.faults.clear()
    server.asked.clear()
    return server.answer


@pytest.fixture
def connector(server):
    headers = {"Authorization": f"Bearer {KEY}"}
    return openai_costs(Vendor("OpenAI", server.url, "BUDGET_BOT_KEY", "an admin key", headers))


@pytest.fixture
def desk(database):
    return Desk(database)


@pytest.fixture
def puller(desk, connector):
    return Puller(desk, (connector,), HURRIED)


@pytest.fixture
def pull(puller, connector):
    """Whether it is due or not; from the first day of the bill on, where it is the first."""

    async def pull(since=SINCE):
        return await puller.pull(connector, early=True, since=since)

    return pull


async def booked(desk, account="openai"):
    async with desk.database.reading() as ledger:
        days = [SINCE + ago * DAY for ago in range(-2, 7)]
        return [charge for day in days for _, charge in await ledger.charges.of_day(account, day)]


async def total(desk):
    return sum((charge.cost for charge in await booked(desk)), Decimal(0))


def days_asked(server):
    return list(dict.fromkeys(int(asked["start_time"]) for asked in server.asked))


async def test_a_bill_is_booked_through_all_its_pages(desk, server, vendor, pull):
    told = await pull()

    charges = await booked(desk)
    assert len(charges) == len({charge.id for charge in charges}) == 6 * 7
    assert sum(charge.cost for charge in charges) == vendor.total
    assert len(server.asked) == 6 * 3
    assert (told.through, told.error, told.at) == (TODAY, "", None)
    assert told.due_at == desk.now() + timedelta(hours=1)


async def test_the_same_again_changes_nothing(desk, vendor, pull):
    await pull()
    before = await booked(desk)

    await pull()

    assert [charge.id for charge in await booked(desk)] == [charge.id for charge in before]
    assert await total(desk) == vendor.total


async def test_a_bill_that_breaks_off_goes_on_where_it_stopped(desk, server, vendor, pull):
    server.faults += [None] * 10 + [breaks_off] * 2

    broken = await pull()

    assert broken.at == SINCE + 3 * DAY
    assert "broke off" in broken.error
    assert len(await booked(desk)) == 3 * 7
    server.asked.clear()

    whole = await pull()

    assert (whole.error, whole.failures, whole.at) == ("", 0, None)
    assert len(await booked(desk)) == 6 * 7
    assert await total(desk) == vendor.total


async def test_what_goes_on_does_not_ask_again_for_what_is_whole(server, puller, connector):
    server.faults += [None] * 10 + [breaks_off] * 2
    await puller.pull(connector, early=True, since=SINCE)
    server.asked.clear()

    await puller.pull(connector, early=True)

    first = SINCE + 3 * DAY
    assert days_asked(server) == [int((first + ago * DAY).timestamp()) for ago in range(3)]


async def test_amounts_that_change_between_polls_count_as_they_are_now(desk, vendor, pull):
    await pull()
    vendor.bill[TODAY][0] = ("proj_1", "key_1", "gpt-6, input", Decimal("99.5"))
    vendor.bill[SINCE].append(("proj_9", None, "images", Decimal("-3.25")))

    await pull()

    assert await total(desk) == vendor.total
    assert len(await booked(desk)) == 6 * 7 + 1


async def test_lines_that_are_told_no_more_are_gone(desk, vendor, pull):
    await pull()
    del vendor.bill[SINCE][2:]

    await pull()

    assert len(await booked(desk)) == 5 * 7 + 2
    assert await total(desk) == vendor.total


async def test_a_whole_day_that_is_told_no_more_is_doubted_once(desk, vendor, pull):
    await pull()
    before = await total(desk)
    day = vendor.bill.pop(SINCE + DAY)

    doubted = await pull()

    assert "tells nothing any more of 19 Nov 2026" in doubted.error
    assert await total(desk) == before
    assert doubted.due_at >= desk.now() + timedelta(hours=1)

    believed = await pull()

    assert believed.error == ""
    assert await total(desk) == before - sum(one[3] for one in day)


async def test_a_day_that_comes_back_after_it_was_doubted_is_whole(desk, vendor, pull):
    await pull()
    day = vendor.bill.pop(SINCE + DAY)
    await pull()
    vendor.bill[SINCE + DAY] = day

    assert (await pull()).error == ""
    assert await total(desk) == vendor.total


async def test_a_throttled_bill_is_whole_in_the_end(desk, server, vendor, pull):
    server.faults += [status(429, {"Retry-After": "0"}), None] * 9

    assert (await pull()).error == ""
    assert await total(desk) == vendor.total


async def test_a_vendor_that_asks_to_wait_is_left_alone_for_so_long(desk, server, pull):
    server.faults += [None, status(429, {"Retry-After": "7200"})]

    pulled = await pull()

    assert pulled.due_at >= desk.now() + timedelta(hours=2)
    assert await booked(desk) == []


def before_that(vendor, first):
    return sum(one[3] for day, lines in vendor.bill.items() if day < first for one in lines)


def other_currency(honest):
    honest["data"][0]["results"][0]["amount"]["currency"] = "eur"
    return honest


def wrong_type(honest):
    honest["data"][0]["results"][0]["project_id"] = 7
    return honest


def another_day(honest):
    honest["data"][0]["start_time"] -= 86_400
    return honest


def nowhere(honest):
    return honest | {"has_more": True, "next_page": None}


def in_a_circle(honest):
    return honest | {"has_more": True, "next_page": "page_3"}


def same_line_again(honest):
    honest["data"][0]["results"] *= 2
    return honest


def one_line_again(honest):
    """Another page that holds a line of the page before."""
    honest["data"][0]["results"] = honest["data"][0]["results"][-1:]
    return honest | {"has_more": True, "next_page": "page_2"}


OPENING = {
    "data": [bucket(TODAY - DAY, [line("proj_1", "key_1", "gpt-6, input", Decimal(1))])],
    "has_more": True,
    "next_page": "page_1",
}
LIES = {
    "other currency": ([changed(other_currency)], "bills in eur"),
    "wrong type": ([changed(wrong_type)], "project_id"),
    "another day": ([changed(another_day)], "was asked for 22 Nov 2026"),
    "page missing": ([changed(nowhere)], "there is more, and not where"),
    "page repeats": (
        [instead(OPENING), instead(OPENING | {"next_page": "page_2"})],
        "the same page twice",
    ),
    "circle": ([None, changed(in_a_circle), changed(in_a_circle)], "a circle"),
    "line comes again": ([changed(one_line_again)], "the same line twice"),
    "line repeats": ([changed(same_line_again)], "the same line twice"),
    "truncated": ([cut], "no whole JSON"),
    "truncated later": ([None, None, cut], "no whole JSON"),
    "web page": ([web_page], "a web page"),
    "no object": ([instead([])], "without its list"),
    "data is no list": ([instead({"data": {"a": 1}})], "without its list"),
    "redirect": ([status(307, {"Location": "https://example.com/"})], "redirects"),
    "no credential": ([status(401)], "BUDGET_BOT_KEY (401)"),
    "no permission": ([None, status(403)], "(403)"),
    "breaks off": ([breaks_off] * 2, "broke off"),
    "down": ([None, status(503), status(503)], "a fault of its own (503)"),
}


@pytest.mark.parametrize(("faults", "said"), LIES.values(), ids=LIES.keys())
async def test_a_lie_is_told_and_changes_nothing(desk, server, vendor, pull, faults, said):
    await pull(TODAY - DAY)
    before = await booked(desk)
    vendor.bill[TODAY - DAY][0] = ("proj_1", "key_1", "gpt-6, input", Decimal(77))
    server.faults += faults

    lied_to = await pull(TODAY - DAY)

    assert said in lied_to.error
    assert KEY not in lied_to.error
    assert await booked(desk) == before
    assert lied_to.failures == 1

    recovered = await pull(TODAY - DAY)

    assert recovered.error == ""
    assert await total(desk) == vendor.total - before_that(vendor, TODAY - DAY)


async def test_an_amount_no_bill_can_hold_is_told(desk, vendor, pull):
    vendor.bill[SINCE].append(("proj_1", "key", "gold", Decimal("1e30")))

    assert "amount.value" in (await pull()).error
    assert await booked(desk) == []


async def test_two_replicas_pull_a_bill_once(desk, vendor, connector):
    replicas = [Puller(desk, (connector,), HURRIED) for _ in range(3)]

    pulled = await asyncio.gather(*(one.pull_due() for one in replicas))

    assert sum(pulled) == 1
    assert await total(desk) == vendor.total


async def test_a_bill_is_due_again_after_an_hour(server, puller, clock):
    assert await puller.pull_due() == 1
    assert await puller.pull_due() == 0

    clock.tick(timedelta(hours=1))
    server.asked.clear()

    assert await puller.pull_due() == 1
    assert len(days_asked(server)) == 4


async def test_the_first_pull_of_a_day_asks_for_more_days(server, puller, clock):
    await puller.pull_due()
    clock.tick(timedelta(days=1))
    server.asked.clear()

    await puller.pull_due()

    assert len(days_asked(server)) == 9


async def test_who_is_too_slow_books_nothing(desk, vendor, connector, clock):
    """Another replica took over; the slow one's answer may be old by now."""
    slow = Puller(desk, (connector,), HURRIED)
    quick = Puller(desk, (connector,), HURRIED)
    dallied: list[Decimal] = []

    async def dally(asking, step):
        pages = await connector.fetch(asking, step)
        if not dallied:
            clock.tick(timedelta(hours=1))
            await quick.pull(connector, early=True, since=SINCE)
            dallied.append(await total(desk))
        return pages

    await slow.pull(replace(connector, fetch=dally), early=True, since=SINCE)

    assert await total(desk) == dallied[0] == vendor.total
    async with desk.database.reading() as ledger:
        (kept,) = await ledger.pulls.all()
    assert (kept.error, kept.at) == ("", None)


async def test_a_slow_source_keeps_no_other_waiting(desk, connector, clock, monkeypatch):
    monkeypatch.setattr(pulling, "_LOOK_EVERY_SECONDS", 0.01)

    async def never(*_):
        await asyncio.Event().wait()

    slow = replace(connector, source="bill/slow", fetch=never)
    running = asyncio.create_task(Puller(desk, (slow, connector), HURRIED).run())
    async with asyncio.timeout(20):
        for _ in range(2):
            while (await pull_of(desk, connector.source)).succeeded_at != desk.now():
                await asyncio.sleep(0.01)
            clock.tick(timedelta(hours=2))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    async with desk.database.ledger() as ledger:
        now = desk.now()
        assert await ledger.pulls.claim("bill/slow", now, now, early=True) is not None


async def pull_of(desk, source):
    async with desk.database.reading() as ledger:
        return await ledger.pulls.get(source) or Pull(source, desk.now())


async def test_a_long_bill_is_read_beside_the_loop(puller, connector):
    threads = set[int]()

    def parse(*told):
        threads.add(threading.get_ident())
        return connector.parse(*told)

    await puller.pull(replace(connector, parse=parse), early=True, since=TODAY)

    assert threads
    assert threading.get_ident() not in threads


def test_a_fingerprint_is_of_what_is_told_in_any_order():
    one = Charge("a", "openai", TODAY, TODAY + DAY, Decimal("1.5"), final=False)
    other = structs.replace(one, id="b")

    assert fingerprint([one, other]) == fingerprint([other, structs.replace(one, final=True)])
    assert fingerprint([one]) != fingerprint([structs.replace(one, clues=Clues(key_name="k"))])
    assert fingerprint([]) == NOTHING


async def test_who_fails_after_another_took_over_says_so_without_a_fault(desk, connector, clock):
    async def fails(*_):
        clock.tick(timedelta(hours=1))
        await Puller(desk, (connector,), HURRIED).pull(connector, early=True, since=TODAY)
        raise NotUnderstood("This is nothing.")

    slow = Puller(desk, (), HURRIED)

    assert await slow.pull(replace(connector, fetch=fails), early=True) is not None

    async with desk.database.reading() as ledger:
        (kept,) = await ledger.pulls.all()
    assert (kept.error, kept.failures) == ("", 0)


async def test_a_bot_that_is_stopped_leaves_the_bill_to_the_next(desk, vendor, connector):
    started = asyncio.Event()

    async def never(*_):
        started.set()
        await asyncio.Event().wait()

    stopped = asyncio.create_task(
        Puller(desk, (replace(connector, fetch=never),), HURRIED).pull_due()
    )
    await started.wait()
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped

    after = Puller(desk, (connector,), HURRIED)

    async with desk.database.reading() as ledger:
        (kept,) = await ledger.pulls.all()
    assert (kept.error, kept.failures) == ("", 0)
    assert await after.pull_due() == 1
    assert await total(desk) == vendor.total


async def test_a_fault_of_the_bot_itself_is_told_and_stops_no_other_source(desk, vendor, connector):
    async def faulty(*_):
        raise ZeroDivisionError

    broken = replace(connector, source="bill/broken", fetch=faulty)

    assert await Puller(desk, (broken, connector), HURRIED).pull_due() == 1

    assert await total(desk) == vendor.total
    async with desk.database.reading() as ledger:
        kept = {pull.source: pull for pull in await ledger.pulls.all()}
    assert "the log of the bot says why" in kept["bill/broken"].error
    assert kept["bill/broken"].due_at > desk.now()


async def test_days_settle_when_they_stay_the_same_or_are_old(desk, vendor, pull):
    vendor.bill[SINCE - 2 * DAY] = [("proj_1", "key_1", "gpt-6, input", Decimal(1))]
    await pull()
    assert not any(charge.final for charge in await booked(desk))

    await pull()

    settled = {charge.start for charge in await booked(desk) if charge.final}
    assert settled == {SINCE, SINCE + DAY}


async def test_a_bill_of_long_ago_is_settled_at_once(desk, vendor, puller, connector):
    long_ago = TODAY - 30 * DAY
    vendor.bill[long_ago] = [("proj_1", None, "gpt-6, input", Decimal(1))]

    await puller.pull(connector, early=True, since=long_ago)

    async with desk.database.reading() as ledger:
        ((_, charge),) = await ledger.charges.of_day("openai", long_ago)
    assert charge.final


async def test_from_a_later_day_on_leaves_no_gap(server, puller, connector):
    server.faults += [status(401)]
    await puller.pull(connector, early=True, since=SINCE)
    server.asked.clear()

    await puller.pull(connector, early=True, since=TODAY)

    assert days_asked(server)[0] == int(SINCE.timestamp())


async def test_keys_are_asked_for_only_since_they_are_told(server, puller, connector):
    """It answers 400 to the question before."""
    last = datetime(2025, 12, 6, tzinfo=UTC)
    server.faults += [None, status(401)]

    await puller.pull(connector, early=True, since=last)

    groups = [{value for name, value in one.query if name == "group_by[]"} for one in server.asked]
    assert groups == [{"project_id", "line_item"}, {"project_id", "line_item", "api_key_id"}]


async def test_nothing_is_asked_of_before_the_vendor_tells(server, puller, connector):
    short = replace(connector, oldest=lambda _: SINCE + 2 * DAY)

    await puller.pull(short, early=True, since=SINCE)

    assert days_asked(server)[0] == int((SINCE + 2 * DAY).timestamp())
