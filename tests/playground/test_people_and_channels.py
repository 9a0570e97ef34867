import pytest

from tests.playground.town import eventually


async def test_a_person_is_found_by_id_and_by_email(town):
    by_id = (await town.answer("users.info", user="U0SAM"))["user"]
    by_email = (await town.answer("users.lookupByEmail", email="Sam@acme.test"))["user"]

    assert by_id == by_email
    assert (by_id["tz"], by_id["is_restricted"]) == ("America/New_York", False)


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        pytest.param("users.info", {"user": "U0NOBODY"}, "user_not_found", id="nobody"),
        pytest.param("users.info", {}, "invalid_arguments", id="no user"),
        pytest.param(
            "users.lookupByEmail", {"email": "no@acme.test"}, "users_not_found", id="no such email"
        ),
        pytest.param("conversations.info", {"channel": "C9"}, "channel_not_found", id="no channel"),
        pytest.param("conversations.open", {}, "users_list_not_supplied", id="nobody to open"),
        pytest.param("conversations.open", {"users": "U9"}, "user_not_found", id="nobody there"),
        pytest.param("conversations.open", {"users": "U0BOT"}, "cannot_dm_bot", id="itself"),
        pytest.param(
            "conversations.join",
            {"channel": "D0OWEN"},
            "channel_not_found",
            id="a direct message that is not open",
        ),
    ],
)
async def test_what_is_not_there_is_named(town, method, arguments, error):
    assert await town.error(method, **arguments) == error


async def test_guests_strangers_and_leavers_are_marked(town):
    await town.does("user", id="U0MIA", deleted=True)
    await town.does("user", id="U0ANA", is_stranger=True)

    async def shown(user):
        return (await town.answer("users.info", user=user))["user"]

    assert (await shown("U0GUEST"))["is_restricted"]
    assert (await shown("U0MIA"))["deleted"]
    assert (await shown("U0ANA"))["is_stranger"]
    assert await town.error("conversations.open", users="U0MIA") == "user_disabled"


async def test_lists_come_page_by_page(town):
    people, cursor = [], ""
    for _ in range(3):
        page = await town.answer("users.list", limit=3, cursor=cursor)
        people += [p["id"] for p in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]

    assert (len(people), len(set(people)), cursor) == (7, 7, "")


async def test_the_bots_own_channels_are_listed(town):
    await town.does("channel", id="C0SUPPORT", kick_bot=True)
    await town.does("channel", id="C0GROWTH", archive=True)

    mine = await town.answer("users.conversations", exclude_archived=True)
    all_ = await town.answer("conversations.list")

    assert {c["id"] for c in mine["channels"]} == {"C0SEARCH", "C0OPS"}
    assert len(all_["channels"]) == 4


async def test_members_of_a_channel(town):
    found = await town.answer("conversations.members", channel="C0SEARCH")
    assert {"U0BOT", "U0OWEN", "U0GUEST"} <= set(found["members"])


async def test_joining_a_channel_is_an_event(town):
    await town.does("channel", id="C0NEW", name="new", members=["U0OWEN"])

    assert await town.error("conversations.join", channel="C0NEW") == ""
    again = await town.answer("conversations.join", channel="C0NEW")

    assert again["warning"] == "already_in_channel"
    await eventually(lambda: town.bot.of("member_joined_channel"))
    [event] = town.bot.of("member_joined_channel")
    assert (event["event"]["user"], event["event"]["channel"]) == ("U0BOT", "C0NEW")


async def test_reset_puts_everything_back(town):
    await town.posts(text="a")
    await town.does("user", id="U0OWEN", deleted=True)

    await town.does("reset")

    assert await town.sees("messages", channel="C0SEARCH") == []
    assert not (await town.answer("users.info", user="U0OWEN"))["user"]["deleted"]
