"""What 200 readers of the stream cost the server at 10 patches a second."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.report import Line
from tests.conftest import find_free_port

READERS = 200
SECONDS = 8.0
ROOT = Path(__file__).resolve().parents[2]


def measure_readers() -> list[Line]:
    """Return the share of one core that readers take, from the server's own CPU time."""
    port = find_free_port()
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.publisher", str(port)], cwd=ROOT)
    try:
        return asyncio.run(_measure(server.pid, port))
    finally:
        server.kill()
        server.wait(10)


async def _measure(pid: int, port: int) -> list[Line]:
    await _wait_for(port)
    idle = await _share_of_core(pid)
    counts = [0] * READERS
    readers = [asyncio.create_task(_read(port, counts, k)) for k in range(READERS)]
    await asyncio.sleep(3)
    before = sum(counts)
    began = time.monotonic()
    busy = await _share_of_core(pid)
    rate = (sum(counts) - before) / READERS / (time.monotonic() - began)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return [
        Line("200 readers at 10 Hz, % of one core (all in)", busy * 100),
        Line("200 readers at 10 Hz, % of one core (readers alone)", (busy - idle) * 100, 10),
        Line("  patches a second that each reader got", rate),
    ]


async def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise RuntimeError("the publisher did not come up")


async def _read(port: int, counts: list[int], k: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: bench\r\n\r\n")
    while line := await reader.readline():
        if line.startswith(b"event: patch"):
            counts[k] += 1


async def _share_of_core(pid: int) -> float:
    before, began = cpu_seconds(pid), time.monotonic()
    await asyncio.sleep(SECONDS)
    return (cpu_seconds(pid) - before) / (time.monotonic() - began)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has taken so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
