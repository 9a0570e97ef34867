"""GitHub's reports and seats, asked for through all their pages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from bot.charges import Stretch
from handlers.settings import Settings
from handlers.vendors.asking import Asking, Patience
from handlers.vendors.connector import Connector, Told
from handlers.vendors.connectors import connectors
from handlers.vendors.lines import check
from handlers.vendors.trouble import NotLetIn, NotPermitted, NotUnderstood, Unanswered
from tests.servers import NO_TLS
from tests.vendors.standin import Standin, breaks_off, changed, instead, status
from tests.vendors.teams import SEATS, GitHub, a_seat

NOW = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
DAY = Stretch(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
HURRIED = Patience(attempts=3, first=0, longest=1, silence=1, whole=2)
USAGE = "/organizations/acme/settings/billing/ai_credit/usage"


@pytest.fixture(scope="module")
def served() -> Iterator[Standin]:
    with Standin(GitHub()).open() as standin:
        yield standin


@pytest.fixture
def github(served: Standin) -> Standin:
    served.answer = GitHub()
    served.faults.clear()
    served.asked.clear()
    return served


def connector(github: Standin) -> Connector:
    settings = Settings(
        github_url=github.url, github_token="ghp-secret", github_organisation="acme"
    )
    (one,) = connectors(settings)
    return one


async def told(github: Standin) -> Told:
    one = connector(github)
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        pages = await one.fetch(Asking(http, one.vendor, lambda: NOW, HURRIED), DAY)
    said = one.parse(pages, DAY, NOW)
    check("GitHub", said.charges, DAY)
    return said


def by_person(said: Told) -> dict[str, Decimal]:
    return {charge.person: charge.cost for charge in said.charges}


async def test_seats_are_read_through_all_pages_and_everybody_is_asked_for(github):
    people = [f"u{n}" for n in range(7)]
    github.answer = GitHub(dict.fromkeys(people, ("2", "1")), seats=list(people), size=3)

    said = await told(github)

    assert by_person(said) == dict.fromkeys(people, Decimal(1))
    assert [dict(one.query)["page"] for one in github.asked if one.path == SEATS] == ["1", "2", "3"]


async def test_who_is_asked_and_how(github):
    github.answer = GitHub({"lena": ("2", "1")}, seats=["lena"])

    await told(github)

    first, seats, lena = github.asked
    assert (first.path, seats.path, lena.path) == (USAGE, SEATS, USAGE)
    assert dict(first.query) == {"year": "2026", "month": "11", "day": "19"}
    assert dict(lena.query) == {**dict(first.query), "user": "lena"}
    assert first.headers["authorization"] == "Bearer ghp-secret"
    assert first.headers["x-github-api-version"] == "2026-03-10"


async def test_nobody_is_asked_for_on_a_day_without_use(github):
    github.answer = GitHub(seats=["lena"])

    assert (await told(github)).charges == ()
    assert len(github.asked) == 1


async def test_nobody_more_is_asked_for_once_all_is_accounted_for(github):
    github.answer = GitHub({"lena": ("2", "1")}, seats=["lena", *[f"idle{n}" for n in range(20)]])

    assert by_person(await told(github)) == {"lena": 1}
    assert len(github.asked) == 3


async def test_who_has_no_seat_any_more_is_a_line_without_a_person(github):
    github.answer = GitHub({"lena": ("2", "1"), "gone": ("5", "4")}, seats=["lena", None])

    assert by_person(await told(github)) == {"lena": 1, "": 4}


@pytest.mark.parametrize("code", [404, 422])
async def test_whom_github_does_not_report_on_is_part_of_the_line_without_a_person(github, code):
    github.answer = GitHub({"lena": ("2", "1"), "mo": ("3", "2")}, seats=["lena", "mo"])
    github.faults = [None, None, status(code)]

    assert by_person(await told(github)) == {"mo": 2, "": 1}


async def test_a_person_who_may_not_be_asked_for_is_no_person_without_use(github):
    github.answer = GitHub({"lena": ("2", "1")}, seats=["lena"])
    github.faults = [None, None, status(403)]

    with pytest.raises(NotPermitted):
        await told(github)


async def test_a_login_is_asked_for_as_it_is(github):
    github.answer = GitHub({"a&b=c d": ("2", "1")}, seats=["a&b=c d"])

    assert by_person(await told(github)) == {"a&b=c d": 1}


@pytest.mark.parametrize(
    "fault",
    [status(500), status(429, {"Retry-After": "0"}), breaks_off],
    ids=["fails", "throttles", "breaks off"],
)
async def test_a_fault_on_the_way_loses_and_doubles_nothing(github, fault):
    people = ["lena", "mo", "nia"]
    github.answer = GitHub(dict.fromkeys(people, ("2", "1")), seats=list(people), size=2)
    github.faults = [None, fault, None, fault, fault, None, fault]

    assert by_person(await told(github)) == dict.fromkeys(people, Decimal(1))


async def test_nothing_is_left_of_the_hour_so_it_is_asked_again_when_github_says(github):
    reset = str(int((NOW + timedelta(minutes=25)).timestamp()))
    github.faults = [status(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})]

    with pytest.raises(Unanswered, match="too many questions") as trouble:
        await told(github)

    assert trouble.value.again == timedelta(minutes=25)


@pytest.mark.parametrize("code", [403, 404])
async def test_a_token_that_may_not_is_told_what_it_must_be(github, code):
    github.faults = [status(code)]

    with pytest.raises(NotPermitted) as no:
        await told(github)

    for word in ("BUDGET_BOT_GITHUB_TOKEN", "acme", "Administration: read", USAGE, str(code)):
        assert word in str(no.value)


async def test_a_token_that_may_not_read_seats_is_told_so(github):
    github.answer = GitHub({"lena": ("2", "1")}, seats=["lena"])
    github.faults = [None, status(404)]

    with pytest.raises(NotPermitted, match=SEATS):
        await told(github)


async def test_a_token_that_is_not_accepted_is_told_so(github):
    github.faults = [status(401)]

    with pytest.raises(NotLetIn, match=r"does not accept BUDGET_BOT_GITHUB_TOKEN"):
        await told(github)


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        pytest.param([None, instead({"seats": 5})], "seats", id="seats are a number"),
        pytest.param([None, instead({"seats": [{"assignee": {}}]})], "login", id="nameless"),
        pytest.param(
            [None, None, changed(lambda page: {**page, "user": "somebody"})],
            "one user",
            id="of somebody else",
        ),
        pytest.param(
            [changed(lambda page: {**page, "timePeriod": {"year": 2026}})],
            "another time",
            id="of the whole year",
        ),
    ],
)
async def test_lies_are_refused(github, faults, said):
    github.answer = GitHub({"lena": ("2", "1")}, seats=["lena"])
    github.faults = faults

    with pytest.raises(NotUnderstood, match=said):
        await told(github)


async def test_seats_that_come_again_end(github):
    github.answer = GitHub({"lena": ("2", "1")}, seats=["lena"])
    same = instead({"total_seats": 900, "seats": [a_seat("lena")]})
    github.faults = [None, same, same]

    with pytest.raises(NotUnderstood, match="the same page twice"):
        await told(github)


async def test_github_is_asked_only_for_a_named_organisation():
    assert connectors(Settings(github_token="ghp-secret")) == ()
