"""What waits to be sent: put there in the transaction of the step, taken out when it arrived."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from live.store.hooks import HOOKS, OUTBOX, WAITING

EVENTS = (
    "incident.opened", "incident.step", "incident.closed",
    "order.created", "order.step", "order.closed",
)  # fmt: skip
"""What somebody can subscribe to."""
TEST = "test"
"""Sent when somebody asks whether it arrives."""

_FIRST = {"incidents": ("incident", "opened"), "orders": ("order", "created")}


def event_of(about: str, action: str) -> str | None:
    """Return which event a row of the audit is; None for what is not told."""
    if about not in _FIRST:
        return None
    kind, first = _FIRST[about]
    if action == "open":
        return f"{kind}.{first}"
    return f"{kind}.closed" if action == "close" else f"{kind}.step"


def enqueue(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put what subscribers want to hear of new rows of the audit into the outbox.

    Args:
        conn: The transaction that writes these rows.
        rows: The rows, with `seq`, `at`, `about` and `action`.
    """
    hooks = [
        (hook, frozenset(orjson.loads(events)))
        for hook, events in conn.execute(select(HOOKS.c.id, HOOKS.c.events).where(HOOKS.c.active))
    ]
    if not hooks:
        return
    found = []
    for row in rows:
        event = event_of(row["about"], row["action"])
        found += [
            to_delivery(hook, event, row["seq"], row["at"])
            for hook, events in hooks
            if event in events
        ]
    if found:
        conn.execute(insert(OUTBOX), found)


def to_delivery(hook: str, event: str | None, seq: int, at: int) -> dict[str, Any]:
    """Return a new row of the outbox, due at once."""
    return {
        "id": f"msg_{uuid.uuid4().hex}",
        "hook": hook,
        "event": event,
        "audit_seq": seq,
        "state": WAITING,
        "attempts": 0,
        "made_at": at,
        "next_at": at,
        "error": "",
    }
