"""Posts prebuilt bodies: `python -m bench.load PORT CONNECTIONS RECORDS EACH SEED [DOOR]`.

DOOR is `usage`, `otlp` (spans in protobuf) or `litellm` (its logger's batches).

Prints seconds, posts that were taken and the posts' median and 99th percentile in milliseconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import uvloop

from bench.records import SECRET, bodies, sent
from bench.wire import events, parts, spans
from bot.usage import SentUsage

DOORS: dict[str, tuple[str, str, Callable[[Sequence[SentUsage]], bytes]]] = {
    "usage": ("/v1/usage", "application/json", lambda some: bodies(list(some), len(some))[0]),
    "otlp": ("/otlp/v1/traces", "application/x-protobuf", spans),
    "litellm": ("/litellm/logs", "application/json", events),
}
_TAKEN = (b"HTTP/1.1 202", b"HTTP/1.1 200")


def _request(path: str, kind: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {kind}\r\n"
        f"Authorization: Bearer {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _post(port: int, requests: list[bytes], took: list[float]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    accepted = 0
    while requests:
        begun = time.perf_counter()
        writer.write(requests.pop())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
        accepted += head.startswith(_TAKEN)
    writer.close()
    return accepted


async def main(door: str, port: int, connections: int, *records_of: int) -> None:
    number, each, seed = records_of
    records = list(sent(number, datetime.now(UTC), seed))
    path, kind, worded = DOORS[door]
    requests = [_request(path, kind, worded(some)) for some in parts(records, each)]
    took: list[float] = []
    # Refused, but the processes that read large bodies have begun then.
    begin = [_request(path, kind, b" " * 200_000) for _ in range(connections)]
    await asyncio.gather(*(_post(port, begin, []) for _ in range(connections)))
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.perf_counter()
    accepted = await asyncio.gather(*(_post(port, requests, took) for _ in range(connections)))
    seconds = time.perf_counter() - begun
    took.sort()
    print(
        json.dumps(
            {
                "seconds": seconds,
                "accepted": sum(accepted),
                "p50": took[len(took) // 2] * 1000,
                "p99": took[len(took) * 99 // 100] * 1000,
            }
        )
    )


if __name__ == "__main__":
    numbers, door = sys.argv[1:6], (*sys.argv[6:], "usage")[0]
    uvloop.run(main(door, *map(int, numbers)))
