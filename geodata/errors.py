"""The small tree of errors that a person can act on."""

from __future__ import annotations


class TwinError(Exception):
    """Something a person can mend; the message says what, where and what to do."""


class SchemaError(TwinError):
    """A layer breaks its schema."""


class CRSError(TwinError):
    """A file's coordinates cannot be placed without an answer from a person."""


class DatasetNotFoundError(TwinError):
    """A named file or layer is not there."""
