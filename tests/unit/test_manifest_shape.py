"""docs.slack.dev/reference/app-manifest: Slack refuses what is longer or named otherwise."""

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from handlers.files.manifest import manifest, manifest_for

KEYS = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
    "features": {"app_home", "bot_user", "slash_commands", "shortcuts"},
    "oauth_config": {"scopes", "redirect_urls"},
    "settings": {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    },
}
VARIANTS = [
    pytest.param(manifest(), id="Socket Mode"),
    pytest.param(YAML(typ="safe").load(manifest_for("https://budget.example.com")), id="HTTP"),
]


@pytest.mark.parametrize("read", VARIANTS)
def test_only_known_keys_are_there(read):
    for section, known in KEYS.items():
        assert set(read[section] if section else read) <= known


@pytest.mark.parametrize("read", VARIANTS)
def test_names_and_descriptions_are_short_enough(read):
    shown, bot = read["display_information"], read["features"]["bot_user"]

    assert 1 <= len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(shown.get("long_description", "x" * 174)) in range(174, 4001)
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9-_.]{1,80}", bot["display_name"])


@pytest.mark.parametrize("read", VARIANTS)
def test_the_command_escapes_what_people_type_and_hints_at_its_use(read):
    (command,) = read["features"]["slash_commands"]

    assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
    assert 1 <= len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
    assert command["should_escape"] is True


@pytest.mark.parametrize("read", VARIANTS)
def test_there_is_a_home_tab_and_messages_may_be_written(read):
    assert read["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


@pytest.mark.parametrize("read", VARIANTS)
def test_scopes_and_events_are_named_once(read):
    scopes = read["oauth_config"]["scopes"]["bot"]
    events = read["settings"]["event_subscriptions"]["bot_events"]

    assert len(set(scopes)) == len(scopes)
    assert len(set(events)) == len(events)


def test_with_an_address_slack_posts_to_it_and_without_one_it_is_told_no_address():
    socket: Any
    http: Any
    socket, http = (variant.values[0] for variant in VARIANTS)

    assert socket["settings"]["socket_mode_enabled"] is True
    assert http["settings"]["socket_mode_enabled"] is False
    assert "url" not in socket["features"]["slash_commands"][0]
    assert http["features"]["slash_commands"][0]["url"].endswith("/slack/events")
