"""Columnar tables and their wire form: what a browser gets once and keeps.

Wire form, little endian, version 1:

    bytes 0-3   "TWIN"
    bytes 4-7   uint32 version (1)
    bytes 8-11  uint32 length of the JSON header, space-padded so that the body is 8-aligned
    header      {"layer","length","columns":[{"name","type","size","offset","count"}],"meta"}
    body        the columns one after another, each 8-aligned; offset from the start of the body

`type` is a JavaScript typed array without "Array" (Float32, Uint32, Uint8, ...); `size` is the
number of values a row, vertex or index; `count` the number of values in all. `meta` is any JSON:
ids, names, origin. Twin of `assets/twin/columns.mjs`; fixtures in `tests/fixtures/wire`.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"TWIN"
VERSION = 1
_HEAD = struct.Struct("<4sII")

TYPES: dict[str, str] = {
    "float32": "Float32",
    "float64": "Float64",
    "uint32": "Uint32",
    "int32": "Int32",
    "uint16": "Uint16",
    "int16": "Int16",
    "uint8": "Uint8",
}
_DTYPES = {name: dtype for dtype, name in TYPES.items()}

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class ColumnTable:
    """Flat arrays under names.

    Attributes:
        layer: Layer id.
        length: Rows a person can point at (buildings, not vertices).
        columns: Arrays of shape (n,) or (n, size); n need not be `length` (vertices, indices).
        meta: JSON values that belong to the whole table, such as `ids` and `origin`.
    """

    layer: str
    length: int
    columns: dict[str, Array] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, array in self.columns.items():
            if array.dtype.name not in TYPES:
                raise TypeError(f"column {name!r} is {array.dtype}; use one of {', '.join(TYPES)}")
            if array.ndim not in (1, 2):
                raise ValueError(f"column {name!r} has {array.ndim} dimensions; expected 1 or 2")
        ids = self.meta.get("ids")
        if ids is not None and len(ids) != self.length:
            raise ValueError(f"layer {self.layer!r}: {len(ids)} ids for {self.length} rows")


def _aligned(offset: int) -> int:
    return (offset + 7) // 8 * 8


def encode_table(table: ColumnTable) -> bytes:
    """Return the wire form of a table."""
    specs: list[dict[str, Any]] = []
    body = bytearray()
    for name, array in table.columns.items():
        body.extend(b"\0" * (_aligned(len(body)) - len(body)))
        size = array.shape[1] if array.ndim == 2 else 1
        specs.append(
            {
                "name": name,
                "type": TYPES[array.dtype.name],
                "size": size,
                "offset": len(body),
                "count": int(array.size),
            }
        )
        body.extend(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())
    header = json.dumps(
        {"layer": table.layer, "length": table.length, "columns": specs, "meta": table.meta},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    header += b" " * (_aligned(_HEAD.size + len(header)) - _HEAD.size - len(header))
    return _HEAD.pack(MAGIC, VERSION, len(header)) + header + bytes(body)


def decode_table(data: bytes) -> ColumnTable:
    """Return the table of a wire form.

    Raises:
        ValueError: The bytes are not a table, or of another version.
    """
    if len(data) < _HEAD.size:
        raise ValueError(f"{len(data)} bytes are too few for a table")
    magic, version, header_length = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise ValueError(f"got {magic!r} where {MAGIC!r} was expected")
    if version != VERSION:
        raise ValueError(f"got a v{version} table when expected v{VERSION}")
    start = _HEAD.size + header_length
    header = json.loads(data[_HEAD.size : start])
    columns: dict[str, Array] = {}
    for spec in header["columns"]:
        array: Array = np.frombuffer(
            data, dtype=_DTYPES[spec["type"]], count=spec["count"], offset=start + spec["offset"]
        )
        columns[spec["name"]] = array.reshape(-1, spec["size"]) if spec["size"] > 1 else array
    return ColumnTable(header["layer"], header["length"], columns, header["meta"])
