import time

import httpx
import pytest
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from tests.playground import town as towns
from tests.playground.town import TOKEN

HEADERS = {"Authorization": f"Bearer {TOKEN}"}
POST = {"channel": "C0SEARCH", "text": "a"}


PATIENCE = 0.3


async def posts_raw(town):
    return await town.http.post(
        "/api/chat.postMessage", json=POST, headers=HEADERS, timeout=PATIENCE
    )


async def how_many(town):
    return len(await town.sees("messages", channel="C0SEARCH"))


async def test_429_says_when_to_come_back(town):
    await town.does("faults", method="chat.postMessage", kind="429", times=1, retry_after=7)

    reply = await posts_raw(town)

    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert (await posts_raw(town)).status_code == 200
    assert await how_many(town) == 1


@pytest.mark.parametrize(("kind", "posted"), [("500", 0), ("accept_then_500", 1)])
async def test_500_comes_before_or_after_the_work(town, kind, posted):
    await town.does("faults", method="chat.postMessage", kind=kind, times=1)

    assert (await posts_raw(town)).status_code == 500
    assert await how_many(town) == posted


@pytest.mark.parametrize(("kind", "posted"), [("drop", 0), ("accept_then_drop", 1)])
async def test_the_connection_drops_before_or_after_the_work(town, kind, posted):
    await town.does("faults", method="chat.postMessage", kind=kind, times=1)

    with pytest.raises(httpx.TransportError):
        await posts_raw(town)
    assert await how_many(town) == posted


async def test_no_answer_lasts_until_the_caller_gives_up(town):
    await town.does("faults", method="chat.postMessage", kind="no_answer", times=1)

    with pytest.raises(httpx.ReadTimeout):
        await posts_raw(town)
    assert await how_many(town) == 0
    assert (await posts_raw(town)).status_code == 200


async def test_a_fault_strikes_its_method_alone_until_it_is_taken_away(town):
    await town.does("faults", method="chat.postMessage", kind="500")

    codes = [(await posts_raw(town)).status_code for _ in range(3)]
    other = await town.error("auth.test")
    await town.http.delete("/control/faults")

    assert (codes, other) == ([500] * 3, "")
    assert (await posts_raw(town)).status_code == 200


async def test_a_fault_strikes_every_method_or_none_of_the_time(town):
    await town.does("faults", method="*", kind="500", probability=0)
    assert (await posts_raw(town)).status_code == 200
    await town.does("faults", method="*", kind="500", times=1)
    assert (await posts_raw(town)).status_code == 500


async def test_a_fault_may_end_by_itself(town):
    await town.does("faults", kind="500", seconds=0.05)
    struck = (await posts_raw(town)).status_code
    while await town.sees("faults"):
        pass
    assert (struck, (await posts_raw(town)).status_code) == (500, 200)


async def test_calls_are_kept_without_their_token(town):
    form = {"token": TOKEN, "channel": "C9", "text": "a"}
    await town.http.delete("/control/calls")
    await town.http.post("/api/chat.postMessage", data=form)
    await town.does("faults", method="auth.test", kind="500", times=1)
    await town.http.post("/api/auth.test", headers=HEADERS)

    first, second = await town.sees("calls")

    assert (first["method"], first["arguments"]) == (
        "chat.postMessage",
        {"channel": "C9", "text": "a"},
    )
    assert (first["ok"], first["error"]) == (False, "channel_not_found")
    assert second["error"] == "500"
    assert first["at"] <= second["at"]
    assert first["wall"] > 1_700_000_000


async def test_a_channel_takes_a_message_a_second_after_a_burst_of_three():
    async with towns.town(rate_limits=True) as town:
        replies = [await posts_raw(town) for _ in range(4)]
        elsewhere = await town.error("chat.postMessage", channel="C0GROWTH", text="a")

    assert [r.status_code for r in replies] == [200, 200, 200, 429]
    assert replies[-1].headers["retry-after"] == "1"
    assert replies[-1].json() == {"ok": False, "error": "ratelimited"}
    assert elsewhere == ""


@pytest.mark.parametrize(
    ("method", "per_minute"),
    [("users.list", 20), ("chat.update", 50), ("users.info", 100), ("reactions.remove", 20)],
)
async def test_a_method_has_its_tier(method, per_minute):
    began, calls = time.monotonic(), 0
    async with towns.town(rate_limits=True) as town:
        while (reply := await _called(town, method)).status_code == 200:
            calls += 1
        regained = (time.monotonic() - began) * per_minute / 60

    assert reply.status_code == 429
    assert per_minute <= calls <= per_minute + regained + 1
    assert 1 <= int(reply.headers["retry-after"]) <= 3


async def _called(town, method):
    return await town.http.post(f"/api/{method}", headers=HEADERS)


async def test_slacks_own_client_waits_and_comes_back(town):
    await town.does("faults", method="auth.test", kind="429", times=1, retry_after=0)
    town.web.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))

    assert (await town.web.auth_test())["user_id"] == "U0BOT"
