import shutil
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from playground.config import Config
from playground.server import create
from tests.browser import standin
from tests.playground.threaded import running

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 10_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = shutil.which("chromium") or CHROMIUM
    if not Path(found).exists():
        pytest.fail("These tests drive a real Chromium; get it with: apt-get install chromium")
    return {**browser_type_launch_args, "executable_path": found, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def address():
    """A playground with the stand-in bot, each in a thread of its own."""
    bot, client = standin.build()
    with running(bot) as bot_address:
        config = Config(
            bot_url=f"{bot_address}/slack/events",
            signing_secret=standin.SECRET,
            manifest=standin.MANIFEST,
            rate_limits=False,
        )
        with running(create(config)) as url:
            client.base_url = f"{url}/api/"
            yield url


@pytest.fixture(scope="session")
def base_url(address):
    return address


class Workspace:
    """What the other people and the bot do meanwhile."""

    def __init__(self, address):
        self.address = address
        headers = {"Authorization": "Bearer xoxb-playground"}
        self.http = httpx.Client(base_url=address, trust_env=False, headers=headers, timeout=20)

    def does(self, path, **what):
        reply = self.http.post(f"/control/{path}", json=what)
        assert reply.is_success, reply.text
        return reply.json()

    def bot_posts(self, **message):
        reply = self.http.post("/api/chat.postMessage", json={"channel": "C0SEARCH", **message})
        assert reply.json()["ok"], reply.text
        return reply.json()["ts"]

    def last_text(self, channel="C0SEARCH"):
        return self.http.get("/control/messages", params={"channel": channel}).json()[-1]["text"]


@pytest.fixture
def workspace(address):
    place = Workspace(address)
    place.does("reset")
    yield place
    place.http.close()


@pytest.fixture
def troubles(page):
    """What the page's script stumbled over; empty at the end of every test."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    yield found
    assert found == []


@pytest.fixture
def visit(page, workspace, troubles):  # noqa: ARG001 - watched from the first moment on
    """Open the page as this person, at this place."""

    def open_page(user="U0OWEN", place="C0SEARCH"):
        page.goto(f"{workspace.address}/?as={user}#{place}")
        expect(page.locator("#place-name")).not_to_be_empty()
        expect(page.locator("#person")).to_have_value(user)
        return page

    return open_page
