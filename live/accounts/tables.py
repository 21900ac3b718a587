"""Tables of accounts; times are microseconds since 1970 UTC, secrets are kept as hashes only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, SmallInteger, Table, Text

METADATA = MetaData()

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),  # as logged in with, in lower case
    Column("shown", Text, nullable=False),  # as people call them
    Column("password", Text),  # argon2id; none where only single sign-on opens
    Column("subject", Text),  # issuer and subject of single sign-on
    Column("roles", Text, nullable=False),  # JSON
    Column("areas", Text),  # JSON; none for all
    Column("layers", Text),  # JSON; none for all
    Column("must_change", SmallInteger, nullable=False),
    Column("failed", Integer, nullable=False),  # wrong passwords since the last right one
    Column("locked_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger),
    Column("disabled_at", BigInteger),
    Index("accounts_name", "name", unique=True),
    Index("accounts_subject", "subject", unique=True),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),  # to name it by
    Column("sha256", Text, nullable=False),  # of what the cookie holds
    Column("account", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("sessions_sha256", "sha256", unique=True),
    Index("sessions_account", "account"),
)

WALLS = Table(
    "wall_devices",
    METADATA,
    Column("token", Text, primary_key=True),  # id of the wall token that it is bound to
    Column("sha256", Text, nullable=False),  # of what the device's cookie holds
    Column("bound_at", BigInteger, nullable=False),
    Column("agent", Text, nullable=False),
)
