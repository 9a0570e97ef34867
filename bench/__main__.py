"""Every figure as a ratio to a bare baseline of the same run, beside its goal.

    python -m bench [--quick]

`--quick` takes fewer records; the figures then say less.
"""

import asyncio
import sys

from bench import alert_latency, doors, focus, gigabyte, ingest, slash_ack, standing, tick


async def run(*, quick: bool) -> None:
    await ingest.run(ingest.QUICK if quick else ingest.NUMBER)
    await slash_ack.run()
    await alert_latency.run()
    await standing.run(standing.QUICK if quick else standing.MANY)
    await tick.run()
    await doors.run(quick=quick)
    await focus.run(focus.QUICK if quick else focus.ROWS)
    if not quick:
        gigabyte.run()


if __name__ == "__main__":
    asyncio.run(run(quick="--quick" in sys.argv))
