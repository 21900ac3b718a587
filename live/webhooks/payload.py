"""What a webhook says of a step: never a name, a plate, a flat, or what somebody typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from live import audit
from live.incidents import incident as incidents
from live.incidents.incident import SYSTEM, Step
from live.incidents.rows import to_row
from live.orders import order as orders
from live.store.cases import AUDIT
from live.webhooks.outbox import TEST, event_of

ORDER_FIELDS = (
    "version", "state", "kind", "level", "source", "supplier_kind", "opened_at", "due", "progress",
    "done_at", "closed_at", "rating", "praised", "reopened",
)  # fmt: skip
"""What is told of an order: what its title, its place and its notes say stays here."""
_NUMBER = re.compile(r"[A-Z]\d{6}-\d{3,9}")


class GoneError(Exception):
    """The step that a delivery tells of is no longer in the store."""


def build_payload(
    conn: Connection, event: str, seq: int, at: int, *, simulated: bool, grids: frozenset[str]
) -> bytes:
    """Return the body of a delivery, the same at every attempt.

    Args:
        conn: Sees one moment of the store.
        event: Name of the event.
        seq: Row of the audit.
        at: When the step was taken, microseconds.
        simulated: Whether everything in this world is simulated.
        grids: Ids of grids; what is none of them is not told.

    Raises:
        GoneError: The step is gone.
    """
    told: dict[str, Any] = {
        "type": event,
        "timestamp": datetime.fromtimestamp(at / 1e6, UTC).isoformat(timespec="milliseconds"),
        "simulated": simulated,
    }
    if event == TEST:
        told["data"] = {"hello": "webhook"}
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    row = conn.execute(select(AUDIT).where(AUDIT.c.seq == seq)).one_or_none()
    if row is None or event_of(row.about, row.action) != event:
        raise GoneError(f"row {seq} of the audit is not there")
    steps = [
        Step(entry.action, entry.at / 1e6, entry.who, entry.data)
        for _, entry in audit.read_entries(conn, row.about, row.subject)
        if entry.version <= row.version
    ]
    by = "system" if row.who == SYSTEM else "person"
    data = {"id": row.subject, "action": row.action, "by": by, "version": row.version}
    if row.about == "orders":
        order = orders.replay(row.subject, steps)
        assert order is not None
        data |= tell_order(order, grids)
    else:
        incident = incidents.replay(row.subject, steps)
        assert incident is not None
        data |= to_row(incident)
    told["data"] = data
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def tell_order(order: orders.Order, grids: frozenset[str]) -> dict[str, Any]:
    """Return what an order may say outside; a resident who does it is not named."""
    told = {name: getattr(order, name) for name in ORDER_FIELDS}
    told["grid"] = order.grid if order.grid in grids else None
    told["incident"] = order.incident if _NUMBER.fullmatch(order.incident) else None
    named = order.supplier and order.supplier_kind in ("government", "community", "enterprise")
    told["supplier"] = order.supplier if named else None
    return told
