"""Tables of webhooks: subscriptions, and the outbox that is the ledger of deliveries as well."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from live.store.tables import METADATA

HOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", Text, nullable=False),  # JSON list
    Column("active", Boolean, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", Text, nullable=False),
)

# written in the transaction of the step it tells of; one row a subscription and step
OUTBOX = Table(
    "webhook_outbox",
    METADATA,
    Column("id", Text, primary_key=True),  # of the delivery: the same at every attempt
    Column("hook", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),  # row of the audit it tells of; 0 for a test
    Column("state", Text, nullable=False),  # waiting, delivered, dead
    Column("attempts", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("status", Integer),  # of the last answer
    Column("error", Text, nullable=False),  # why the last attempt failed
    Index("webhook_outbox_due", "state", "next_at"),
    Index("webhook_outbox_hook", "hook", "made_at"),
)

TABLES = (HOOKS, OUTBOX)
WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
