from datetime import timedelta

import pytest

from bot.policy import Policy
from storage.database import Database
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Json, Workspace, labels, spent

pytestmark = pytest.mark.usefixtures("clock")

SEARCH = "C0SEARCH"
RANKING, DOCS = "search-ranking", "search-docs"
WEEK = timedelta(weeks=1)


async def opened(workspace: Workspace, database: Database) -> str:
    """The thread's ts. Ranking, Owen's, used a third of its cap for three weeks; docs, Mia's,
    nothing at all.
    """
    since = MONDAY - 9 * WEEK
    docs = a_workflow(key=DOCS, name="Search docs", owner=MIA, backup=None, activated_at=since)
    ranking = a_workflow(activated_at=since)
    await moved_in(database, ranking, docs, policy=Policy(timezone="Europe/Berlin"))
    days = [MONDAY - timedelta(days=3) - week * WEEK for week in range(4)]
    await workspace.usage(*(spent(RANKING, "85", day) for day in days))
    [parent] = await workspace.messages(SEARCH)
    ts: str = parent["ts"]
    return ts


async def reply_of(workspace: Workspace, thread: str, name: str) -> Json:
    replies = (await workspace.messages(SEARCH, thread))[1:]
    return next(one for one in replies if one["text"].startswith(f"*{name}*"))


def primary(message: Json) -> list[str]:
    buttons = [one for block in message["blocks"] for one in block.get("elements", [])]
    return [one["text"]["text"] for one in buttons if one.get("style") == "primary"]


async def test_what_is_recommended_is_taken_over_or_overruled(
    workspace: Workspace, database: Database
):
    thread = await opened(workspace, database)
    owen, mia = workspace.user(OWEN), workspace.user(MIA)
    ranking = await reply_of(workspace, thread, "Search ranking")
    docs = await reply_of(workspace, thread, "Search docs")
    assert "*Cap*: weekly $110.00 would fit: at most 34 % was used, three weeks" in ranking["text"]
    assert "*Retire*: nothing was recorded for four weeks." in docs["text"]
    assert (primary(ranking), primary(docs)) == (["Cap…"], ["Retire…"])

    word = await workspace.user(FIN).clicks_on(SEARCH, ranking["ts"], label="Cap…")
    assert f"<@{OWEN}>" in word
    await owen.clicks_on(SEARCH, ranking["ts"], label="Cap…")
    form = await owen.form()
    [amount] = [one for one in form["blocks"] if one["block_id"] == "amount"]
    assert amount["element"]["initial_value"] == "110"
    assert (await owen.submits())["outcome"] != "errors"
    await mia.says("keep", SEARCH, thread)

    shown = await reply_of(workspace, thread, "Search ranking")
    assert "lowered from $250.00 to $110.00" in shown["text"]
    assert "Kept by <@U0MIA>" in (await reply_of(workspace, thread, "Search docs"))["text"]
    assert "2 of 2 decided · closed" in (await workspace.texts(SEARCH))[0]


async def test_silence_is_reminded_escalated_and_kept_unreviewed(
    workspace: Workspace, database: Database, clock
):
    thread = await opened(workspace, database)
    assert "Owners are reminded Tue 24 Nov 10:00 CET" in (await workspace.texts(SEARCH))[0]
    await workspace.user(OWEN).says("keep", SEARCH, thread)

    clock.tick(timedelta(hours=25))
    assert "waits for your answer on `search-docs`" in await workspace.last_text(MIA)
    assert not any("waits for your answer" in text for text in await workspace.texts(OWEN))

    clock.tick(timedelta(hours=48))
    assert "nobody has answered for `search-docs`" in await workspace.last_text(ANA)
    assert f"<@{ANA}> may decide now" in await workspace.last_text(SEARCH, thread)

    clock.move_to(MONDAY + WEEK)
    docs = await reply_of(workspace, thread, "Search docs")
    assert "Kept, unreviewed" in docs["text"]
    assert labels(docs) == []
    assert "1 kept, 1 kept unreviewed" in (await workspace.texts(SEARCH))[0]
    await workspace.user(MIA).says("keep search-docs", SEARCH, thread)
    assert "This review is closed" in await workspace.last_text(SEARCH, thread)

    newest = (await workspace.messages(SEARCH))[-1]["ts"]
    assert "Unreviewed last week" in (await reply_of(workspace, newest, "Search docs"))["text"]
    history = await workspace.user(MIA).types(f"/budget history {DOCS}")
    assert "kept, unreviewed" in history
    await workspace.user(ANA).says("keep docs is fine, keep search-docs", SEARCH, newest)
    await workspace.user(ANA).says("keep search-docs", SEARCH, newest)
    assert "1 of 2 decided" in (await workspace.texts(SEARCH))[-1]


async def test_the_first_review_of_a_month_asks_about_the_month_and_finance_hears_what_it_came_to(
    workspace: Workspace, database: Database, clock
):
    thread = await opened(workspace, database)
    await workspace.user(OWEN).says("cap 110 weekly", SEARCH, thread)
    clock.move_to(MONDAY + WEEK)
    await workspace.messages(SEARCH)

    clock.move_to(MONDAY + 2 * WEEK)
    parent = (await workspace.messages(SEARCH))[-1]
    assert "*November*: $255.00 of $1,800.00; is each still worth it?" in parent["text"]
    replies = await workspace.texts(SEARCH, parent["ts"])
    [rolled] = [text for text in replies if text.startswith("*The reviews of November 2026*")]
    assert "1 capped, 3 kept unreviewed" in rolled
    assert "against the forecast (1 answer)" in rolled

    clock.move_to("2026-12-15 09:00")
    assert "*The weekly reviews of November 2026, all teams*" in await workspace.last_text(FIN)
