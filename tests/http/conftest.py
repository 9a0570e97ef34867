import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from handlers.desk import Desk
from handlers.http.litellm.budget import budget_routes
from handlers.http.litellm.door import litellm_routes
from handlers.http.otlp.door import otlp_routes
from handlers.http.usage import usage_routes
from handlers.http.usage_writer import UsageWriter
from handlers.http.workflows import workflow_routes
from storage.database import Database
from tests.builders import MONDAY, SAM, a_team, a_workflow

KEYS = {"gateway": "open-sesame", "ci": "shibboleth"}


class Stopped(Desk):
    """A desk whose clock shows one moment."""

    def now(self):
        return MONDAY


@dataclass
class Machine:
    """Somebody with a key in front of the doors."""

    client: httpx.AsyncClient
    database: Database
    writer: UsageWriter

    async def send(self, *records, key="open-sesame", **named):
        headers = {"authorization": f"Bearer {key}"} | named.pop("headers", {})
        body = {"json": list(records)} | named
        return await self.client.post("/v1/usage", headers=headers, **body)

    async def get(self, path, key="open-sesame"):
        return await self.client.get(path, headers={"authorization": f"Bearer {key}"})


@pytest.fixture
async def machine(database: Database) -> AsyncIterator[Machine]:
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    desk = Stopped(database, (SAM,))
    writer = UsageWriter(desk)
    app = FastAPI()
    app.router.routes.extend(usage_routes(KEYS, writer))
    app.router.routes.extend(otlp_routes(desk, KEYS, writer))
    app.router.routes.extend(litellm_routes(KEYS, writer))
    app.router.routes.extend(budget_routes(desk, KEYS, "litellm"))
    app.include_router(workflow_routes(desk, KEYS))
    work = asyncio.create_task(writer.run())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield Machine(client, database, writer)
    work.cancel()
    await asyncio.wait([work])
    writer.readers.close()
