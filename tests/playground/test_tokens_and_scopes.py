import pytest

from tests.playground import town as towns

ALL = {
    "auth.test": "",
    "blocks.validate": "",
    "chat.getPermalink": "",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.open": "im:write",
    "conversations.join": "channels:join",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "views.open": "",
    "views.publish": "",
}


def manifest(*scopes):
    return {"oauth_config": {"scopes": {"bot": list(scopes)}}}


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        pytest.param({}, "not_authed", id="no token"),
        pytest.param({"Authorization": "Bearer xoxb-other"}, "invalid_auth", id="unknown token"),
        pytest.param(
            {"Authorization": "Bearer xapp-playground"}, "not_allowed_token_type", id="app token"
        ),
    ],
)
async def test_a_wrong_token_is_turned_away(town, headers, error):
    reply = await town.http.post("/api/auth.test", headers=headers)

    assert (reply.status_code, reply.json()["error"]) == (200, error)


@pytest.mark.parametrize("how", ["header", "form", "query"])
async def test_a_token_may_come_in_a_header_a_form_or_the_query(town, how):
    given = {
        "header": {"headers": {"Authorization": "Bearer xoxb-playground"}},
        "form": {"data": {"token": "xoxb-playground"}},
        "query": {"params": {"token": "xoxb-playground"}},
    }

    assert (await town.http.post("/api/auth.test", **given[how])).json()["user_id"] == "U0BOT"


async def test_unknown_methods_and_broken_json_are_named(town):
    assert await town.error("chat.shout") == "unknown_method"
    reply = await town.http.post(
        "/api/auth.test", content="{", headers={"Content-Type": "application/json"}
    )
    assert reply.json()["error"] == "invalid_json"


async def test_a_missing_scope_says_which_and_what_there_is():
    async with towns.town(manifest=manifest("im:read", "commands")) as town:
        for method, scope in ALL.items():
            answer = await town.answer(method)
            if scope:
                missing = {"needed": scope, "provided": "commands,im:read"}
                assert answer == {"ok": False, "error": "missing_scope", **missing}
            else:
                assert answer.get("error") != "missing_scope"


@pytest.mark.parametrize(
    ("scope", "channel"),
    [
        pytest.param("channels:history", "C0SEARCH", id="public"),
        pytest.param("groups:history", "G0SECRET", id="private"),
        pytest.param("im:history", "D0OWEN", id="direct"),
    ],
)
async def test_reading_needs_the_scope_of_that_kind_of_channel(scope, channel):
    async with towns.town(manifest=manifest(scope, "chat:write")) as town:
        await town.does("channel", id="G0SECRET", is_private=True, members=["U0OWEN", "U0BOT"])
        await town.answer("chat.postMessage", channel="U0OWEN", text="hello")
        errors = {
            place: await town.error("conversations.history", channel=place)
            for place in ("C0SEARCH", "G0SECRET", "D0OWEN")
        }

    assert [place for place, error in errors.items() if not error] == [channel]


async def test_listing_needs_a_scope_for_each_type():
    async with towns.town(manifest=manifest("channels:read")) as town:
        assert await town.error("conversations.list", types="public_channel") == ""
        assert await town.error("conversations.list", types="public_channel,im") == "missing_scope"
        assert await town.error("conversations.list", types="secret") == "invalid_types"


async def test_emails_are_shown_only_with_their_scope():
    async with towns.town(manifest=manifest("users:read")) as town:
        profile = (await town.answer("users.info", user="U0OWEN"))["user"]["profile"]
    assert "email" not in profile


async def test_posting_uninvited_needs_its_own_scope():
    for scopes, error in (
        (["chat:write"], "not_in_channel"),
        (["chat:write", "chat:write.public"], ""),
    ):
        async with towns.town(manifest=manifest(*scopes)) as town:
            await town.does("channel", id="C0SEARCH", kick_bot=True)
            assert await town.error("chat.postMessage", channel="C0SEARCH", text="hi") == error
