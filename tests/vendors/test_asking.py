"""One question to a vendor that throttles, fails, lies or breaks off."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from handlers.vendors import asking as module
from handlers.vendors.asking import Asking, Patience, client, read_retry_after
from handlers.vendors.trouble import NotLetIn, NotPermitted, NotUnderstood, Unanswered
from handlers.vendors.vendor import Vendor
from tests.vendors.standin import KEY, Standin, breaks_off, cut, packed, says, status, web_page

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HURRIED = Patience(attempts=3, first=0, longest=1, silence=1, whole=2)


@pytest.fixture(scope="module")
def server() -> Iterator[Standin]:
    with Standin(lambda _: {"data": [1, 2, 3]}).open() as server:
        yield server


@pytest.fixture
def vendor(server):
    server.faults.clear()
    server.asked.clear()
    headers = {"Authorization": f"Bearer {KEY}"}
    return Vendor("Acme", server.url, "BUDGET_BOT_ACME_KEY", "an admin key", headers)


async def asked(vendor, patience=HURRIED):
    async with client() as http:
        return await Asking(http, vendor, lambda: NOW, patience).get("/bill", [("day", 1)])


async def test_the_bot_says_who_it_is(server, vendor):
    assert await asked(vendor) == {"data": [1, 2, 3]}

    (one,) = server.asked
    assert one.headers["user-agent"].startswith("budget-bot/0.")
    assert one.headers["authorization"] == f"Bearer {KEY}"
    assert (one.path, one.query) == ("/bill", [("day", "1")])


@pytest.mark.parametrize("fault", [status(500), status(503), status(429), status(408), breaks_off])
async def test_what_may_pass_is_asked_again(server, vendor, fault):
    server.faults += [fault, fault]

    assert await asked(vendor) == {"data": [1, 2, 3]}
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", [status(500), status(429), breaks_off])
async def test_what_does_not_pass_is_told_in_the_end(server, vendor, fault):
    server.faults += [fault] * 3

    with pytest.raises(Unanswered, match="Acme"):
        await asked(vendor)
    assert len(server.asked) == 3


@pytest.mark.parametrize("wait", ["0", format_datetime(NOW, usegmt=True)])
async def test_a_short_wait_that_is_asked_for_is_waited(server, vendor, wait):
    server.faults += [status(429, {"Retry-After": wait})]

    assert await asked(vendor) == {"data": [1, 2, 3]}


@pytest.mark.parametrize("wait", ["3600", format_datetime(NOW + timedelta(hours=1), usegmt=True)])
@pytest.mark.parametrize("code", [429, 503, 403])
async def test_a_long_wait_that_is_asked_for_ends_the_pull(server, vendor, wait, code):
    server.faults += [status(code, {"Retry-After": wait})]

    with pytest.raises(Unanswered) as no:
        await asked(vendor)

    assert no.value.again == timedelta(hours=1)
    assert len(server.asked) == 1


async def test_a_refused_credential_is_named_and_what_it_must_be(server, vendor):
    server.faults += [status(401)]

    with pytest.raises(NotLetIn, match="BUDGET_BOT_ACME_KEY") as no:
        await asked(vendor)

    assert "an admin key" in str(no.value)
    assert not isinstance(no.value, NotPermitted)
    assert len(server.asked) == 1


async def test_a_missing_permission_is_named(server, vendor):
    server.faults += [status(403)]

    with pytest.raises(NotPermitted, match=r"may not read /bill at Acme \(403\)"):
        await asked(vendor)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(302, {"Location": "http://elsewhere.example/?token=1"}), "redirects /bill"),
        (status(404), r"refuses the question /bill \(404\)"),
        (status(204), r"refuses the question /bill \(204\)"),
        (web_page, "a web page instead of figures"),
        (cut, "no whole JSON"),
        (packed, "which it was asked not to"),
        (lambda _: raw("[" * 100_000), "no whole JSON"),
        (lambda _: raw('{"data": [NaN]}'), "no whole JSON"),
        (lambda _: raw(b"\xff\xfe"), "no whole JSON"),
    ],
)
async def test_what_is_no_answer_is_refused_at_once(server, vendor, fault, said):
    server.faults += [fault]

    with pytest.raises(NotUnderstood, match=said) as no:
        await asked(vendor)

    assert len(server.asked) == 1
    assert not any(word in str(no.value) for word in ("secret", "elsewhere.example", "log in"))


def raw(body):
    response = says(None)
    response.body = body if isinstance(body, bytes) else body.encode()
    response.headers["Content-Length"] = str(len(response.body))
    return response


async def test_an_answer_without_end_is_not_read_to_its_end(server, vendor, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_BODY", 1024)
    server.faults += [lambda _: says("x" * 4096)]

    with pytest.raises(NotUnderstood, match="more than"):
        await asked(vendor)


async def test_many_pages_are_not_read_without_end_either(server, vendor, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_STEP", 10_000)
    server.faults += [lambda _: says("x" * 4000)] * 3

    async with client() as http:
        asking = Asking(http, vendor, lambda: NOW, HURRIED)
        await asking.get("/bill")
        await asking.get("/bill")
        with pytest.raises(NotUnderstood, match="more than a bill can fill"):
            await asking.get("/bill")


async def test_a_vendor_that_is_not_there_is_told(vendor):
    nobody = Vendor("Acme", "http://127.0.0.1:1", vendor.credential, vendor.permission)

    with pytest.raises(Unanswered, match="cannot be reached, or broke off: ConnectError"):
        await asked(nobody)


def test_a_vendor_shows_no_secret(vendor):
    assert KEY not in repr(vendor)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("Mon, 23 Nov 2026 09:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 23 Nov 2026 08:00:00 GMT", timedelta()),
        ("99999999", timedelta(days=1)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("9" * 5000, None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
    ],
)
def test_how_long_to_wait_is_seconds_or_a_date(text, wait):
    assert read_retry_after(text, NOW) == wait
