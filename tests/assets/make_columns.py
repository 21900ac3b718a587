"""Makes the fixtures of the column format: `python -m tests.assets.make_columns`.

Each `tests/fixtures/wire/NAME.bin` is a table as `layers.columns` writes it; `columns.json` says
what must be read from them. The same files feed the tests of Python and of the browser.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from layers.columns import ColumnTable, encode_table

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "wire"

TABLES = {
    "columns-every-type": ColumnTable(
        "devices",
        3,
        {
            "f32": np.array([[0.5, -1.25], [2, 3], [1e10, -0.0]], np.float32),
            "f64": np.array([119.296512345678, 26.084312345678, 1e-300]),
            "u32": np.array([0, 1, 2**32 - 1], np.uint32),
            "i32": np.array([-(2**31), 0, 2**31 - 1], np.int32),
            "u16": np.array([0, 65535], np.uint16),
            "i16": np.array([-32768, 32767], np.int16),
            "u8": np.array([[1, 2, 3, 255]], np.uint8),
        },
        {"ids": ["a", "一单元", "c"], "names": ["", "门", 'quote "'], "origin": [119.3, 26.08]},
    ),
    "columns-odd-lengths": ColumnTable(
        "x",
        1,
        {
            "one": np.array([7], np.uint8),
            "three": np.array([1, 2, 3], np.uint8),
            "after": np.array([0.125], np.float64),
            "five": np.array([1, 2, 3, 4, 5], np.uint16),
            "last": np.array([-1], np.int32),
        },
        {"ids": ["only"]},
    ),
    "columns-empty": ColumnTable(
        "buildings",
        0,
        {"positions": np.zeros((0, 3), np.float32), "starts": np.zeros(1, np.uint32)},
        {"ids": []},
    ),
}


def describe(table: ColumnTable) -> dict[str, Any]:
    """Return what a reader must find; numbers that JSON writes exactly."""
    return {
        "layer": table.layer,
        "length": table.length,
        "columns": {name: array.ravel().tolist() for name, array in table.columns.items()},
        "meta": table.meta,
    }


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        (FOLDER / f"{name}.bin").write_bytes(encode_table(table))
    described = {name: describe(table) for name, table in TABLES.items()}
    text = json.dumps(described, ensure_ascii=False, indent=1)
    (FOLDER / "columns.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
