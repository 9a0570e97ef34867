import re

import httpx
import pytest

from handlers.main import build
from handlers.settings import Settings


@pytest.fixture
async def visitor(database):
    settings = Settings(slack_bot_token="xoxb-1", slack_signing_secret="abc")
    bot = build(settings, database, background=False)
    transport = httpx.ASGITransport(bot.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client


async def test_the_description_of_the_doors_needs_no_internet(visitor):
    page = (await visitor.get("/docs")).text
    loaded = re.findall(r'(?:href|src)="([^"]+)"', page)

    assert "https://" not in page
    assert len(loaded) == 3
    for address in loaded:
        assert (await visitor.get(address)).status_code == 200, address


async def test_the_page_shows_what_the_doors_take(visitor):
    page = (await visitor.get("/docs")).text
    described = await visitor.get("/openapi.json")

    assert "url: '/openapi.json'" in page
    assert {"/v1/usage", "/v1/workflows", "/healthz"} <= set(described.json()["paths"])
    assert "/" not in described.json()["paths"]


async def test_the_front_of_the_house_leads_to_the_description(visitor):
    answer = await visitor.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "docs")
