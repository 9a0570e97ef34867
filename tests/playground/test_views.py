import asyncio

import pytest

from tests.playground import town as towns


def plain(text):
    return {"type": "plain_text", "text": text}


def field(block_id="amount", **more):
    element = {"type": "plain_text_input", "action_id": "in"}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("Amount"),
        "element": element,
    } | more


def modal(*blocks, title="A form", **more):
    blocks = blocks or (field(),)
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


async def test_a_trigger_opens_one_view(town):
    trigger = await town.trigger()

    assert await town.error("views.open", trigger_id=trigger, view=modal()) == ""
    assert (
        await town.error("views.open", trigger_id=trigger, view=modal()) == "exchanged_trigger_id"
    )
    assert await town.error("views.open", trigger_id="1.2.x", view=modal()) == "invalid_trigger_id"
    assert await town.error("views.open", view=modal()) == "invalid_arguments"


async def test_a_trigger_expires():
    async with towns.town(trigger_seconds=0.02) as town:
        trigger = await town.trigger()
        await asyncio.sleep(0.03)
        error = await town.error("views.open", trigger_id=trigger, view=modal())

    assert error == "expired_trigger_id"


async def test_a_refused_view_says_where_and_leaves_the_trigger(town):
    trigger = await town.trigger()

    answer = await town.answer("views.open", trigger_id=trigger, view=modal(title="t" * 25))

    assert answer["error"] == "invalid_arguments"
    assert "json-pointer:/title/text" in answer["response_metadata"]["messages"][0]
    assert await town.error("views.open", trigger_id=trigger, view=modal()) == ""


async def test_a_view_may_not_be_huge(town):
    blocks = [field(f"f{n}", hint=plain("h" * 2000), label=plain("l" * 2000)) for n in range(63)]
    trigger = await town.trigger()
    assert (
        await town.error("views.open", trigger_id=trigger, view=modal(*blocks)) == "view_too_large"
    )


async def test_three_views_make_a_stack(town):
    await town.opens(modal(field(), {"type": "actions", "elements": [button("more")]}))
    for title in ("two", "three", "four"):
        await town.does("click", user="U0OWEN", view=True, action_id="more")
        trigger = town.bot.last()["trigger_id"]
        view = modal({"type": "actions", "elements": [button("more")]}, title=title)
        error = await town.error("views.push", trigger_id=trigger, view=view)

    assert error == "push_limit_reached"
    stack = await town.sees("views", user="U0OWEN")
    assert [v["title"]["text"] for v in stack] == ["A form", "two", "three"]
    assert stack[2]["previous_view_id"] == stack[1]["id"]
    assert {v["root_view_id"] for v in stack} == {stack[0]["id"]}


def button(action_id, **more):
    return {"type": "button", "action_id": action_id, "text": plain("More"), **more}


async def test_only_a_trigger_from_a_modal_can_push(town):
    error = await town.error("views.push", trigger_id=await town.trigger(), view=modal())
    assert error == "invalid_trigger_id"


async def test_an_update_with_an_old_hash_is_a_conflict(town):
    view = await town.opens(modal())
    about = {"view_id": view["id"], "hash": view["hash"], "view": modal(title="Newer")}

    assert await town.error("views.update", **about) == ""
    assert await town.error("views.update", **about) == "hash_conflict"
    assert await town.error("views.update", view_id=view["id"], view=modal()) == ""
    assert await town.error("views.update", view_id="V0NONE", view=modal()) == "not_found"


async def test_an_update_keeps_what_was_typed(town):
    refresh = {"type": "actions", "block_id": "acts", "elements": [button("more")]}
    view = await town.opens(modal(field(), refresh))
    await town.does("click", user="U0OWEN", view=True, action_id="more", values={"amount": "5"})

    await town.answer("views.update", view_id=view["id"], view=modal(field(), title="Newer"))

    [shown] = await town.sees("views", user="U0OWEN")
    assert shown["state"]["values"]["amount"]["in"]["value"] == "5"


async def test_a_view_is_found_by_its_external_id(town):
    await town.opens(modal(external_id="mine"))

    found = await town.error("views.update", external_id="mine", view=modal(title="Newer"))
    twice = {"trigger_id": await town.trigger(), "view": modal(external_id="mine")}

    assert found == ""
    assert await town.error("views.open", **twice) in {"", "duplicate_external_id"}


async def test_home_is_published_and_seen(town):
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    first = (await town.answer("views.publish", user_id="U0OWEN", view=view))["view"]
    about = {"user_id": "U0OWEN", "view": view, "hash": first["hash"]}

    assert await town.error("views.publish", **about) == ""
    assert await town.error("views.publish", **about) == "hash_conflict"
    assert await town.error("views.publish", user_id="U9", view=view) == "user_not_found"
    seen = (await town.does("home", user="U0OWEN"))["view"]
    assert seen["blocks"][0]["type"] == "divider"
    assert town.bot.of("app_home_opened")[0]["event"]["user"] == "U0OWEN"


async def test_home_must_be_enabled():
    async with towns.town(manifest={"features": {}}) as town:
        view = {"type": "home", "blocks": []}
        error = await town.error("views.publish", user_id="U0OWEN", view=view)
    assert error == "not_enabled"


@pytest.mark.parametrize("notify", [True, False])
async def test_closing_is_told_only_if_asked_for(town, notify):
    await town.opens(modal(notify_on_close=notify))

    await town.does("close", user="U0OWEN")

    assert len(town.bot.of("view_closed")) == notify
    assert await town.sees("views", user="U0OWEN") == []
