"""Files of changes: read, tried row by row, told, and taken in as one edit that can be undone."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboard.editing.fields import Fault, FaultsError, Field
from dashboard.editing.history import few, say_field, say_name, say_value
from dashboard.editing.topic import Item, Topic
from dashboard.words import LANGUAGES, Words, load_words
from geodata import headers
from geodata.readers.raw import FAULT, MENDED, ROW, SourceError
from geodata.readers.vector import read_geojson, read_geopackage
from geodata.tables import read_sheets
from live.edits.edit import Wanted

if TYPE_CHECKING:
    from dashboard.editing.desk import SettingsDesk

IMPORTED = ("services", "homes", "lists")
"""Topics that a file can change; orders have a table of their own."""
MOST_ROWS = 20_000
MOST_UNPACKED = 64 * 2**20
"""Bytes of a workbook, unpacked."""
TOLD = 200
"""Changes and faults told at most; the table of rejected rows has all."""
CLEARED = "-"
"""A cell that empties a field; an empty cell leaves it as it is."""
MOST_NAME = 80
_EXTRA = {
    "phone": ("phone", "tel", "telephone", "电话", "联系电话", "服务电话"),
    "closed_until": ("closed_until", "停业至", "暂停至"),
    "list": ("list", "名单", "名单类型"),
    "plate": ("plate", "车牌", "车牌号", "号牌"),
    "why": ("why", "reason", "事由", "原因"),
    "until": ("until", "有效期", "有效期至", "截止"),
}


@dataclass
class Table:
    """What a file holds: a header, and its rows as a person counts them."""

    head: list[str]
    rows: list[tuple[int, list[Any]]]


@dataclass
class Trial:
    """What becomes of a file.

    Attributes:
        table: The file.
        used: The field of each column; None for one that is not used.
        wanted: What fits, row by row.
        faults: Why rows do not fit, by row.
        same: Rows that change nothing.
        plates: Plates in clear of new entries of lists, by key.
    """

    table: Table
    used: list[str | None]
    wanted: list[tuple[int, Item | None, list[Wanted]]] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    same: int = 0
    plates: dict[str, str] = field(default_factory=dict)


def try_import(
    desk: SettingsDesk, topic: str, name: str, body: bytes, words: Words
) -> dict[str, Any]:
    """Return what a file would change, and which rows it would not, without changing anything.

    Raises:
        SourceError: It is no file of this topic; says why.
    """
    revision = desk.book.revision()
    trial = read_trial(desk, topic, name, body)
    return {**_tell(desk, topic, name, trial, words), "revision": revision, "dry_run": True}


def apply_import(
    desk: SettingsDesk, who: str, topic: str, name: str, body: bytes, words: Words, revision: int
) -> dict[str, Any]:
    """Take in the rows of a file that fit, as one edit; return what became of it.

    Raises:
        SourceError: It is no file of this topic.
        EditedError: Something of it was edited since the dry run.
        EditError: Nothing would change.
    """
    trial = read_trial(desk, topic, name, body)
    wanted = [one for _, _, some in trial.wanted for one in some]
    reason = f"{_short(name)} · {len(trial.wanted)}/{len(trial.table.rows)}"
    made = desk.take_import(who, wanted, revision, reason=reason, plates=trial.plates)
    return {**_tell(desk, topic, name, trial, words), "edit": made.number, "dry_run": False}


def rejected_rows(
    desk: SettingsDesk, topic: str, name: str, body: bytes, words: Words
) -> tuple[list[str], list[list[Any]]]:
    """Return the rows that do not fit as a table: number, reasons, and their cells as sent."""
    trial = read_trial(desk, topic, name, body)
    head = [words("settings.import.row"), words("settings.import.why"), *trial.table.head]
    cells = dict(trial.table.rows)
    rows = [
        [row, "; ".join(_say(words, fault) for fault in faults), *map(_plain, cells[row])]
        for row, faults in sorted(trial.faults.items())
    ]
    return head, rows


def read_trial(desk: SettingsDesk, name: str, file: str, body: bytes) -> Trial:
    """Return what becomes of each row of a file.

    Raises:
        SourceError: It is no file of this topic.
    """
    if name not in IMPORTED:
        raise SourceError(f"{name[:40]!r} takes no file; use {', '.join(IMPORTED)}.")
    topic = desk.topic(name)
    table = read_table(body, _short(file), lambda head: _fit(name, head) > 0)
    used = _columns(name, table.head)
    _ensure_usable(name, table, used)
    trial = Trial(table, used)
    (_try_lists if name == "lists" else _try_rows)(desk, topic, trial)
    return trial


def read_table(body: bytes, file: str, is_head: Callable[[list[str]], bool]) -> Table:
    """Return a file's first fitting table.

    Args:
        body: CSV, XLSX, GeoPackage or GeoJSON.
        file: Its name, for people.
        is_head: Says whether a line names columns of the topic.

    Raises:
        SourceError: It is none of them, or has too many rows.
    """
    if not body.strip():
        raise SourceError(f"{file} is empty.")
    form = _form(body, file)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{form}"
        path.write_bytes(body)
        if form in ("csv", "xlsx"):
            sheets = read_sheets(path, "Excel" if form == "xlsx" else "CSV", file=file)
            tables = [_cut(rows, is_head) for rows in sheets.values()]
        else:
            read = read_geopackage if form == "gpkg" else read_geojson
            tables = [_of_frame(raw.gdf) for raw in read(path, file=file)]
    found = next((one for one in tables if one is not None and is_head(one.head)), None)
    if found is None:
        raise SourceError(
            f"{file} has no line of headers that is known; see the template for their names."
        )
    if not found.rows:
        raise SourceError(f"{file} has a header, but no line below it.")
    if len(found.rows) > MOST_ROWS:
        raise SourceError(
            f"{file} has {len(found.rows):,} rows; {MOST_ROWS:,} are taken at a time: split it."
        )
    return found


def template(name: str, words: Words) -> list[str]:
    """Return the header of a file of a topic, in the words of a language."""
    fields = _fields(name)
    first = [] if name == "lists" else [words("settings.field.id")]
    return [*first, *(say_field(words, one.name) for one in fields)]


def _try_rows(desk: SettingsDesk, topic: Topic, trial: Trial) -> None:
    items = topic.items()
    present = desk.book.present(topic.name)
    by_name: dict[str, list[Item]] = {}
    for item in items.values():
        by_name.setdefault(item.name, []).append(item)
    done: set[str] = set()
    for row, cells in trial.table.rows:
        given = _given(topic.name, trial.used, cells)
        try:
            item = _find(items, by_name, given, in_file="id" in trial.used)
            if item.key in done:
                raise FaultsError([Fault("id", "double", {"got": item.key})])
            done.add(item.key)
            given.pop("id", None)
            if "name" not in item.fields or "id" not in trial.used:
                given.pop("name", None)
            wanted = desk.wish(topic, item, given, present=present.get(item.key, {}))
        except FaultsError as error:
            trial.faults[row] = error.faults
            continue
        holds = {**item.base, **present.get(item.key, {})}
        differing = [one for one in wanted if holds.get(one.field) != one.new]
        if differing:
            trial.wanted.append((row, item, differing))
        else:
            trial.same += 1


def _try_lists(desk: SettingsDesk, topic: Topic, trial: Trial) -> None:
    held = {(item.group, plate) for item in topic.items().values()
            if (plate := desk.lists.plates().get(item.key))}  # fmt: skip
    for row, cells in trial.table.rows:
        given = _given(topic.name, trial.used, cells)
        try:
            key, plate, wanted = desk.wish_listed(given, held=held)
        except FaultsError as error:
            trial.faults[row] = error.faults
            continue
        held.add((next(one.new for one in wanted if one.field == "list"), plate))
        trial.plates[key] = plate
        trial.wanted.append((row, None, wanted))


def _find(
    items: dict[str, Item], by_name: dict[str, list[Item]], given: dict[str, Any], *, in_file: bool
) -> Item:
    """Return the thing that a row is about: by its id, or else by its name.

    Raises:
        FaultsError: There is none, or more than one.
    """
    if in_file:
        key = str(given.get("id") or "")
        if not key:
            raise FaultsError([Fault("id", "required")])
        if key not in items:
            raise FaultsError([Fault("id", "missing", {"got": key[:60]})])
        return items[key]
    name = str(given.get("name") or "")
    found = by_name.get(name, [])
    if not found:
        raise FaultsError([Fault("name", "missing", {"got": name[:60]})])
    if len(found) > 1:
        raise FaultsError([Fault("name", "many", {"got": name[:60], "most": len(found)})])
    return found[0]


def _given(topic: str, used: list[str | None], cells: Sequence[Any]) -> dict[str, Any]:
    """Return what a row says, in the product's own codes; empty cells say nothing."""
    given: dict[str, Any] = {}
    for name, cell in zip(used, cells, strict=False):
        text = _plain(cell)
        if name is None or text == "":
            continue
        if text == CLEARED:
            given[name] = None
            continue
        known = _values(topic, name)
        given[name] = known.get(str(text).strip(), text) if known else text
    return given


