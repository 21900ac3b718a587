"""The ledgers of things: a table for each layer, on the screen and as files, with one masking."""

from dashboard.tables.columns import TABLES, Column
from dashboard.tables.rows import read_rows

__all__ = ["TABLES", "Column", "read_rows"]
