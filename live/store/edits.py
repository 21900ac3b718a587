"""Tables of what managers edit in the browser: every edit in order, and what holds by them now."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from live.store.tables import METADATA

# append-only; the audit holds the hash of each row's changes
EDITS = Table(
    "edits",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),  # edit, import, undo, redo
    Column("reverses", BigInteger),  # the edit that an undo or redo is about
    Column("reason", Text, nullable=False),
    Column("topics", Text, nullable=False),  # ",services,lists,"
    Column("changes", Text, nullable=False),  # JSON
    Index("edits_reverses", "reverses", "number"),
)

# what the edits lead to, one row a field that was ever edited; no value: as in the file
EDITED = Table(
    "edited",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Text),  # JSON
    Column("number", BigInteger, nullable=False),  # of the edit that it is by
)

# the plates of lists in clear, here alone: edits and the audit know them by their id, masked
LISTED = Table(
    "listed_plates",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("plate", Text, nullable=False),
)

TABLES = (EDITS, EDITED, LISTED)
