"""Tables of orders: CSV and XLSX out and in, so that hand-kept registers can go."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

from live.orders.order import Order, OrderError, open_order

COLUMNS = {
    "id": "编号", "state": "状态", "kind": "类别", "level": "时限级别", "title": "事项",
    "source": "来源", "incident": "警情", "grid": "网格", "layer": "对象图层", "place": "对象",
    "supplier": "承办", "supplier_kind": "承办性质", "opened_at": "受理时间", "due": "办结期限",
    "progress": "进度", "done_at": "办结时间", "rating": "评价", "praised": "优秀案例",
    "reopened": "重办次数",
}  # fmt: skip
"""Columns of a table, and what they are called in Chinese; both are read."""
IN = ("kind", "level", "title", "source", "incident", "grid", "layer", "place", "supplier",
      "supplier_kind")  # fmt: skip
SPOKEN = {"state": "order_state", "kind": "order", "level": "order_level",
          "source": "order_source", "supplier_kind": "supplier_kind"}  # fmt: skip
"""Columns whose values have words, and how the keys of these begin."""
Meant = Mapping[str, Mapping[str, str]]
MOST_ROWS = 10_000
_TIMES = ("opened_at", "due", "done_at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a table asks for.

    Attributes:
        rows: What becomes an order each, checked.
        faults: The number and fault of each row that does not fit.
    """

    rows: list[dict[str, Any]]
    faults: list[tuple[int, OrderError]]


def write_csv(
    orders: Iterable[Order], zone: ZoneInfo, spoken: Mapping[str, str] | None = None
) -> bytes:
    """Return orders as CSV in UTF-8 with a mark, which spreadsheets want.

    Args:
        orders: Which.
        zone: The community's clock.
        spoken: Words for headings and values; without, the names that programs use.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_head(spoken))
    writer.writerows([_guard(cell) for cell in row] for row in _to_rows(orders, zone, spoken))
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(
    orders: Iterable[Order], zone: ZoneInfo, spoken: Mapping[str, str] | None = None
) -> bytes:
    """Return orders as a workbook of one sheet; see `write_csv`."""
    import openpyxl  # slow to load

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("orders")
    sheet.append(_head(spoken))
    for row in _to_rows(orders, zone, spoken):
        sheet.append([_guard(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_table(body: bytes, meant: Meant | None = None) -> list[dict[str, Any]]:
    """Return the new orders that a CSV or XLSX table asks for, each checked.

    Raises:
        OrderError: It is no table, or some rows do not fit; names every row.
    """
    sheet = read_sheet(body, meant)
    if sheet.faults:
        told = [f"row {number}: {error}" for number, error in sheet.faults[:10]]
        more = f"; and {len(sheet.faults) - 10} more" if len(sheet.faults) > 10 else ""
        raise OrderError("; ".join(told) + more)
    return sheet.rows


def read_sheet(body: bytes, meant: Meant | None = None) -> Sheet:
    """Return what a CSV or XLSX table asks for, the rows that do not fit apart.

    Args:
        body: The file.
        meant: By column, words of its values -> their names; by "" those of the headings.

    Raises:
        OrderError: It is no table.
    """
    rows = _read_xlsx(body) if body[:2] == b"PK" else _read_csv(body)
    if not rows:
        raise OrderError("the table is empty; its first row names the columns")
    known = {word: name for name, word in COLUMNS.items()} | {name: name for name in COLUMNS}
    meant = meant or {}
    names = {**meant.get("", {}), **known}
    head = [names.get(str(cell or "").strip()) for cell in rows[0]]
    missing = [name for name in ("kind", "title") if name not in head]
    if missing:
        raise OrderError(f"the table has no column {' and '.join(missing)}")
    if len(rows) - 1 > MOST_ROWS:
        raise OrderError(f"the table has {len(rows) - 1:,} rows; send {MOST_ROWS:,} at a time")
    sheet = Sheet([], [])
    for number, row in enumerate(rows[1:], 2):
        cells = [_unguard(str(cell).strip()) if cell is not None else "" for cell in row]
        if not any(cells):
            continue
        one = {n: c for n, c in zip(head, cells, strict=False) if n in IN and c}
        for name in SPOKEN:
            if name in one:
                one[name] = meant.get(name, {}).get(one[name], one[name])
        try:
            open_order(one, 0.0)
        except OrderError as error:
            sheet.faults.append((number, error))
        else:
            sheet.rows.append(one)
    return sheet


def _head(spoken: Mapping[str, str] | None) -> list[str]:
    return [(spoken or {}).get(f"order_field.{name}", name) for name in COLUMNS]


def _to_rows(
    orders: Iterable[Order], zone: ZoneInfo, spoken: Mapping[str, str] | None
) -> Iterable[list[Any]]:
    for one in orders:
        row = one.to_json()
        for name in _TIMES:
            if row[name] is not None:
                at = datetime.fromtimestamp(row[name], UTC).astimezone(zone)
                row[name] = at.strftime("%Y-%m-%d %H:%M:%S")
        row["praised"] = int(row["praised"])
        if spoken is not None:
            for name, begins in SPOKEN.items():
                row[name] = spoken.get(f"{begins}.{row[name]}", row[name])
        yield ["" if row[name] is None else row[name] for name in COLUMNS]


def _guard(cell: Any) -> Any:
    """Keep a spreadsheet from running what somebody typed as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith((*_FORMULA, "'")) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" else cell


def _read_csv(body: bytes) -> list[list[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(body.decode(encoding)), strict=True))
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise OrderError(f"the table is no CSV: {error}") from error
    raise OrderError("the table is neither XLSX, nor CSV in UTF-8 or GB 18030")


def _read_xlsx(body: bytes) -> list[list[Any]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [list(row) for row in sheet.iter_rows(max_row=MOST_ROWS + 2, values_only=True)]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as error:
        raise OrderError(f"the table is no XLSX: {error}") from error
