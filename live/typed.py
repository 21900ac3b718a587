"""What people type, and the numbers that their cases get: rules that all kinds of case share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, select


class TypedError(ValueError):
    """A text does not fit; says why, without the name of its field.

    Attributes:
        why: missing, long or characters.
        got: How long it is.
    """

    def __init__(self, text: str, why: str, got: int = 0) -> None:
        super().__init__(text)
        self.why, self.got = why, got


def ensure_text(value: Any, longest: int, *, empty: bool = False) -> str:
    """Return a text without the blanks around it.

    Args:
        value: What somebody sent.
        longest: So many characters at most.
        empty: Whether it may be empty.

    Raises:
        TypedError: It is none, too long, or holds what no database keeps.
    """
    if not isinstance(value, str) or (not value.strip() and not empty):
        raise TypedError("a text is wanted", "missing")
    text = value.strip()
    if len(text) > longest:
        raise TypedError(f"up to {longest} characters, got {len(text)}", "long", len(text))
    if "\0" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise TypedError("it holds characters that cannot be stored", "characters")
    return text


def read_last_number(conn: Connection, column: Column[Any], day: str) -> int:
    """Return the last number of a day, as in `DAY-007`; 0 where there is none yet."""
    wanted = select(column).where(column >= f"{day}-", column < f"{day}.")
    ends = [number.rpartition("-")[2] for number in conn.scalars(wanted)]
    return max((int(end) for end in ends if end.isdecimal()), default=0)
