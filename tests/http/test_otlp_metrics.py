import asyncio
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sources import Signal, SourceSetting
from tests.http.conftest import Machine
from tests.http.test_otlp import ENCODINGS, JSON, sources, spent, tell
from tests.otlp import MINUTE, NANOS, a_counter, a_histogram, a_point, metrics

SHOP = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic"}
MODEL = {"gen_ai.response.model": "claude-sonnet-4-5"}
INFERENCE = "gen_ai.client.inference.usage."
CLAUDE = {"session.id": "s-1", "model": "claude-sonnet-4-5[1m]"}


@pytest.fixture
async def chosen(machine: Machine):
    """Metrics count of the two programs that send nothing else."""
    async with machine.database.ledger() as ledger:
        organisation = await ledger.organisation.get()
        said = tuple(
            SourceSetting(f"gateway/{name}", signal=Signal.METRICS)
            for name in ("shop", "claude-code", "codex", "gemini-cli")
        )
        await ledger.organisation.save(organisation.__class__(organisation.policy, sources=said))
    return machine


def told(*counters, service="shop"):
    return metrics(*counters, service__name=service, workflow="search-ranking")


def shop(inputs, outputs, *, cached=0, cumulative=True, **times):
    """The newer conventions' counters."""
    counts = {"input_tokens": inputs, "output_tokens": outputs, "cache_read.input_tokens": cached}
    return told(
        *(
            a_counter(
                f"{INFERENCE}{name}", a_point(value, SHOP | MODEL, **times), cumulative=cumulative
            )
            for name, value in counts.items()
        )
    )


def claude(cost, *, cumulative=False, **tokens):
    points = [
        a_point(count, CLAUDE | {"type": name}) | {"startTimeUnixNano": str(NANOS - at)}
        for at, (name, count) in enumerate(tokens.items())
    ]
    return told(
        *(
            []
            if cost is None
            else [a_counter("claude_code.cost.usage", a_point(cost, CLAUDE), cumulative=cumulative)]
        ),
        *([a_counter("claude_code.token.usage", *points, cumulative=cumulative)] if points else []),
        service="claude-code",
    )


def later(minutes):
    return {"timeUnixNano": str(NANOS - 3600 * 10**9 + minutes * MINUTE)}


async def all_records(machine: Machine):
    async with machine.database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        found = await connection.exec_driver_sql(
            "SELECT input_tokens, output_tokens, cache_read_tokens, cost, basis, grain, model "
            "FROM usage ORDER BY at, id"
        )
        return [tuple(row) for row in found]


@ENCODINGS
async def test_a_counter_that_only_grows_counts_what_is_new(chosen: Machine, kind):
    await tell(chosen, "metrics", shop(1_000_000, 100_000, **later(1)), kind)
    first = await spent(chosen)
    await tell(chosen, "metrics", shop(1_500_000, 120_000, cached=400_000, **later(2)), kind)

    assert first == (Decimal("4.5"), 1, 0)
    # 100,000 × $3, 400,000 × $0.30 and 20,000 × $15 a million: never the price of one long call.
    assert await spent(chosen) == (Decimal("4.5") + Decimal("0.72"), 2, 0)
    assert await sources(chosen) == {"gateway/shop"}


@ENCODINGS
async def test_a_point_that_is_told_again_counts_once(chosen: Machine, kind):
    for _ in range(3):
        answer = await tell(chosen, "metrics", shop(1_000_000, 0, **later(1)), kind)
        assert answer.status_code == 200
    await tell(chosen, "metrics", shop(1_000_000, 0, **later(2)), kind)

    assert await spent(chosen) == (Decimal(3), 1, 0)


async def test_an_older_point_adds_nothing(chosen: Machine):
    await tell(chosen, "metrics", shop(1_000_000, 0, **later(2)))
    await tell(chosen, "metrics", shop(600_000, 0, **later(1)))
    await tell(chosen, "metrics", shop(1_100_000, 0, **later(3)))

    assert (await spent(chosen))[0] == Decimal("3.3")


async def test_a_program_that_starts_anew_counts_from_nothing(chosen: Machine):
    again = {"startTimeUnixNano": str(NANOS - 1)}
    await tell(chosen, "metrics", shop(1_000_000, 0, **later(1)))
    await tell(chosen, "metrics", shop(200_000, 0, **later(2) | again))
    await tell(chosen, "metrics", shop(1_100_000, 0, **later(3)))
    await tell(chosen, "metrics", shop(300_000, 0, **later(4) | again))

    assert (await spent(chosen))[0] == Decimal("4.2")


