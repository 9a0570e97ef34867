from tests.playground import town as towns
from tests.playground.test_views import field, modal


async def test_stopping_and_starting_again_loses_nothing(tmp_path):
    state = tmp_path / "workspace.db"
    metadata = {"event_type": "notice", "event_payload": {"id": "1"}}
    home = {"type": "home", "blocks": [{"type": "divider", "block_id": "d"}]}
    async with towns.town(state=state) as town:
        ts = await town.posts(text="kept", metadata=metadata)
        await town.does("react", user="U0ANA", channel="C0SEARCH", ts=ts, name="eyes")
        await town.does("reply", user="U0OWEN", channel="C0SEARCH", ts=ts, text="reply")
        await town.answer("chat.postMessage", channel="U0OWEN", text="in private")
        await town.answer("chat.postEphemeral", channel="C0SEARCH", user="U0ANA", text="psst")
        await town.answer("views.publish", user_id="U0OWEN", view=home)
        await town.opens(modal(field()))
        await town.does("channel", id="C0NEW", name="new", members=["U0OWEN"])
        before = await _everything(town)

    async with towns.town(state=state) as town:
        after = await _everything(town)
        again = await town.posts(text="later")

    assert after == before
    assert again > ts


async def _everything(town):
    return [
        await town.sees("state"),
        await town.sees("messages", channel="C0SEARCH"),
        await town.sees("messages", channel="U0OWEN"),
        await town.sees("ephemerals", user="U0ANA"),
        await town.sees("views", user="U0OWEN"),
        await town.sees("home", user="U0OWEN"),
    ]


async def test_without_a_file_everything_is_forgotten():
    async with towns.town() as town:
        await town.posts(text="a")
    async with towns.town() as town:
        assert await town.sees("messages", channel="C0SEARCH") == []
