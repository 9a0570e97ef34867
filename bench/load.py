"""Posts prebuilt bodies: `python -m bench.load PORT CONNECTIONS RECORDS EACH SEED`.

Prints seconds, posts answered 202 and the posts' median and 99th percentile in milliseconds.
"""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime

import uvloop

from bench.records import SECRET, bodies, sent


def _request(body: bytes) -> bytes:
    head = (
        "POST /v1/usage HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
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
        accepted += head.startswith(b"HTTP/1.1 202")
    writer.close()
    return accepted


async def main(port: int, connections: int, number: int, each: int, seed: int) -> None:
    records = list(sent(number, datetime.now(UTC), seed))
    requests = [_request(body) for body in reversed(bodies(records, each))]
    took: list[float] = []
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
    uvloop.run(main(*map(int, sys.argv[1:])))
