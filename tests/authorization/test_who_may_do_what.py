"""Every act that Slack lets somebody try, by every role: done, or refused with nothing changed."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from handlers.main import build
from handlers.settings import Settings
from handlers.slack import router
from playground.acme import seed
from playground.config import Config
from playground.server import create
from playground.shapes import Stack, View
from playground.slack import Slack
from storage.database import Database
from tests.authorization.acts import BUTTONS, COMMANDS, FORMS, MEMBERS, STRANGERS, Act
from tests.authorization.scene import PEOPLE, furnish
from tests.playground.threaded import running
from tests.presses import Press, send

SECRET = "a-secret-of-this-table"
# What only remembers who was met and which calls were heard.
FORM_CALLS = {"views.open", "views.push", "views.update"}
BESIDE_THE_POINT = {"people", "seen_events", "sqlite_sequence", "alembic_version"}

pytestmark = pytest.mark.usefixtures("clock")


ACTS = {
    **{f"/budget {verb}": act for verb, act in COMMANDS.items()},
    **{f"button {action}": act for action, act in BUTTONS.items()},
    **{f"form {form}": act for form, act in FORMS.items()},
}


@pytest.mark.parametrize(
    ("rows", "listeners"),
    [(COMMANDS, router.COMMANDS), (BUTTONS, router.ACTIONS), (FORMS, router.VIEWS)],
    ids=["commands", "buttons", "forms"],
)
def test_the_table_has_a_row_for_every_listener_and_no_other(rows, listeners):
    assert sorted(rows) == sorted(listeners)


@dataclass(frozen=True)
class Local:
    slack: Slack
    url: str


def test_every_role_is_expected_to_be_allowed_or_refused():
    assert set(PEOPLE) == MEMBERS | STRANGERS
    assert all(act.may <= MEMBERS for act in ACTS.values())


@pytest.fixture(scope="module")
def slack() -> Iterator[Local]:
    people = seed()
    people["users"] += [
        {"id": "U0REQ", "name": "rea", "tz": "Europe/Berlin"},
        {"id": "U0LEE", "name": "lee", "tz": "Europe/Berlin"},
        {"id": "U0NEW", "name": "nel", "tz": "Europe/Berlin"},
        {"id": "U0STA", "name": "sta", "tz": "Europe/Berlin"},
        {"id": "U0GONE", "name": "gone", "tz": "Europe/Berlin", "deleted": True},
    ]
    config = Config(seed=people, signing_secret=SECRET, rate_limits=False, trigger_seconds=600)
    app = create(config)
    with running(app) as url:
        yield Local(app.state.slack, url)


@pytest.fixture(scope="module")
def furnished(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    path = Path(shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("furnished") / "bot.db"))
    # In a thread, for a loop of its own: no test's loop lives as long as this module.
    with ThreadPoolExecutor(1) as thread:
        ids = thread.submit(lambda: asyncio.run(_furnished(path))).result()
    return path, ids


async def _furnished(path: Path) -> dict[str, str]:
    database = Database(f"sqlite:///{path}")
    async with database.ledger() as ledger:
        ids = await furnish(ledger)
    await database.close()
    return ids


@pytest.mark.parametrize("name", sorted(ACTS))
async def test_an_act_is_done_for_those_who_may_and_for_nobody_else(
    name: str, slack: Local, furnished: tuple[Path, dict[str, str]], tmp_path: Path
):
    act, (template, ids) = ACTS[name], furnished
    refused = [role for role in PEOPLE if act.looks or role not in act.may]

    async with a_company(template, tmp_path, slack) as company:
        wrong = [await wronged(company, act, role, ids) for role in refused]
    for role in sorted(act.may if not act.looks else ()):
        async with a_company(template, tmp_path, slack) as company:
            wrong.append(await wronged(company, act, role, ids))

    assert list(filter(None, wrong)) == []


@dataclass(frozen=True)
class Company:
    path: Path
    door: httpx.AsyncClient
    slack: Slack


@asynccontextmanager
async def a_company(template: Path, folder: Path, slack: Local) -> AsyncIterator[Company]:
    """A bot over a database of its own in which everything is as the scene has it."""
    path = Path(shutil.copy(template, folder / f"{uuid4().hex}.db"))
    database = Database(f"sqlite:///{path}")
    bot = build(settings(slack.url), database, background=False)
    transport = httpx.ASGITransport(bot.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as door:
        yield Company(path, door, slack.slack)
    await database.close()


async def wronged(company: Company, act: Act, role: str, ids: dict[str, str]) -> str | None:
    """What is wrong with what came of it, in words."""
    before = remembered(company.path)
    told, opened = await tried(company, act.press(PEOPLE[role], ids), role)
    done = opened or remembered(company.path) != before
    may = role in act.may and not act.looks
    if done != may:
        return f"{role}: {'done' if done else 'refused'}: {told}"
    if role in STRANGERS and told and "budget-bot" not in told:
        return f"{role} learns: {told}"
    heard = done or told or role in STRANGERS or act.silent
    return None if heard else f"{role}: refused without a word"


async def tried(company: Company, press: Press, role: str) -> tuple[str, bool]:
    """What the person was told, and whether a form was opened or shows something else."""
    company.slack.calls.clear()
    answer = await send(company.door, _as(press, role, company.slack), SECRET)
    assert answer.status_code == 200, answer.text
    calls: list[dict[str, Any]] = [one for one in company.slack.calls.all() if one["error"] is None]
    opened = any(call["method"] in FORM_CALLS for call in calls)
    told = [str(call["arguments"].get("text")) for call in calls if "chat" in call["method"]]
    shown = [call["method"] for call in calls if call["method"] == "views.publish"]
    pushed = '"response_action": "push"' in answer.text
    return "\n".join([answer.text, *told, *shown]), opened or pushed


def _as(press: Press, role: str, slack: Slack) -> Press:
    team = "T0ELSE" if role == "of another workspace" else "T0ACME"
    view = press.view if press.within is None else _open_form(press, slack)
    trigger = slack.triggers.make(press.user, view if press.within else None)
    return replace(press, team=team, trigger=trigger, view=view)


def _open_form(press: Press, slack: Slack) -> str:
    """A form that is open, so that it can be shown otherwise."""
    body: dict[str, Any] = {"type": "modal", "callback_id": press.within, "blocks": []}
    id_ = f"V{uuid4().hex[:8]}"
    view = View(id=id_, body=body, hash="-", root_id=id_)
    slack.workspace.show(Stack(user=press.user, views=(view,)))
    return id_


def settings(slack_url: str) -> Settings:
    return Settings(
        slack_bot_token="xoxb-playground",
        slack_signing_secret=SECRET,
        slack_api_url=f"{slack_url}/api/",
        admins=["U0SAM"],
        log_format="json",
    )


def remembered(path: Path) -> dict[str, list[Any]]:
    """All rows of all tables but those beside the point."""
    with sqlite3.connect(path) as database:
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: database.execute(f'SELECT * FROM "{name}"').fetchall()
            for name in tables
            if name not in BESIDE_THE_POINT
        }