async def test_a_counter_that_fell_was_reset(chosen: Machine):
    await tell(chosen, "metrics", shop(1_000_000, 0, **later(1)))
    await tell(chosen, "metrics", shop(200_000, 0, **later(2)))

    assert (await spent(chosen))[0] == Decimal("3.6")


async def test_two_programs_of_one_name_do_not_mix(chosen: Machine):
    for instance in ("i-1", "i-2"):
        message = shop(1_000_000, 0, **later(1))
        message["resourceMetrics"][0]["resource"]["attributes"].append(
            {"key": "service.instance.id", "value": {"stringValue": instance}}
        )
        await tell(chosen, "metrics", message)

    assert (await spent(chosen))[0] == Decimal(6)


@ENCODINGS
async def test_what_was_added_since_the_last_time_is_booked_once(chosen: Machine, kind):
    for minutes in (1, 1, 2):
        await tell(chosen, "metrics", shop(500_000, 0, cumulative=False, **later(minutes)), kind)

    assert (await spent(chosen))[:2] == (Decimal(3), 2)


async def test_replicas_that_hear_the_same_count_it_once(chosen: Machine):
    messages = [shop(100_000 * n, 0, **later(n)) for n in range(1, 8)] * 3

    answers = await asyncio.gather(*(tell(chosen, "metrics", one) for one in messages))

    assert {answer.status_code for answer in answers} == {200}
    assert (await spent(chosen))[0] == Decimal("2.1")


async def test_claude_codes_money_and_tokens_are_one_bucket(chosen: Machine):
    await tell(
        chosen,
        "metrics",
        claude(0.020374999999999997, input=100, output=20, cacheRead=3000, cacheCreation=400),
    )

    assert await all_records(chosen) == [
        (3500, 20, 3000, 20_375_000, "client_estimate", "bucket", "claude-sonnet-4-5")
    ]
    assert await spent(chosen) == (Decimal("0.020375"), 1, 0)


@pytest.mark.parametrize("cumulative", [True, False])
async def test_claude_codes_money_counts_once_when_it_comes_apart_from_its_tokens(
    chosen: Machine, cumulative
):
    await tell(chosen, "metrics", claude(0.5, cumulative=cumulative))
    await tell(chosen, "metrics", claude(None, cumulative=cumulative, input=100, output=20))
    await tell(chosen, "metrics", claude(0.5, cumulative=cumulative))

    assert await spent(chosen) == (Decimal("0.5"), 2, 1)


