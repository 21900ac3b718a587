"""Tables of what people work on: incidents, orders, and the audit of every step of both."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text

from live.store.tables import METADATA

# how each stands; the steps in AUDIT are the truth, and these rows are what they lead to
INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("layer", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("data", Text, nullable=False),  # JSON
    Index("incidents_opened_at", "opened_at", "id"),
    Index("incidents_state", "state", "opened_at"),
)

ORDERS = Table(
    "orders",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("grid", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("data", Text, nullable=False),  # JSON
    Index("orders_opened_at", "opened_at", "id"),
    Index("orders_state", "state", "opened_at"),
)

# append-only; each row holds the hash of the one before (live.audit)
AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("about", Text, nullable=False),  # incidents, orders
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_subject", "about", "subject", "version", unique=True),
    Index("audit_at", "about", "at"),
)

TABLES = (INCIDENTS, ORDERS, AUDIT)
