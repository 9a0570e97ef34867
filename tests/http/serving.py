"""The doors on a port of their own, in a process that may be killed: `serving.py URL PORT`."""

import asyncio
import sys

import uvicorn
from fastapi import FastAPI

from handlers.desk import Desk
from handlers.http.usage import usage_routes
from handlers.http.usage_writer import UsageWriter
from storage.database import Database


async def serve(url: str, port: int) -> None:
    desk = Desk(Database(url))
    writer = UsageWriter(desk)
    work = asyncio.create_task(writer.run())
    app = FastAPI()
    app.router.routes.extend(usage_routes({"gateway": "open-sesame"}, writer))
    await uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning")).serve()
    work.cancel()
    await asyncio.wait([work])
    await desk.database.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
