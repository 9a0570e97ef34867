import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from playground.config import Config
from storage.database import Database
from tests.builders import ANA, MIA, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace

COMMAND = urlencode(
    {
        "command": "/budget",
        "text": "list",
        "team_id": "T0ACME",
        "user_id": "U0OWEN",
        "channel_id": "C0SEARCH",
        "trigger_id": "1.2.3",
    }
)


def signed(body: str, at: str | None = None) -> dict[str, str]:
    moment = at or str(int(time.time()))
    verifier = SignatureVerifier(Config().signing_secret)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": moment,
        "X-Slack-Signature": verifier.generate_signature(timestamp=moment, body=body) or "",
    }


async def test_a_guest_gets_nothing_and_can_do_nothing(workspace: Workspace, database: Database):
    await moved_in(database)
    guest = workspace.user("U0GUEST")

    assert "search-ranking" not in await guest.types("/budget list")
    assert "full members" in await guest.types("/budget request search-ranking")
    assert await workspace.see("views", user="U0GUEST") in ([], {"views": []})


@pytest.mark.parametrize("change", [{"is_stranger": True}, {"is_ultra_restricted": True}])
async def test_who_is_of_another_organisation_gets_nothing(
    workspace: Workspace, database: Database, change: dict[str, bool]
):
    await moved_in(database)
    await workspace.ask("user", id=ANA, **change)

    assert "search-ranking" not in await workspace.user(ANA).types("/budget list")


async def test_who_became_a_guest_meanwhile_approves_nothing(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await workspace.user(MIA).types("/budget request search-ranking")
    await workspace.user(MIA).submits(
        cap="weekly", amount="100", reason="launch", outcome="p95", target="2 s"
    )
    assert "search-ranking" in await workspace.user(ANA).types("/budget list")

    await workspace.ask("user", id=ANA, is_restricted=True)
    clock.tick(timedelta(seconds=5))
    word = await workspace.user(ANA).clicks("Approve", "C0SEARCH")

    assert "full members" in word
    assert "asks for" in await workspace.last_text("C0SEARCH")


async def test_names_are_found_as_they_are_typed(workspace: Workspace, database: Database):
    await moved_in(database, a_workflow(name="R & D <b>"))

    assert "R &amp; D &lt;b&gt;" in await workspace.user(ANA).types("/budget show R & D <b>")


async def test_a_call_of_another_workspace_is_turned_away(workspace: Workspace):
    body = COMMAND.replace("T0ACME", "T0OTHER")

    answer = await workspace.bot.post("/slack/events", content=body, headers=signed(body))

    assert "another workspace" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"X-Slack-Signature": "v0=" + "0" * 64}, 401, id="a wrong signature"),
        pytest.param({"X-Slack-Signature": ""}, 401, id="no signature"),
        pytest.param(
            {"X-Slack-Request-Timestamp": "soon"}, 401, id="a timestamp that is no number"
        ),
        pytest.param({"X-Slack-Request-Timestamp": "²"}, 401, id="a digit that is no number"),
    ],
)
async def test_what_slack_did_not_sign_is_refused(
    workspace: Workspace, headers: dict[str, str], status: int
):
    given = {**signed(COMMAND), **headers}
    encoded = {name.encode(): value.encode() for name, value in given.items()}

    answer = await workspace.bot.post("/slack/events", content=COMMAND, headers=encoded)

    assert answer.status_code == status


async def test_an_old_signature_is_refused(workspace: Workspace):
    old = signed(COMMAND, str(int(time.time()) - 301))

    answer = await workspace.bot.post("/slack/events", content=COMMAND, headers=old)

    assert answer.status_code == 401


async def test_a_copy_of_a_call_changes_nothing(workspace: Workspace):
    headers = signed(COMMAND)
    first = await workspace.bot.post("/slack/events", content=COMMAND, headers=headers)
    copy = await workspace.bot.post("/slack/events", content=COMMAND, headers=headers)

    assert first.text
    assert (copy.status_code, copy.text) == (200, "")


async def test_bytes_that_are_no_text_are_refused(workspace: Workspace):
    answer = await workspace.bot.post("/slack/events", content=b"\xff\xfe", headers=signed(""))

    assert answer.status_code == 400


async def test_a_form_that_slack_no_longer_waits_for_is_answered_in_words(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    body = COMMAND.replace("text=list", "text=register")

    answer = await workspace.bot.post("/slack/events", content=body, headers=signed(body))

    assert answer.status_code == 200
    assert "Try again" in answer.json()["text"]
