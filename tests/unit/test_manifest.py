"""The manifest, what the bot listens to and what it calls say the same."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.desk import Desk
from handlers.slack import router
from storage.database import Database

ROOT = Path(__file__).parents[2]

# docs.slack.dev/reference/methods: the bot scope each method needs; any one of a set will do.
SCOPES = {
    "auth_test": set(),
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_join": {"channels:join"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "reactions_add": {"reactions:write"},
    "users_info": {"users:read"},
    "users_lookupByEmail": {"users:read.email", "users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}
EVENT_SCOPES: dict[str, str | None] = {
    "app_home_opened": None,
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "user_change": "users:read",
}
ALWAYS = {"commands"}


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "app.yaml")
    return found


def called() -> set[str]:
    """The Web API methods that handlers name on a client."""
    methods = {name for name in dir(AsyncWebClient) if re.match(r"[a-z]+_[a-zA-Z]+$", name)}
    found = set()
    for path in (ROOT / "handlers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in methods & _slack_like(methods):
                found.add(node.attr)
    return found


def _slack_like(methods: set[str]) -> set[str]:
    families = ("auth_", "chat_", "conversations_", "reactions_", "users_", "views_", "files_")
    return {name for name in methods if name.startswith(families)}


def test_every_method_called_is_known_here():
    assert called() <= set(SCOPES)


def test_the_scopes_are_those_of_the_methods_called_and_no_others():
    scopes = {scope for scope in EVENT_SCOPES.values() if scope}
    needed = set().union(*(SCOPES[method] for method in called()), scopes, ALWAYS)

    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == needed


def test_the_events_asked_for_are_those_listened_to():
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) == set(EVENT_SCOPES)


def test_the_command_is_the_one_listened_to():
    commands = [one["command"] for one in manifest()["features"]["slash_commands"]]

    assert commands == ["/budget"]


def test_no_shortcut_is_offered_that_nobody_hears():
    assert "shortcuts" not in manifest()["features"]


async def test_bolt_takes_every_table_entry(tmp_path: Path):
    desk = Desk(Database(f"sqlite:///{tmp_path}/bot.db"))
    client = AsyncWebClient(token="xoxb-none")
    bolt = AsyncApp(client=client, signing_secret="secret", process_before_response=True)

    router.listen(bolt, desk, client)

    assert all((router.COMMANDS, router.ACTIONS, router.VIEWS))
    await desk.database.close()


def emitted() -> set[str]:
    """The action ids and callback ids written in the source: `noun.verb`."""
    nouns = {name.partition(".")[0] for table in (router.ACTIONS, router.VIEWS) for name in table}
    wanted = re.compile(rf'"((?:{"|".join(nouns)})\.[a-z_]+)"')
    found = set()
    for folder in ("bot/cards", "handlers/slack"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(wanted.findall(path.read_text()))
    return found


def test_every_button_and_form_has_a_listener():
    assert emitted() - set(router.ACTIONS) - set(router.VIEWS) == set()


@pytest.mark.parametrize("table", [router.ACTIONS, router.VIEWS], ids=["actions", "views"])
def test_every_listener_has_a_button_or_form(table: dict[str, Any]):
    nouns = {name for name in table if "." in name}

    assert nouns <= emitted()
