"""Tables of the store; times are microseconds since 1970 UTC, as integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US = 3_600_000_000
_MICROSECOND = timedelta(microseconds=1)

# SQLite gives a table its own row number only for the exact type INTEGER
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")

# compared by code point, so that a prefix is a range
_PLATE_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

METADATA = MetaData()

EVENTS = Table(
    "events",
    METADATA,
    Column("id", _ROW_NUMBER, primary_key=True, autoincrement=False),  # order of arrival
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("skew_s", Float, nullable=False),
    Column("live", SmallInteger, nullable=False),
    Column("plate", Text),  # normal form, where kind is plate and it was read
    Column("data", Text, nullable=False),  # JSON
    Index("events_event_id", "event_id", unique=True),
    # of any kind: `reading.read_page` merges the kinds, of which there are few
    Index("events_subject", "layer", "subject", "kind", "observed_at"),
    Index("events_layer", "layer", "kind", "observed_at"),
    Index("events_kind", "kind", "observed_at"),
    Index("events_observed_at", "observed_at"),
    Index("events_received_at", "received_at"),
    Index(
        "events_plate",
        "plate",
        "observed_at",
        sqlite_where=text("plate IS NOT NULL"),  # and on PostgreSQL, see `migrations`
    ),
)

HOURS = Table(
    "hours",
    METADATA,
    Column("hour", BigInteger),  # its beginning
    Column("layer", Text),
    Column("subject", Text),
    Column("kind", Text),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("hour", "layer", "subject", "kind"),
    sqlite_with_rowid=False,
)

LATEST = Table(
    "latest",
    METADATA,
    Column("layer", Text),
    Column("subject", Text),
    Column("kind", Text),
    Column("event", BigInteger, nullable=False),  # events.id
    Column("observed_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # what a status or service said, else ""
    Column("since", BigInteger, nullable=False),  # first of the unbroken run of that state
    PrimaryKeyConstraint("layer", "subject", "kind"),
    sqlite_with_rowid=False,
)

# heartbeats are not kept one by one: only the last unbroken stretch of them
HEARD = Table(
    "heard",
    METADATA,
    Column("layer", Text),
    Column("subject", Text),
    Column("at", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    PrimaryKeyConstraint("layer", "subject"),
    sqlite_with_rowid=False,
)

# the stretches of heartbeats that are over, so that the past knows who was alive
HEARD_BEFORE = Table(
    "heard_before",
    METADATA,
    Column("layer", Text),
    Column("subject", Text),
    Column("since", BigInteger),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("layer", "subject", "since"),
    Index("heard_before_at", "at"),
    sqlite_with_rowid=False,
)

# each plate once, with its reads counted as they are written: a search may match many
PLATES = Table(
    "plates",
    METADATA,
    Column("plate", _PLATE_TEXT, primary_key=True),
    Column("reads", Integer, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

PLATE_KEYS = Table(
    "plate_keys",
    METADATA,
    Column("key", _PLATE_TEXT),  # live.plates.near_keys
    Column("plate", Text),
    PrimaryKeyConstraint("key", "plate"),
    sqlite_with_rowid=False,
)

QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Index("quarantine_state", "state", "received_at"),
)

# how often a feed was refused for one reason in one hour, and how much of it is in quarantine
REFUSALS = Table(
    "refusals",
    METADATA,
    Column("hour", BigInteger),  # its beginning
    Column("source", Text),
    Column("reason", Text),  # live.store.quarantine.to_reason_kind
    Column("seen", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),  # of the bodies that are kept
    PrimaryKeyConstraint("hour", "source", "reason"),
    sqlite_with_rowid=False,
)

STORE_META = Table(
    "store_meta",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


def to_us(moment: datetime) -> int:
    """Return microseconds since 1970 UTC of an aware moment, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """Return the aware UTC moment of microseconds since 1970."""
    return EPOCH + timedelta(0, 0, us)
