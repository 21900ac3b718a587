"""Readings that several viewers share for a moment, and small pieces of the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from dash import html

from dashboard import parts
from dashboard.words import Words

T = TypeVar("T")

_LOCK = threading.Lock()
_READ: WeakKeyDictionary[object, dict[str, tuple[float, Any]]] = WeakKeyDictionary()


def share(owner: object, name: str, for_s: float, read: Callable[[], T]) -> T:
    """Return what `read` gives, read anew for an owner at most every so many seconds."""
    with _LOCK:
        known = _READ.setdefault(owner, {})
        at, value = known.get(name, (float("-inf"), None))
        if time.monotonic() - at < for_s:
            return value  # type: ignore[no-any-return]
    value = read()
    with _LOCK:
        known[name] = (time.monotonic(), value)
    return value


def ago(moment: datetime | None, words: Words) -> html.Span:
    """Return the age of a moment, which the browser keeps true; `never` for None."""
    if moment is None:
        return html.Span([html.I(className="hatch"), words("intake.never")], className="never")
    return html.Span("–", className="muted", **parts.data(ago=f"{moment.timestamp():.3f}"))


def table(heads: Sequence[Any], rows: Sequence[Any], name: str, label: str) -> html.Div:
    """Return a table that scrolls by itself where it is too wide.

    Args:
        heads: Titles of the columns.
        rows: `html.Tr` each.
        name: Class of the table.
        label: What it holds, for those who do not see it.
    """
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody(list(rows)),
            ],
            className=f"sheet sheet-{name}",
            **parts.aria(label=label),
        ),
        className="sheet-box",
        tabIndex=0,
    )


def number(value: float | None) -> str:
    """Return a number with its thousands told apart, an en dash for none."""
    return "–" if value is None else f"{value:,}"


def size_of(count: int) -> str:
    """Return bytes for people."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:,.1f} KiB" if count < 2**20 else f"{count / 2**20:,.1f} MiB"