async def test_a_histogram_counts_only_where_there_is_no_counter(chosen: Machine):
    makeshift = a_histogram(
        "gen_ai.client.token.usage",
        a_point(1_000_000, SHOP | MODEL | {"gen_ai.token.type": "input"}, **later(1)),
        a_point(100_000, SHOP | MODEL | {"gen_ai.token.type": "output"}, **later(1)),
    )
    both = shop(1_000_000, 100_000, **later(1))
    both["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].append(makeshift)

    await tell(chosen, "metrics", both)
    with_counters = await spent(chosen)
    await tell(chosen, "metrics", told(makeshift, service="shop") | {})

    assert with_counters == (Decimal("4.5"), 1, 0)


async def test_a_histogram_alone_is_the_last_resort(chosen: Machine):
    makeshift = a_histogram(
        "gen_ai.client.token.usage",
        a_point(1_000_000, SHOP | MODEL | {"gen_ai.token.type": "input"}, **later(1)),
        a_point(100_000, SHOP | MODEL | {"gen_ai.token.type": "output"}, **later(1)),
    )

    await tell(chosen, "metrics", told(makeshift))
    await tell(chosen, "metrics", told(makeshift))

    assert await spent(chosen) == (Decimal("4.5"), 1, 0)


async def test_geminis_and_codexs_own_counters_are_read_where_they_are_chosen(chosen: Machine):
    gemini = {"model": "gemini-2.5-pro", "session.id": "s"}
    kinds = {"input": 500, "output": 40, "thought": 60, "cache": 300}
    points = [a_point(float(n), gemini | {"type": kind}) for kind, n in kinds.items()]
    await tell(
        chosen, "metrics", told(a_counter("gemini_cli.token.usage", *points), service="gemini-cli")
    )
    codex = {"model": "gpt-5.1-codex"}
    kinds = {"input": 900, "output": 70, "cached_input": 600, "reasoning_output": 30, "total": 970}
    points = [a_point(float(n), codex | {"token_type": kind}) for kind, n in kinds.items()]
    await tell(
        chosen,
        "metrics",
        told(
            a_histogram("codex.turn.token_usage", *points, cumulative=False), service="codex_cli_rs"
        ),
    )

    assert sorted(one[:3] for one in await all_records(chosen)) == [(500, 100, 300), (900, 70, 600)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_metrics_of_a_source_that_is_not_said_to_count_are_not_stored(machine: Machine):
    answer = await tell(machine, "metrics", shop(1_000_000, 0))

    assert (answer.status_code, answer.json()) == (200, {})
    assert await sources(machine) == set()


@ENCODINGS
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("cumulative", [True, False])
async def test_what_is_no_count_is_rejected_and_leaves_no_trace(chosen: Machine, kind, cumulative):
    name = f"{INFERENCE}input_tokens"
    good, much = SHOP | MODEL, {"gen_ai.response.model": "m" * 300}
    points = [
        a_point("NaN", good, **later(1)),
        a_point(-1.0, good, **later(2)),
        a_point(1e300, good, **later(3)),
        a_point("Infinity", good, **later(3)),
        a_point(5.0, SHOP | much, **later(4)),
        a_point(5.0, good, timeUnixNano=str(NANOS + 10 * MINUTE)),
        a_point(5.0, good, timeUnixNano="0"),
    ]

    answer = await tell(
        chosen, "metrics", told(a_counter(name, *points, cumulative=cumulative)), kind
    )

    assert answer.status_code == 200
    if kind == JSON:
        assert answer.json()["partialSuccess"]["rejectedDataPoints"] == "7"
    else:
        assert answer.content
    assert await sources(chosen) == set()
    async with chosen.database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        found = await connection.exec_driver_sql("SELECT count(*) FROM telemetry_streams")
        assert found.scalar() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_other_metrics_and_gauges_are_passed_over(chosen: Machine):
    name = f"{INFERENCE}input_tokens"
    point = a_point(5.0, SHOP | MODEL)
    falls = a_counter(name, point)
    falls["sum"]["isMonotonic"] = False
    unsaid = a_counter(name, point)
    unsaid["sum"]["aggregationTemporality"] = 0

    answer = await tell(
        chosen,
        "metrics",
        told(
            a_histogram("operation.cost", point),
            a_counter("http.requests", point),
            {"name": name, "gauge": {"dataPoints": [point]}},
            falls,
            unsaid,
            a_counter(name, a_point(5.0, MODEL | {"gen_ai.operation.name": "invoke_agent"})),
            a_counter(name, point | {"flags": 1}),
        ),
    )

    assert (answer.status_code, answer.json()) == (200, {})
    assert await sources(chosen) == set()


STEPS = st.lists(st.integers(0, 500), min_size=1, max_size=6)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), inputs=STEPS, outputs=STEPS)
async def test_however_points_are_grouped_and_told_again_the_total_is_the_same(
    chosen: Machine, data, inputs, outputs
):
    """Every point is told at least once, in any order, by any number of messages."""
    said = SHOP | MODEL | {"server.address": str(uuid4())}
    points = [
        (f"{INFERENCE}{kind}_tokens", a_point(float(sum(steps[: at + 1])), said, **later(at)))
        for kind, steps in (("input", inputs), ("output", outputs))
        for at in range(len(steps))
    ]
    twice = data.draw(st.lists(st.sampled_from(points), max_size=6))
    order = data.draw(st.permutations(points + twice))
    before = await _tokens(chosen)

    while order:
        size = data.draw(st.integers(1, len(order)))
        group, order = order[:size], order[size:]
        answer = await tell(
            chosen, "metrics", told(*(a_counter(metric, point) for metric, point in group))
        )
        assert answer.status_code == 200

    after = await _tokens(chosen)
    assert (after[0] - before[0], after[1] - before[1]) == (sum(inputs), sum(outputs))


async def _tokens(machine: Machine):
    records = await all_records(machine)
    return sum(one[0] or 0 for one in records), sum(one[1] or 0 for one in records)
