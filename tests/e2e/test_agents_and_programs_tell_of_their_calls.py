from decimal import Decimal

import pytest

from storage.database import Database
from tests.e2e.conftest import ALERTS_ONLY, moved_in
from tests.e2e.people import Workspace
from tests.otlp import a_log, a_span, logs, spans

pytestmark = pytest.mark.usefixtures("clock")

CALL = {
    "event.name": "api_request",
    "model": "claude-sonnet-4-5",
    "input_tokens": 10,
    "cache_read_tokens": 90,
    "output_tokens": 5,
}
CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.response.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1_000_000,
    "gen_ai.usage.output_tokens": 100_000,
}


async def weekly(workspace: Workspace):
    answer = await workspace.bot.get(
        "/v1/workflows/search-ranking", headers={"Authorization": "Bearer a-machine-of-ours"}
    )
    (week,) = (one for one in answer.json()["periods"] if one["kind"] == "weekly")
    return Decimal(week["spent"])


async def test_an_agent_and_a_program_move_the_same_budget_by_exactly_what_they_cost(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=ALERTS_ONLY)
    scope, whose = "com.anthropic.claude_code.events", {"workflow": "search-ranking"}
    agent = logs(
        a_log(CALL | {"request_id": "req_1", "cost_usd_micros": 120_250_000}),
        a_log(CALL | {"request_id": "req_2", "cost_usd_micros": 80_000_001}),
        scope=scope,
        **whose,
    )
    program = spans(a_span(CHAT), service__name="shop", **whose)

    for _ in range(2):
        await workspace.telemetry("logs", agent)
        await workspace.telemetry("traces", program)

    # A million at $2.50 and a hundred thousand at $10 a million.
    assert await weekly(workspace) == Decimal("200.250001") + Decimal("3.5")
    [alert] = await workspace.texts("C0SEARCH")
    assert "80 %" in alert
