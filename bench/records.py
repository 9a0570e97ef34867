"""The same records for everybody: as JSON for the door, as rows for the bare driver."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from bot.periods import BEGINNING, Calendar
from bot.teams import Team
from bot.usage import SentUsage, Usage, read_usage
from bot.workflows import Caps, Status, Workflow
from storage.database import Database

KEY = "gateway"
SECRET = "bench-key-of-a-machine"
WORKFLOWS = [f"workflow-{number:02d}" for number in range(50)]
MODELS = (
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-haiku-4-5"),
    ("openai", "gpt-4o"),
    ("openai", "gpt-4o-mini"),
    ("google", "gemini-2.5-pro"),
)
# A few workflows bring most of the spend, as they do.
_WEIGHTS = [1 / (rank + 1) for rank in range(len(WORKFLOWS))]


def sent(number: int, now: datetime, seed: int = 1) -> Iterator[SentUsage]:
    """Every second one says its cost, the others are priced."""
    draw = random.Random(seed)
    for each in range(number):
        provider, model = MODELS[draw.randrange(len(MODELS))]
        inputs = draw.randrange(200, 30_000)
        yield SentUsage(
            id=f"req-{seed:03d}-{each:09d}-{draw.randrange(16**8):08x}",
            at=now - timedelta(microseconds=draw.randrange(3_600_000_000)),
            workflow=draw.choices(WORKFLOWS, _WEIGHTS)[0],
            provider=provider,
            model=model,
            input_tokens=inputs,
            output_tokens=draw.randrange(1, 2_000),
            cache_read_tokens=inputs // 4,
            cost=Decimal(draw.randrange(1, 90_000)).scaleb(-6) if each % 2 else None,
            user=f"U0{draw.randrange(40):04d}",
            run=f"run-{draw.randrange(10_000):05d}",
        )


def bodies(records: list[SentUsage], each: int) -> list[bytes]:
    encode = msgspec.json.Encoder(decimal_format="number").encode
    plain = [
        {
            name: value
            for name, value in msgspec.structs.asdict(one).items()
            if value not in ("", (), None)
        }
        for one in records
    ]
    return [encode(plain[at : at + each]) for at in range(0, len(plain), each)]


def usages(records: list[SentUsage], now: datetime) -> list[Usage]:
    return [read_usage(one, KEY, now) for one in records]


async def furnish(database: Database) -> None:
    """The registry: fifty active workflows whose caps are far away."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    calendars = (Calendar(BEGINNING, "Europe/Berlin"),)
    caps = Caps(weekly=Decimal(100_000_000), monthly=Decimal(400_000_000))
    async with database.ledger() as ledger:
        await ledger.teams.save(Team("bench", "Bench", "C0BENCH", "Europe/Berlin"))
        for key in WORKFLOWS:
            await ledger.workflows.add(
                Workflow(
                    key,
                    key,
                    "bench",
                    owner="U0OWEN",
                    caps=caps,
                    status=Status.ACTIVE,
                    status_since=since,
                    activated_at=since,
                    calendars=calendars,
                )
            )
