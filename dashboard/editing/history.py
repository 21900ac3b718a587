"""The history of edits, told: with names, masked, as JSON and as tables."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dashboard.editing.topic import Item
from dashboard.words import Words
from live.edits.edit import Change, Edit

if TYPE_CHECKING:
    from dashboard.editing.desk import SettingsDesk

TOLD = 40
"""Changes of one edit that a list shows; a table has all."""
MOST_ROWS = 20_000
COLUMNS = ("number", "at", "who", "action", "reverses", "undone", "topic", "thing", "field",
           "old", "new", "reason")  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tell_edit(desk: SettingsDesk, edit: Edit) -> dict[str, Any]:
    """Return an edit as JSON; counts of few people as few."""
    names = _Names(desk)
    return {
        "number": edit.number,
        "at": edit.at / 1e6,
        "who": edit.who,
        "action": edit.action,
        "reverses": edit.reverses,
        "reason": edit.reason,
        "undone": edit.undone,
        "count": len(edit.changes),
        "changes": [
            {**names.about(one.topic, one.key), **_guard(desk, one).to_json()}
            for one in edit.changes[:TOLD]
        ],
    }


def tell_since(desk: SettingsDesk, since: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what others changed meanwhile, as JSON."""
    names = _Names(desk)
    told = []
    for one in since:
        known = {name: one[name] for name in Change.__slots__}
        change = _guard(desk, Change(**known))
        told.append({**one, **change.to_json(), **names.about(change.topic, change.key)})
    return told


def write_history(desk: SettingsDesk, topic: str, form: str, words: Words) -> bytes:
    """Return the history as a table with one row a change, newest first.

    Args:
        desk: Whose.
        topic: Only this topic; all where it is empty.
        form: csv or xlsx.
        words: Of the language.
    """
    names, zone = _Names(desk), desk.world.timezone
    rows: list[list[Any]] = []
    for edit in desk.book.history(topic=topic, limit=MOST_ROWS):
        at = datetime.fromtimestamp(edit.at / 1e6, zone)
        for one in edit.changes:
            change = _guard(desk, one)
            if len(rows) >= MOST_ROWS or (topic and one.topic != topic):
                continue
            rows.append(
                [
                    edit.number, f"{at:%Y-%m-%d %H:%M:%S}", edit.who,
                    words(f"settings.action.{edit.action}"), edit.reverses,
                    words("settings.yes") if edit.undone else "",
                    words(f"settings.topic.{one.topic}"),
                    say_name(words, names.of(one.topic, one.key)), say_field(words, one.field),
                    say_value(words, change.old), say_value(words, change.new), edit.reason,
                ]
            )  # fmt: skip
    head = [words(f"settings.column.{name}") for name in COLUMNS]
    return to_table(head, rows, form)


def to_table(head: list[str], rows: list[list[Any]], form: str) -> bytes:
    """Return rows as CSV with a mark, or as a workbook; no cell is taken for a formula."""
    guarded = [[_cell(cell) for cell in row] for row in rows]
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerows([head, *guarded])
        return text.getvalue().encode("utf-8-sig")
    import openpyxl  # slow to load

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("table")
    for row in [head, *guarded]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def say_name(words: Words, name: str) -> str:
    """Return a thing's name; of one with a word, the word."""
    return words(name[1:]) if name.startswith("@") else name


def say_field(words: Words, field: str) -> str:
    """Return a field's word."""
    key = f"settings.field.{field}"
    return words(key) if key in words.entries else field


def say_value(words: Words, value: Any) -> Any:
    """Return a value for people."""
    if isinstance(value, bool):
        return words("settings.yes" if value else "settings.no")
    return "" if value is None else value


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


class _Names:
    """Names of things, read once a topic."""

    def __init__(self, desk: SettingsDesk) -> None:
        self._desk, self._items = desk, dict[str, dict[str, Item]]()

    def of(self, topic: str, key: str) -> str:
        found = self._find(topic, key)
        return found.name if found is not None else key

    def about(self, topic: str, key: str) -> dict[str, Any]:
        found = self._find(topic, key)
        return {"name": key, "about": {}} if found is None else {
            "name": found.name, "about": found.about,
        }  # fmt: skip

    def _find(self, topic: str, key: str) -> Item | None:
        if topic not in self._items:
            known = self._desk.topics.get(topic)
            self._items[topic] = known.items() if known is not None else {}
        return self._items[topic].get(key)


def _guard(desk: SettingsDesk, change: Change) -> Change:
    topic = desk.topics.get(change.topic)
    if topic is None or change.field not in topic.secret:
        return change
    return Change(
        change.topic, change.key, change.field, few(change.old), few(change.new),
        change.was, change.set,
    )  # fmt: skip


def few(value: Any) -> Any:
    """Return a count of people as it may be told."""
    return "<5" if isinstance(value, int) and 0 < value < 5 else value
