"""Starts dispatchers in processes of their own: reads their names from stdin, prints their ids.

It has imported everything before it forks, so a dispatcher works a few milliseconds after it was
asked for and can be killed at any point of its life.

    python -m tests.delivery.zygote DATABASE_URL SLACK_URL
"""

import asyncio
import logging
import os
import signal
import sys

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from handlers.desk import Desk
from handlers.slack.delivery import Dispatcher
from handlers.slack.delivery.timing import Timing
from storage.database import Database

# A tenth of the real times and less: many crashes fit into a short test.
TIMING = Timing(lease=1.0, timeout=0.4, moment=0.1, backoff=0.05, longest=0.4, poll=0.05)


async def dispatch(database_url: str, slack_url: str) -> None:
    client = AsyncWebClient(token="xoxb-playground", base_url=slack_url, retry_handlers=[])
    await Dispatcher(Desk(Database(database_url)), client, pace=0, timing=TIMING).run()


def main(database_url: str, slack_url: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed need no funeral
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(dispatch(database_url, slack_url))
        print(child, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
