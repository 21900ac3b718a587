"""The fan-out: each patch is encoded once and shared by every reader of the stream."""

from __future__ import annotations

import asyncio
import base64
import secrets
import zlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

WIRE_VERSION = 1
RING_BYTES = 8_000_000
"""Patches kept for readers that come back: minutes at 10 a second."""
MAX_LAG = 100
"""Patches that a reader may fall behind before it is told to take a snapshot."""
BEAT = b"event: beat\ndata: {}\n\n"
BEAT_S = 5.0
RETRY = b"retry: 1000\n\n"

PACKED = "packed"
PACK_FROM = 1500
"""Patches below so many bytes are not worth packing."""

Patch = dict[str, Any]
View = Callable[[Patch], Patch]


def _view(encoded: dict[str | None, bytes], role: str | None) -> bytes | None:
    """Return a patch as a role sees it; None for one that came before anybody of the role."""
    return encoded.get(role, encoded[None]) if role == PACKED else encoded.get(role)


class Hub:
    """Readers of one stream of patches.

    Belongs to one event loop: call everything on it. Readers share the encoded bytes and one
    wake-up; a reader is a number, so that a slow one costs nothing and is sent a reset.

    Args:
        epoch: Names this life of the server; a new one by default.
        views: What a role may see of a patch, by role; roles not named see all of it.
        ring_bytes: How much to keep for readers that come back.
        max_lag: Patches that a reader may fall behind.
    """

    def __init__(
        self,
        epoch: str | None = None,
        *,
        views: Mapping[str, View] | None = None,
        ring_bytes: int = RING_BYTES,
        max_lag: int = MAX_LAG,
    ) -> None:
        self.epoch = epoch or secrets.token_hex(6)
        self.seq = 0
        self.readers = 0
        self.resets = 0
        self.closed = False
        self._views = dict(views or {})
        self._scoped: Counter[str] = Counter()
        self._ring: deque[tuple[int, dict[str | None, bytes]]] = deque()
        self._ring_bytes = 0
        self._ring_limit = ring_bytes
        self._max_lag = max_lag
        self._beats = 0
        self._packing = False
        self._wake = asyncio.Event()

    def publish(self, changes: Patch, at: float) -> int:
        """Send changes to every reader; return their `seq`.

        Args:
            changes: "a", "c" and "r" by layer, as `TwinState.take_changes` gives.
            at: When, epoch seconds.
        """
        self.seq += 1
        head = {"v": WIRE_VERSION, "epoch": self.epoch, "seq": self.seq, "at": round(at, 3)}
        encoded: dict[str | None, bytes] = {None: self._encode({**head, **changes})}
        if self._packing:
            encoded[PACKED] = self._pack(encoded[None], self.seq)
        for role, view in self._views.items():
            encoded[role] = self._encode({**head, **view(changes)})
        self._ring.append((self.seq, encoded))
        self._ring_bytes += sum(map(len, encoded.values()))
        while self._ring_bytes > self._ring_limit and len(self._ring) > 1:
            self._ring_bytes -= sum(map(len, self._ring.popleft()[1].values()))
        self._wake_all()
        return self.seq

    def beat(self) -> None:
        """Let every reader hear that the stream lives."""
        self._beats += 1
        self._wake_all()

    def close(self) -> None:
        """End every reader."""
        self.closed = True
        self._wake_all()

    async def subscribe(
        self,
        last_event_id: str | None = None,
        *,
        role: str | None = None,
        view: View | None = None,
        packed: bool = False,
    ) -> AsyncIterator[bytes]:
        """Yield the stream to one reader, from after the last event it knows.

        Args:
            last_event_id: EPOCH-SEQ; a reader without one, of another epoch, or too far behind is
                sent `reset` first and takes a snapshot.
            role: Whose view of the patches.
            view: What the role sees, for one that the hub does not have; it is encoded for all
                readers of the role together, for as long as there are any.
            packed: Whether large patches may come as `packed`, base64 over raw deflate.
        """
        if role is not None and view is not None:
            self._views.setdefault(role, view)
            self._scoped[role] += 1
        elif role not in self._views:
            role = None
        if packed and role is None:
            role, self._packing = PACKED, True
        self.readers += 1
        try:
            yield RETRY
            known = self._read_id(last_event_id)
            beats = self._beats
            seq, chunk = self._after(known, role) if known is not None else (self.seq, None)
            if chunk is None:
                self.resets += 1
                yield self._encode_reset()
            elif chunk:
                yield chunk
            while not self.closed:
                if seq == self.seq and beats == self._beats:
                    await self._wake.wait()
                    continue
                if self.seq - seq > self._max_lag:
                    chunk = None
                else:
                    seq, chunk = self._after(seq, role)
                if chunk is None:
                    seq = self.seq
                    self.resets += 1
                    yield self._encode_reset()
                elif chunk:
                    yield chunk
                if beats != self._beats:
                    beats = self._beats
                    yield BEAT
        finally:
            self.readers -= 1
            if role is not None and view is not None:
                self._scoped[role] -= 1
                if not self._scoped[role]:
                    del self._views[role], self._scoped[role]

    def _wake_all(self) -> None:
        self._wake.set()
        self._wake = asyncio.Event()

    def _after(self, seq: int, role: str | None) -> tuple[int, bytes | None]:
        """Return the present seq and all patches after one; None if the ring lost some of them."""
        missing = self.seq - seq
        if missing == 0:
            return seq, b""
        if missing < 0 or missing > len(self._ring):
            return self.seq, None
        if missing == 1:
            return self.seq, _view(self._ring[-1][1], role)
        chunks = [_view(self._ring[-n][1], role) for n in range(missing, 0, -1)]
        whole = [chunk for chunk in chunks if chunk is not None]
        return self.seq, b"".join(whole) if len(whole) == len(chunks) else None

    def _read_id(self, last_event_id: str | None) -> int | None:
        epoch, _, seq = (last_event_id or "").rpartition("-")
        return int(seq) if epoch == self.epoch and seq.isascii() and seq.isdigit() else None

    def _encode(self, patch: Patch) -> bytes:
        return b"id: %s-%d\nevent: patch\ndata: %s\n\n" % (
            self.epoch.encode(),
            patch["seq"],
            orjson.dumps(patch),
        )

    def _pack(self, chunk: bytes, seq: int) -> bytes:
        """Return a chunk of `_encode` packed, where that is worth it."""
        if len(chunk) < PACK_FROM:
            return chunk
        deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = chunk[chunk.index(b"data: ") + 6 : -2]
        packed = base64.b64encode(deflate.compress(body) + deflate.flush())
        return b"id: %s-%d\nevent: packed\ndata: %s\n\n" % (self.epoch.encode(), seq, packed)

    def _encode_reset(self) -> bytes:
        """Return a reset; without an id, so that only patches move a reader's last event id."""
        data = {"v": WIRE_VERSION, "epoch": self.epoch, "seq": self.seq}
        return b"event: reset\ndata: %s\n\n" % orjson.dumps(data)
