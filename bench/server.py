"""The product's door for usage on a port, as `serve` opens it: `python -m bench.server URL PORT`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from bench.records import KEY, SECRET
from handlers.desk import Desk
from handlers.http.usage import usage_routes
from handlers.http.usage_writer import UsageWriter
from storage.database import Database


async def serve(url: str, port: int) -> None:
    database = Database(url)
    desk = Desk(database)
    writer = UsageWriter(desk)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        work = asyncio.create_task(writer.run())
        yield
        work.cancel()
        await asyncio.wait([work])
        await database.close()

    app = FastAPI(lifespan=lifespan)
    app.router.routes.extend(usage_routes(desk, {KEY: SECRET}, writer))
    config = uvicorn.Config(app, port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
