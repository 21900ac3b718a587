"""A real receiver of webhooks on this machine: takes, fails, hangs, repeats, as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson

from live.webhooks.signing import verify


class Receiver:
    """What it received, each message checked as a receiver must.

    Attributes:
        answers: Gives the status to answer with, by the number of the message; None hangs.
        got: Header `webhook-id` and body of every message whose signature fits.
    """

    def __init__(self, port: int, secret: str) -> None:
        self.url, self.secret = f"http://127.0.0.1:{port}/hook?x=1", secret
        self.answers: Callable[[int], int | None] = lambda number: 200
        self.got: list[tuple[str, dict[str, object]]] = []
        self.raw: list[bytes] = []
        self.free = threading.Event()
        self._heard = threading.Condition()

    def take(self, headers: dict[str, str], body: bytes) -> int | None:
        verify(
            self.secret, headers["webhook-id"], headers["webhook-timestamp"],
            headers["webhook-signature"], body, time.time(),
        )  # fmt: skip
        with self._heard:
            self.got.append((headers["webhook-id"], orjson.loads(body)))
            self.raw.append(body)
            number = len(self.got)
            self._heard.notify_all()
        return self.answers(number)

    def wait(self, count: int) -> list[tuple[str, dict[str, object]]]:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.got) >= count, 60), self.got
            return list(self.got)


@contextmanager
def receiving(secret: str) -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    found: list[Receiver] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = found[0].take({k.lower(): v for k, v in self.headers.items()}, body)
            if status is None:
                found[0].free.wait(60)
                return
            self.send_response(status)
            if status == 302:
                self.send_header("location", found[0].url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1], secret)
    found.append(receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.free.set()
        server.shutdown()
        server.server_close()
