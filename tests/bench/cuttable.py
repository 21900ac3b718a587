"""A line between a browser and a server that can be cut: TCP passed on by a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from tests.conftest import find_free_port


class CuttableLine:
    """Passes every connection to a port on; when cut, ends all and takes no new one.

    Args:
        target: The server's port.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = find_free_port()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> CuttableLine:
        self._thread.start()
        self.mend()
        return self

    def cut(self) -> None:
        self._run(self._cut())

    def mend(self) -> None:
        self._run(self._listen())

    def stop(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, job: object) -> None:
        asyncio.run_coroutine_threadsafe(job, self._loop).result(10)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        self._open.clear()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(back)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            sink.transport.abort() if sink.is_closing() else sink.close()

        await asyncio.gather(pump(reader, back), pump(there, writer))
        self._open.difference_update((writer, back))