def _plain(cell: Any) -> Any:
    if cell is None or (not isinstance(cell, str) and pd.isna(cell)):
        return ""
    if isinstance(cell, str):
        text = cell.strip()
        return text[1:] if text[:1] == "'" else text
    if hasattr(cell, "isoformat"):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell.item() if hasattr(cell, "item") else cell


def _form(body: bytes, file: str) -> str:
    if body[:16].startswith(b"SQLite format 3"):
        return "gpkg"
    if body[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                size = sum(one.file_size for one in packed.infolist())
        except zipfile.BadZipFile as error:
            raise SourceError(f"{file} is damaged ({error}). Save it again as .xlsx.") from error
        if size > MOST_UNPACKED:
            raise SourceError(f"{file} unpacks to {size:,} bytes; {MOST_UNPACKED:,} at most.")
        return "xlsx"
    return "geojson" if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else "csv"


def _cut(rows: list[tuple[int, list[Any]]], is_head: Callable[[list[str]], bool]) -> Table | None:
    """Return the table below the first line of known headers, among the first ten."""
    filled = [(line, cells) for line, cells in rows if any(_plain(cell) != "" for cell in cells)]
    for start, (_, cells) in enumerate(filled[:10]):
        head = [str(_plain(cell)) for cell in cells]
        if is_head(head):
            return Table(head, filled[start + 1 :])
    return None


def _of_frame(gdf: Any) -> Table:
    plain = pd.DataFrame(gdf.drop(columns=["geometry", FAULT, MENDED], errors="ignore"))
    lines = plain.pop(ROW).tolist()
    plain = plain.astype("object").where(plain.notna(), None)
    return Table([str(one) for one in plain.columns],
                 list(zip(map(int, lines), plain.to_numpy().tolist(), strict=True)))  # fmt: skip


def _columns(topic: str, head: list[str]) -> list[str | None]:
    """Return the field of each column, each field once."""
    known, taken = _headings(topic), set[str]()
    used: list[str | None] = []
    for cell in head:
        name = known.get(headers.header_key(cell))
        used.append(name if name is not None and name not in taken else None)
        taken.add(name or "")
    return used


def _fit(topic: str, head: list[str]) -> int:
    """Return how many columns are known, 0 where what a row is about is not."""
    found = {name for name in _columns(topic, head) if name}
    needed = {"plate"} if topic == "lists" else {"id", "name"}
    return len(found) if found & needed else 0


def _ensure_usable(topic: str, table: Table, used: list[str | None]) -> None:
    names = {one.name for one in _fields(topic)}
    rest = {name for name in used if name} - {"id"}
    if not rest & names or (topic != "lists" and rest <= {"name"} and "id" not in used):
        shown = ", ".join(one for one in table.head if one)[:200]
        raise SourceError(
            f"There is no column to change (it has: {shown}); use {', '.join(sorted(names))}."
        )


@cache
def _headings(topic: str) -> dict[str, str]:
    """Return the field of each known header, by its plain form."""
    layer = {"services": "services", "homes": "buildings"}.get(topic, "")
    names = {one.name for one in _fields(topic)} | ({"id", "name"} if topic != "lists" else set())
    found: dict[str, str] = {}
    tables = [headers.COMMON if topic != "lists" else {}, headers.COLUMNS.get(layer, {}), _EXTRA]
    for table in tables:
        for name, spellings in table.items():
            if name in names:
                for word in spellings:
                    found.setdefault(headers.header_key(word), name)
    for language in LANGUAGES:
        words = load_words(language)
        for name in names:
            found[headers.header_key(words(f"settings.field.{name}"))] = name
    return found | {headers.header_key(name): name for name in names}


@cache
def _values(topic: str, name: str) -> dict[str, str]:
    """Return the codes of a choice by their words in both languages."""
    one = next((each for each in _fields(topic) if each.name == name), None)
    if one is None or one.kind != "choice":
        return {}
    return {
        load_words(language)(f"{one.words}.{code}"): code
        for language in LANGUAGES
        for code in one.values
    }


def _fields(topic: str) -> tuple[Field, ...]:
    from dashboard.editing.places import HOME_FIELDS, SERVICE_FIELDS
    from dashboard.editing.rules import PlateLists

    every = {"services": SERVICE_FIELDS, "homes": HOME_FIELDS,
             "lists": tuple(PlateLists.fields.values())}  # fmt: skip
    return every[topic]


def _tell(desk: SettingsDesk, topic: str, name: str, trial: Trial, words: Words) -> dict[str, Any]:
    secret = desk.topic(topic).secret
    present = desk.book.present(topic)
    changes: list[dict[str, Any]] = []
    for row, item, wanted in trial.wanted:
        for one in wanted:
            if len(changes) >= TOLD:
                break
            old = present.get(one.key, {}).get(one.field, one.base) if item is not None else None
            hidden = one.field in secret
            shown = item.name if item is not None else words("settings.import.new")
            changes.append(
                {
                    "row": row, "key": one.key, "name": say_name(words, shown),
                    "field": one.field, "old": few(old) if hidden else old,
                    "new": few(one.new) if hidden else one.new,
                }
            )  # fmt: skip
    faults = [
        {"row": row, "field": fault.field, "why": fault.why, "said": _say(words, fault),
         "error": fault.say()}
        for row, some in sorted(trial.faults.items()) for fault in some
    ]  # fmt: skip
    return {
        "topic": topic,
        "name": _short(name),
        "rows": len(trial.table.rows),
        "changed": len(trial.wanted),
        "same": trial.same,
        "rejected": len(trial.faults),
        "changes": changes,
        "faults": faults[:TOLD],
        "used": [one for one in trial.used if one],
        "ignored": [
            head for head, one in zip(trial.table.head, trial.used, strict=False)
            if one is None and head
        ],
    }  # fmt: skip


def _say(words: Words, fault: Fault) -> str:
    told = {name: say_value(words, value) for name, value in fault.told.items()}
    text = words(f"settings.fault.{fault.why}", **told)
    return f"{say_field(words, fault.field)}{words('settings.colon')}{text}"


def _short(name: str) -> str:
    text = "".join(char for char in name if char.isprintable()).replace("\\", "/")
    return text.rsplit("/", 1)[-1][:MOST_NAME] or "table"
