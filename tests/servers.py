"""uvicorn, without what it waits out: ten times a second it looks whether it shall stop, and once
it shall, whether everybody has gone. Of a short test that was a third.
"""

import asyncio
import socket
import ssl

import uvicorn

# For clients of these servers, which need no certificates: reading them takes 60 ms each time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        super().__init__(config)

    @property
    def should_exit(self) -> bool:
        return self._told.is_set()

    @should_exit.setter
    def should_exit(self, told: bool) -> None:
        """From any thread."""
        if told and self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)
        elif told:
            self._told.set()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for one in [*self.servers, *(sockets or ())]:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            await asyncio.wait_for(self._everybody_gone(), self.config.timeout_graceful_shutdown)
        except TimeoutError:
            for task in self.server_state.tasks:
                task.cancel()
        await self.lifespan.shutdown()

    async def _everybody_gone(self) -> None:
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.002)
        for server in self.servers:
            await server.wait_closed()
